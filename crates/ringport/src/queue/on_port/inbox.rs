//! What many threads post for the one of them that works for all, in the order of posting.
//!
//! ```text
//!   positions   [ 4:plain | 5:deferred | 6:(being put in) | 7:plain ]
//!                                        ▲                 committed: what was deferred before it is due
//!                                        the collector stops here until it is there
//! ```
//!
//! A place that was taken and is not filled yet hides what lies behind it. So everybody calls for the work after
//! filling a place, also where nothing of theirs is due; and a commit is a position, not a mark that the next to
//! collect would take off although what it was meant for is hidden.

use super::relay::Relay;
use crate::memory::atomic::{Arc, AtomicUsize, Ordering};
use crate::memory::{Reader, Ring, ring};

/// See the module: the side that is written to.
pub(crate) struct Inbox<T> {
    ring: Arc<Ring<T>>,
    committed: AtomicUsize,
    relay: Relay,
}

/// The side that whoever works takes from.
pub(crate) struct Collector<T>(Reader<T>);

impl<T> Inbox<T> {
    /// Makes one for `capacity` values or more.
    pub(crate) fn new(capacity: usize) -> (Inbox<T>, Collector<T>) {
        let (ring, reader) = ring(capacity);
        let inbox = Inbox { ring, committed: AtomicUsize::new(0), relay: Relay::new() };
        (inbox, Collector(reader))
    }

    /// How many values it can hold.
    pub(crate) fn capacity(&self) -> usize {
        self.ring.capacity()
    }

    /// Puts a value in, and has the work done; false when there is no room.
    #[inline]
    pub(crate) fn post(&self, value: T, work: impl FnMut()) -> bool {
        let posted = self.ring.push(value).is_ok();
        self.relay.call(work);
        posted
    }

    /// What was deferred so far is due; has the work done.
    pub(crate) fn commit(&self, work: impl FnMut()) {
        // Others may still be filling places before this one; what this thread has posted is there.
        self.committed.fetch_max(self.ring.end(), Ordering::AcqRel);
        self.relay.call(work);
    }
}

impl<T> Collector<T> {
    /// Takes out what is there; `take` says whether it is deferred. `deferred` counts how many of the last that
    /// were taken, now and before, are not due yet.
    #[inline]
    pub(crate) fn collect(
        &mut self,
        inbox: &Inbox<T>,
        deferred: &mut usize,
        mut take: impl FnMut(T) -> bool,
    ) {
        while let Some(value) = self.0.pop() {
            *deferred = if take(value) { *deferred + 1 } else { 0 };
        }
        // They lie at the last positions, one at each.
        let after = self.0.position().saturating_sub(inbox.committed.load(Ordering::Acquire));
        *deferred = (*deferred).min(after);
    }
}
