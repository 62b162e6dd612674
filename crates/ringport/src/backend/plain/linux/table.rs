//! The slots of all handles, found without a lock.
//!
//! ```text
//!   chunks  [0]──► 64 slots   [1]──► 128 slots   [2]──► 256 slots   ...      made when needed, never moved
//! ```
//!
//! An event of epoll carries the place of its handle. It may come when that is closed and its slot in use by
//! another: the generation tells.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use super::slot::{Holding, Slot, State};

/// Slots in the first chunk.
const FIRST: usize = 64;
/// Chunks, each twice as long as the one before: more handles than a process may have descriptors.
const CHUNKS: usize = 22;
/// Operations that may be outstanding on a handle, unless told otherwise.
pub(super) const LIMIT: usize = 1024;

/// Names a handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(super) index: u32,
    pub(super) generation: u32,
}

impl Place {
    /// As a number, for the kernel to keep.
    pub(super) fn to_key(self) -> u64 {
        u64::from(self.generation) << 32 | u64::from(self.index)
    }

    pub(super) fn from_key(key: u64) -> Place {
        Place { index: key as u32, generation: (key >> 32) as u32 }
    }
}

/// See the module.
#[derive(Debug)]
pub(super) struct Table {
    chunks: [OnceLock<Box<[Slot]>>; CHUNKS],
    vacancies: Mutex<Vacancies>,
}

#[derive(Debug)]
struct Vacancies {
    free: Vec<u32>,
    used: u32,
    closed: bool,
}

impl Table {
    pub(super) fn new() -> Table {
        Table {
            chunks: [const { OnceLock::new() }; CHUNKS],
            vacancies: Mutex::new(Vacancies { free: Vec::new(), used: 0, closed: false }),
        }
    }

    /// The slot of a place, whoever is in it now.
    #[inline]
    pub(super) fn slot(&self, index: u32) -> Option<&Slot> {
        let (chunk, offset) = whereabouts(index)?;
        self.chunks.get(chunk)?.get()?.get(offset)
    }

    /// The locked state of a handle, unless it is closed and gone.
    #[inline]
    pub(super) fn lock(&self, place: Place) -> Option<(&Slot, MutexGuard<'_, State>)> {
        let slot = self.slot(place.index)?;
        let state = slot.lock();
        (state.generation == place.generation && state.holding.is_some()).then_some((slot, state))
    }

    /// Gives a handle its slot. `None` when the table is closed, or full.
    pub(super) fn insert(&self, holding: Holding) -> Option<Place> {
        let mut vacancies = self.vacancies();
        if vacancies.closed {
            return None;
        }
        let index = vacancies.free.pop().unwrap_or(vacancies.used);
        let (chunk, offset) = whereabouts(index)?;
        let slots =
            self.chunks.get(chunk)?.get_or_init(|| (0..FIRST << chunk).map(|_| Slot::new()).collect());
        vacancies.used = vacancies.used.max(index + 1);
        let mut state = slots.get(offset)?.lock();
        state.holding = Some(holding);
        state.closing = false;
        state.limit = LIMIT;
        state.skip = false;
        state.next_number = 1;
        state.armed = 0;
        state.expected = 0;
        Some(Place { index, generation: state.generation })
    }

    /// Makes a slot vacant that has nothing running, and drops what its handle held.
    pub(super) fn vacate(&self, index: u32, slot: &Slot, mut state: MutexGuard<'_, State>) {
        let holding = state.holding.take();
        drop(state);
        // Before anybody is told: who waited for it may use the socket at once.
        drop(holding);
        let mut state = slot.lock();
        state.generation = state.generation.wrapping_add(1);
        drop(state);
        slot.tell_vacated();
        self.vacancies().free.push(index);
    }

    /// Takes no more handles; returns how many slots there are to look at.
    pub(super) fn close(&self) -> u32 {
        let mut vacancies = self.vacancies();
        vacancies.closed = true;
        vacancies.used
    }

    fn vacancies(&self) -> MutexGuard<'_, Vacancies> {
        self.vacancies.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The chunk of a slot, and where in it.
#[inline]
fn whereabouts(index: u32) -> Option<(usize, usize)> {
    let shifted = index as usize + FIRST;
    let chunk = (shifted.ilog2() - FIRST.ilog2()) as usize;
    (chunk < CHUNKS).then(|| (chunk, shifted - (FIRST << chunk)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_index_has_a_place_of_its_own() {
        let mut expected = (0, 0);
        for index in 0..100_000 {
            assert_eq!(whereabouts(index), Some(expected));
            expected.1 += 1;
            if expected.1 == FIRST << expected.0 {
                expected = (expected.0 + 1, 0);
            }
        }
        assert_eq!(whereabouts(u32::MAX), None);
    }
}
