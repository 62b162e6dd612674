//! Whose receives wait for slices: the sockets that take turns at each pool.
//!
//! ```text
//!   pool A   [ 7  3  12 ]     a slice comes back: 7 posts one receive, and goes to the end if it has more that wait
//!   pool B   [ 3 ]
//! ```
//!
//! One slice a turn, so that none of a thousand sockets on a pool goes without; and what a slice that comes back
//! costs does not grow with their number.

use std::collections::VecDeque;

use crate::memory::BufferPool;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Starving {
    waiting: Vec<(BufferPool, VecDeque<u32>)>,
    /// Lists of pools for which nobody waits any more, to be used again.
    spare: Vec<VecDeque<u32>>,
}

impl Starving {
    /// Gives a socket a turn at a pool, behind the others.
    pub(super) fn add(&mut self, pool: &BufferPool, key: u32) {
        if let Some((_, keys)) = self.waiting.iter_mut().find(|(of, _)| of.is(pool)) {
            return keys.push_back(key);
        }
        let mut keys = self.spare.pop().unwrap_or_default();
        keys.push_back(key);
        self.waiting.push((pool.clone(), keys));
    }

    /// Whether anybody waits for a slice of this pool.
    pub(super) fn waits_for(&self, pool: &BufferPool) -> bool {
        self.waiting.iter().any(|(of, keys)| of.is(pool) && !keys.is_empty())
    }

    /// How many pools there are.
    pub(super) fn pools(&self) -> usize {
        self.waiting.len()
    }

    /// The pool at this place, and whose turn it is there.
    pub(super) fn first(&self, place: usize) -> Option<(&BufferPool, u32)> {
        let (pool, keys) = self.waiting.get(place)?;
        Some((pool, *keys.front()?))
    }

    /// The turn of that one is over.
    pub(super) fn pass(&mut self, place: usize) {
        if let Some((_, keys)) = self.waiting.get_mut(place) {
            keys.pop_front();
        }
    }

    /// Forgets a pool for which nobody waits any more; another may take its place.
    pub(super) fn forget(&mut self, place: usize) {
        let (_, mut keys) = self.waiting.swap_remove(place);
        keys.clear();
        self.spare.push(keys);
    }

    /// A socket waits for nothing any more.
    pub(super) fn remove(&mut self, key: u32) {
        self.waiting.iter_mut().for_each(|(_, keys)| keys.retain(|other| *other != key));
    }
}
