//! How completions reach the port: they go into the queue, and the right to take them to the port, as a packet.
//!
//! ```text
//!   complete ──► completed
//!      └► fire ─┐ the right lay in the berth
//!         poke ─┼──► claim ──► packet ──► port
//!          arm ─┘ it was brought, and something is there
//! ```
//!
//! How the berth is left and entered without missing a completion is in [`armed`].

use std::sync::atomic::Ordering;

use super::armed;
use super::ready::{Drainer, Ready};
use super::shared::Shared;
use crate::backend::contract::Completion;
use crate::memory::Use;

impl Shared {
    /// Appends completions, for which there is room because it was reserved, and notifies if any of them asks for
    /// it. Those of a closed queue are dropped.
    #[inline]
    pub(super) fn complete(&self, completions: &mut Vec<Completion>) {
        if completions.is_empty() {
            return;
        }
        if self.is_closed() {
            return drop_all(completions);
        }
        self.load.fetch_add(completions.len(), Ordering::Relaxed);
        let kept = self.completed.push_all(completions);
        debug_assert!(kept, "completions have reserved places");
        self.fire();
    }

    /// Sends the packet of an armed queue, if there is a reason.
    #[inline]
    pub(super) fn fire(&self) {
        if let Some(drainer) = armed::fire(&self.berth, &self.completed, || self.is_over()) {
            self.hand_out(drainer);
        }
    }

    /// Sends the packet of an armed queue, whatever there is.
    pub(super) fn poke(&self) {
        if let Some(drainer) = self.berth.take() {
            self.hand_out(drainer);
        }
    }

    /// Arms the queue with the right, or sends it on.
    pub(super) fn arm(&self, drainer: Box<Drainer>) {
        match armed::arm(&self.berth, &self.completed, || self.is_over(), drainer) {
            Some(drainer) => self.hand_out(drainer),
            None => self.note_armed(),
        }
    }

    /// Whether the right is wanted, whatever is in the queue.
    pub(super) fn is_over(&self) -> bool {
        self.is_closed() || self.owed.load(Ordering::Acquire)
    }

    fn hand_out(&self, drainer: Box<Drainer>) {
        if let Some(ready) = self.claim(drainer)
            && let Err(ready) = self.target.deliver(ready)
        {
            // The port is closed: nobody will ever take it.
            ready.forfeit();
        }
    }

    /// Makes a packet of the right, unless the queue is closed.
    pub(super) fn claim(&self, drainer: Box<Drainer>) -> Option<Ready> {
        if self.is_closed() {
            drainer.discard();
            return None;
        }
        self.owed.store(false, Ordering::Relaxed);
        self.packets.fetch_add(1, Ordering::Relaxed);
        Some(Ready::new(drainer))
    }

    /// Puts the right where the end of the queue finds it.
    pub(super) fn lay_down(&self, drainer: Box<Drainer>) {
        drop(self.berth.put(drainer));
        if self.is_closed() {
            self.close();
        }
    }

    /// After `closed` was set: takes the right out of the berth, and drops what is in the queue.
    pub(super) fn close(&self) {
        if let Some(drainer) = self.berth.take() {
            drainer.discard();
        }
    }
}

/// Drops completions that nobody is to see; their slices return to their pools.
fn drop_all(completions: &mut Vec<Completion>) {
    for completion in completions.drain(..) {
        if !completion.operation.is_inward() {
            completion.payload.mark(Use::Held);
        }
    }
}
