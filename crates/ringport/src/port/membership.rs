//! Which port the calling thread belongs to.
//!
//! ```text
//!   thread's own variable [ membership ] ── enter ──► in the wait's hands ── put_back ──► [ membership ]
//! ```
//!
//! A wait takes the membership out and puts it back, so that it needs neither a count nor a flag for it.

use std::cell::Cell;
use std::sync::{Arc, Weak};

use super::system::{PortCore, Room, Seat, room};
use crate::backend::sys::thread;

thread_local! {
    #[allow(clippy::missing_const_for_thread_local, reason = "it is: the lint does not see it in the macro of Windows")]
    static MEMBERSHIP: Cell<Option<Membership>> = const { Cell::new(None) };
}

/// The calling thread's place. Dropped, at the end of the thread at the latest, it is free for another.
pub(super) struct Membership {
    /// Weak: a thread does not keep its port. The address stays the port's own while this is kept.
    core: Weak<PortCore>,
    pub(super) seat: Arc<Seat>,
    /// Room for packets on their way to the thread.
    pub(super) room: Room,
}

impl Membership {
    fn is_of(&self, core: &Arc<PortCore>) -> bool {
        self.core.as_ptr() == Arc::as_ptr(core)
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        if let Some(core) = self.core.upgrade() {
            core.leave(&self.seat);
        }
    }
}

/// The calling thread's place at `core`, which it joins if it belonged to none or to another.
#[inline]
pub(super) fn enter(core: &Arc<PortCore>) -> Membership {
    // Where the thread's own variables are gone it is ending, and waits once more from one of their destructors.
    match MEMBERSHIP.try_with(Cell::take) {
        Ok(Some(member)) if member.is_of(core) => member,
        other => {
            let seat = Seat::new(thread::number());
            core.join(&seat);
            drop(other);
            Membership { core: Arc::downgrade(core), seat, room: room() }
        }
    }
}

/// Ends a wait: the thread belongs to the port from now on.
#[inline]
pub(super) fn put_back(member: Membership) {
    // What cannot be kept any more is dropped, and leaves the port.
    let _ = MEMBERSHIP.try_with(|slot| slot.set(Some(member)));
}

/// The calling thread's place at `core`, if it belongs to it.
pub(super) fn seat_at(core: &Arc<PortCore>) -> Option<Arc<Seat>> {
    let look = |slot: &Cell<Option<Membership>>| {
        let member = slot.take();
        let seat = member.as_ref().filter(|member| member.is_of(core)).map(|member| Arc::clone(&member.seat));
        slot.set(member);
        seat
    };
    MEMBERSHIP.try_with(look).ok().flatten()
}
