//! The connections, by number.
//!
//! ```text
//!   id  [ generation : 32 | slot : 32 ]     a packet that is late finds its slot in another generation
//! ```
//!
//! Each has a lock of its own. The completions of a connection come to one thread at a time anyway, since they come
//! through one queue; it is for the packets of files, and for the looks at the time, that any thread may have.

use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use crate::connection::Connection;

/// See the module.
#[derive(Debug)]
pub(crate) struct Table {
    slots: Box<[Mutex<Slot>]>,
}

/// A place for a connection.
#[derive(Debug, Default)]
pub(crate) struct Slot {
    generation: u32,
    pub(crate) connection: Option<Connection>,
}

impl Slot {
    /// The id of the connection that is or will be here.
    pub(crate) fn id(&self, slot: u32) -> u64 {
        u64::from(self.generation) << 32 | u64::from(slot)
    }

    /// The connection is gone, and its id means nothing any more.
    pub(crate) fn vacate(&mut self) {
        self.connection = None;
        self.generation = self.generation.wrapping_add(1);
    }
}

/// The slot of an id.
pub(crate) fn slot_of(id: u64) -> u32 {
    id as u32
}

impl Table {
    pub(crate) fn new(connections: u32) -> Table {
        Table { slots: (0..connections).map(|_| Mutex::default()).collect() }
    }

    pub(crate) fn len(&self) -> u32 {
        self.slots.len() as u32
    }

    /// The slot of this number.
    pub(crate) fn slot(&self, slot: u32) -> Option<MutexGuard<'_, Slot>> {
        Some(self.slots.get(slot as usize)?.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The slot of this number, unless somebody is at it.
    pub(crate) fn idle_slot(&self, slot: u32) -> Option<MutexGuard<'_, Slot>> {
        match self.slots.get(slot as usize)?.try_lock() {
            Ok(slot) => Some(slot),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// The slot of this id, if its connection is still there.
    pub(crate) fn find(&self, id: u64) -> Option<MutexGuard<'_, Slot>> {
        let slot = self.slot(slot_of(id))?;
        (slot.id(slot_of(id)) == id && slot.connection.is_some()).then_some(slot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_ends_with_its_connection() {
        let table = Table::new(2);
        let first = table.slot(1).unwrap().id(1);
        table.slot(1).unwrap().vacate();
        let second = table.slot(1).unwrap().id(1);
        assert_ne!(first, second);
        assert_eq!((slot_of(first), slot_of(second)), (1, 1));
        assert!(table.find(first).is_none() && table.find(second).is_none());
        assert!(table.slot(2).is_none());
    }
}
