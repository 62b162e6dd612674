//! Room for the arguments of calls that send several datagrams, lent to whichever thread sends.
//!
//! ```text
//!   thread A, socket 7 ──┐ takes one     [ batch ][ batch ][ - ][ - ] ...
//!   thread B, socket 3 ──┘ each, and puts it back
//! ```
//!
//! It is some 50 kibibytes, and a socket needs it only while it sends: so there are as many as threads that send at a time,
//! whatever the number of sockets, and they stay in the processor's caches.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::backend::{Grouping, SendBatch};
use crate::memory::Berth;

/// The most that are kept. More threads than so many send at a time only where their system calls overlap.
const MOST: usize = 8;

/// What one thread needs.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) sends: SendBatch,
    pub(super) grouping: Grouping,
}

impl Batch {
    fn new() -> Box<Batch> {
        let mut grouping = Grouping::default();
        grouping.make_room(usize::MAX);
        Box::new(Batch { sends: SendBatch::new(), grouping })
    }
}

/// See the module.
pub(super) struct Batches {
    kept: [Berth<Batch>; MOST],
    /// The first was made.
    begun: AtomicBool,
}

impl Batches {
    pub(super) fn new() -> Batches {
        Batches { kept: std::array::from_fn(|_| Berth::new()), begun: AtomicBool::new(false) }
    }

    /// Makes the first one, so that no send has to: a socket is there that needs it.
    pub(super) fn begin(&self) {
        if !self.begun.swap(true, Ordering::Relaxed) {
            self.put(Batch::new());
        }
    }

    /// One that no other thread uses.
    #[inline]
    pub(super) fn take(&self) -> Box<Batch> {
        let kept = self.kept.iter().find_map(Berth::take);
        kept.unwrap_or_else(Batch::new)
    }

    /// Puts it back.
    #[inline]
    pub(super) fn put(&self, batch: Box<Batch>) {
        let mut left = Some(batch);
        for place in &self.kept {
            let Some(batch) = left.take() else { return };
            // Another may have been put there in between: it goes to the next place.
            left = place.put(batch);
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{Batches, MOST};

    #[test]
    fn what_is_put_back_is_taken_again_and_no_more_are_kept_than_there_are_places() {
        let batches = Batches::new();
        batches.begin();
        let first = batches.take();
        let address = std::ptr::from_ref(&*first);
        batches.put(first);
        let again = batches.take();
        assert_eq!(std::ptr::from_ref(&*again), address);
        let many: Vec<_> = (0..MOST + 3).map(|_| batches.take()).collect();
        many.into_iter().for_each(|batch| batches.put(batch));
        assert!(batches.kept.iter().all(|place| place.is_full()));
    }
}
