//! Whose sockets are full: noted by whoever posted, taken up by the pump, which can wait for room.
//!
//! A peer that reads slowly fills its socket again and again, so a note allocates nothing: each request queue has its
//! place from the moment it is made, and one note at a time.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::backend::Turns;

/// See the module. By place in the books.
#[derive(Debug, Default)]
pub(super) struct Full(Mutex<Turns>);

impl Full {
    /// Makes room for the notes of so many request queues.
    pub(super) fn make_room(&self, sides: usize) {
        self.lock().make_room(sides);
    }

    /// What this one has to send did not fit, or comes behind what did not. The pump is to be woken afterwards.
    pub(super) fn note(&self, id: u32) {
        self.lock().add(id);
    }

    /// The one that was noted first.
    pub(super) fn next(&self) -> Option<u32> {
        self.lock().next()
    }

    fn lock(&self) -> MutexGuard<'_, Turns> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
