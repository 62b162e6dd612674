//! Which port the calling thread belongs to.

use std::cell::RefCell;
use std::sync::{Arc, Weak};

use super::packet::Packet;
use super::port::PortCore;
use super::seat::Seat;
use crate::backend::sys::thread;

thread_local! {
    static MEMBERSHIP: RefCell<Option<Membership>> = const { RefCell::new(None) };
}

/// The calling thread's place. Dropped, at the end of the thread at the latest, it is free for another.
struct Membership {
    /// Weak: a thread does not keep its port. The address stays the port's own while this is kept.
    core: Weak<PortCore>,
    seat: Arc<Seat<Packet>>,
    /// Packets that polling made, on their way to the queue.
    made: Vec<Packet>,
}

/// A thread's place, for one wait.
pub(super) struct Place {
    pub(super) seat: Arc<Seat<Packet>>,
    pub(super) made: Vec<Packet>,
    /// For this wait only: nobody would free it later.
    pub(super) passing: bool,
}

impl Drop for Membership {
    fn drop(&mut self) {
        if let Some(core) = self.core.upgrade() {
            core.leave(&self.seat);
        }
    }
}

/// The calling thread's place at `core`, which it joins if it belonged to none or to another.
pub(super) fn enter(core: &Arc<PortCore>) -> Place {
    let joined = |_| {
        // The thread's own variables are gone: it is ending, and waits once more from one of their destructors.
        let seat = Seat::new(thread::number());
        core.join(&seat);
        Place { seat, made: Vec::new(), passing: true }
    };
    MEMBERSHIP.try_with(|slot| enter_slot(core, slot)).unwrap_or_else(joined)
}

fn enter_slot(core: &Arc<PortCore>, slot: &RefCell<Option<Membership>>) -> Place {
    let mut slot = slot.borrow_mut();
    if let Some(member) = slot.as_mut().filter(|member| member.core.as_ptr() == Arc::as_ptr(core)) {
        return Place {
            seat: Arc::clone(&member.seat),
            made: std::mem::take(&mut member.made),
            passing: false,
        };
    }
    let seat = Seat::new(thread::number());
    core.join(&seat);
    let left =
        slot.replace(Membership { core: Arc::downgrade(core), seat: Arc::clone(&seat), made: Vec::new() });
    drop(slot);
    drop(left);
    Place { seat, made: Vec::new(), passing: false }
}

/// Puts the memory of a wait back for the next.
pub(super) fn put_back(made: Vec<Packet>) {
    let _ = MEMBERSHIP.try_with(|slot| {
        if let Some(member) = slot.borrow_mut().as_mut() {
            member.made = made;
        }
    });
}

/// The calling thread's place at `core`, if it belongs to it.
pub(super) fn seat_at(core: &Arc<PortCore>) -> Option<Arc<Seat<Packet>>> {
    MEMBERSHIP
        .try_with(|slot| {
            let slot = slot.borrow();
            let member = slot.as_ref().filter(|member| member.core.as_ptr() == Arc::as_ptr(core))?;
            Some(Arc::clone(&member.seat))
        })
        .ok()
        .flatten()
}
