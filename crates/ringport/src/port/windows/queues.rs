//! The completion queues on a port, found by the numbers that are the keys of their packets.

use std::sync::{Arc, PoisonError, RwLock, Weak};

use crate::queue::Holder;

/// See the module. The numbers go up, so the newest is the last.
#[derive(Default)]
pub(super) struct Queues(RwLock<Vec<(usize, Weak<dyn Holder>)>>);

impl Queues {
    /// Adds one, and forgets those that are gone.
    pub(super) fn add(&self, queue: Weak<dyn Holder>) {
        let Some(number) = queue.upgrade().map(|queue| queue.number()) else { return };
        let mut queues = self.0.write().unwrap_or_else(PoisonError::into_inner);
        queues.retain(|(_, queue)| queue.strong_count() > 0);
        // Two threads may come in another order than they got their numbers.
        let place = queues.partition_point(|(other, _)| *other < number);
        queues.insert(place, (number, queue));
    }

    /// The one of this number, unless it is gone.
    #[inline]
    pub(super) fn find(&self, number: usize) -> Option<Arc<dyn Holder>> {
        let queues = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let place = queues.binary_search_by_key(&number, |(number, _)| *number).ok()?;
        queues.get(place)?.1.upgrade()
    }

    /// Asks each of them.
    pub(super) fn ask<R>(&self, ask: impl Fn(&dyn Holder) -> Option<R>) -> Vec<R> {
        let queues = self.0.read().unwrap_or_else(PoisonError::into_inner);
        queues.iter().filter_map(|(_, queue)| ask(&*queue.upgrade()?)).collect()
    }
}
