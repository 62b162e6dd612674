//! The one number behind all reservations of a pool.

use crate::memory::atomic::{AtomicUsize, Ordering};

/// How many slices are promised. Relaxed throughout: a promise publishes nothing, and slices are handed from one
/// holder to another by their list.
#[derive(Debug)]
pub(crate) struct Promises(AtomicUsize);

impl Promises {
    pub(crate) fn new() -> Promises {
        Promises(AtomicUsize::new(0))
    }

    /// Promises so many more, if that is not above `capacity` in all; otherwise says what is promised.
    pub(crate) fn promise(&self, asked: usize, capacity: usize) -> Result<(), usize> {
        let add = |reserved: usize| reserved.checked_add(asked).filter(|sum| *sum <= capacity);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add).map(drop)
    }

    /// So many are promised no more.
    pub(crate) fn give_back(&self, slices: usize) {
        self.0.fetch_sub(slices, Ordering::Relaxed);
    }

    /// How many are promised.
    pub(crate) fn reserved(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}
