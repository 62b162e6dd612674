//! The connections of a thread, or of all threads of a port, by number.
//!
//! ```text
//!   context of a completion [ generation | index ] ──► slots[index]: locked, generation the same? ──► the connection
//! ```
//!
//! A place that was given up gets a new generation, so what completes late for the old connection finds nobody. The
//! lock is taken by one thread at a time as a rule: a connection has one receive posted.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// See the module.
pub(super) struct Table<T> {
    slots: Box<[Mutex<Slot<T>>]>,
    free: Mutex<Free>,
    len: AtomicUsize,
}

struct Slot<T> {
    generation: u32,
    value: Option<Box<T>>,
}

/// Numbers to give out: those that were used before first, for their memory is warm.
struct Free {
    used: Vec<u32>,
    next: u32,
}

impl<T> Table<T> {
    /// A table of so many places.
    pub(super) fn new(places: usize) -> Table<T> {
        let slot = |_| Mutex::new(Slot { generation: 0, value: None });
        Table {
            slots: (0..places).map(slot).collect(),
            free: Mutex::new(Free { used: Vec::new(), next: 0 }),
            len: AtomicUsize::new(0),
        }
    }

    /// How many places there are.
    pub(super) fn places(&self) -> usize {
        self.slots.len()
    }

    /// How many are taken.
    pub(super) fn len(&self) -> usize {
        self.len.load(Ordering::Relaxed)
    }

    fn slot(&self, index: u32) -> Option<MutexGuard<'_, Slot<T>>> {
        Some(self.slots.get(index as usize)?.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes a place and fills it with what `make` makes of its index and generation; nobody finds it before it is
    /// there. `None` when the table is full, or `make` made nothing.
    pub(super) fn insert(&self, make: impl FnOnce(u32, u32) -> Option<T>) -> Option<u32> {
        let index = self.free().take(self.slots.len())?;
        let mut slot = self.slot(index)?;
        slot.generation = slot.generation.wrapping_add(1);
        let Some(value) = make(index, slot.generation) else {
            drop(slot);
            self.free().used.push(index);
            return None;
        };
        slot.value = Some(Box::new(value));
        self.len.fetch_add(1, Ordering::Relaxed);
        Some(index)
    }

    /// Looks after the connection of this index, if it is of this generation; of any without one.
    #[inline]
    pub(super) fn with<R>(
        &self,
        index: u32,
        generation: Option<u32>,
        run: impl FnOnce(&mut T) -> R,
    ) -> Option<R> {
        let mut slot = self.slot(index)?;
        if generation.is_some_and(|generation| generation != slot.generation) {
            return None;
        }
        slot.value.as_mut().map(|value| run(value))
    }

    /// Takes a connection out, if it is the one that is meant. Its place is not given out before it is
    /// [vacated](Table::vacate), so that what else is known by its number can be put away.
    pub(super) fn take(&self, index: u32, generation: u32) -> Option<Box<T>> {
        let mut slot = self.slot(index)?;
        if generation != slot.generation {
            return None;
        }
        slot.value.take()
    }

    /// The place of a connection that was taken out is free.
    pub(super) fn vacate(&self, index: u32) {
        self.free().used.push(index);
        self.len.fetch_sub(1, Ordering::Relaxed);
    }

    fn free(&self) -> MutexGuard<'_, Free> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Free {
    fn take(&mut self, places: usize) -> Option<u32> {
        if let Some(index) = self.used.pop() {
            return Some(index);
        }
        let index = self.next;
        ((index as usize) < places).then(|| {
            self.next += 1;
            index
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn places_are_used_again_under_another_generation() {
        let table = Table::new(2);
        let mut generations = Vec::new();
        for round in 0..3 {
            let index = table.insert(|index, generation| Some((index, generation, round))).unwrap();
            let generation = table.with(index, None, |value| value.1).unwrap();
            assert!(!generations.contains(&(index, generation)));
            generations.push((index, generation));
            assert_eq!(table.with(index, Some(generation + 1), |_| ()), None);
            assert_eq!(table.take(index, generation).map(|value| value.2), Some(round));
            assert!(table.take(index, generation).is_none() && table.len() == 1);
            table.vacate(index);
            assert_eq!(table.len(), 0);
        }
    }

    #[test]
    fn a_full_table_takes_no_more_and_a_refusal_takes_no_place() {
        let table = Table::new(2);
        assert_eq!(table.insert(|_, _| None::<u8>), None);
        assert!(table.insert(|_, _| Some(1)).is_some() && table.insert(|_, _| Some(2)).is_some());
        assert_eq!((table.insert(|_, _| Some(3)), table.len()), (None, 2));
    }
}
