//! Submitting what was deferred, from the queue's thread or another.

use super::Requests;
use crate::World;

/// What another thread may commit with.
pub(crate) struct Committer {
    world: World,
    inner: ringport::Committer,
}

impl Requests {
    pub(crate) fn commit(&self) {
        let (sends, limit) = (self.inner.outstanding().sends, self.inner.limits().sends);
        if sends == 0 {
            self.world.note("idle commits", 1);
        }
        let ignored = if sends == limit {
            self.world.breaks("registered_io::pitfalls::a_commit_works_on_a_full_queue")
        } else {
            // Of one alone it is another row that would fail.
            sends > 1 && self.world.breaks("registered_io::flags::a_commit_submits_what_was_deferred")
        };
        if !ignored {
            self.inner.commit();
        }
    }

    pub(crate) fn committer(&self) -> Committer {
        Committer { world: self.world.clone(), inner: self.inner.committer().unwrap() }
    }
}

impl Committer {
    pub(crate) fn commit(&self) {
        if !self.world.breaks("registered_io::flags::another_thread_may_commit") {
            self.inner.commit();
        }
    }
}
