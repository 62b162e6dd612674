//! What the server keeps: values by key, some for a time.
//!
//! ```text
//!   key ─► hash ─┬─► shard 0  [ key, value, until ] [ ... ]     a lock each
//!                ├─► shard 1  [ ... ]
//!                └─► ...
//! ```
//!
//! One thread takes locks that nobody contends for, which costs next to nothing. Several threads meet only in the same
//! shard. A command on several keys takes all of them, in order, so that it is seen as a whole or not at all.
//!
//! A value whose time is over is forgotten when somebody looks at it: until then it takes memory, and counts.

mod clock;
mod pattern;
mod place;
mod shard;
#[cfg(test)]
mod tests;

use std::array;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

pub(crate) use clock::{Clock, Moment, Uptime};
pub(crate) use pattern::matches;
pub(crate) use place::Place;
pub(crate) use shard::Shard;

/// How many shards: more than threads there are as a rule.
const SHARDS: usize = 16;

/// See the module.
#[derive(Debug)]
pub(crate) struct Store<C = Uptime> {
    shards: [Mutex<Shard>; SHARDS],
    /// Seeded by chance, so that nobody can choose keys that all fall together.
    hasher: RandomState,
    clock: C,
}

impl<C: Clock> Store<C> {
    pub(crate) fn new(clock: C) -> Store<C> {
        Store { shards: array::from_fn(|_| Mutex::default()), hasher: RandomState::new(), clock }
    }

    pub(crate) fn clock(&self) -> &C {
        &self.clock
    }

    #[inline]
    fn hash(&self, key: &[u8]) -> u64 {
        self.hasher.hash_one(key)
    }

    /// Where a key is or would be, locked.
    #[inline]
    pub(crate) fn at<'store>(&'store self, key: &'store [u8]) -> Place<'store, C, MutexGuard<'store, Shard>> {
        let hash = self.hash(key);
        // There are as many as the number has values: the first is never needed.
        let [first, ..] = &self.shards;
        let shard = lock(self.shards.get(number_of(hash)).unwrap_or(first));
        Place { shard, hash, key, clock: &self.clock }
    }

    /// All of it, locked.
    pub(crate) fn whole(&self) -> Whole<'_, C> {
        Whole { shards: array::from_fn(|number| self.shards.get(number).map(lock)), store: self }
    }
}

fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The shard of a hash: by bits that the tables of the shards do not look at first.
#[inline]
fn number_of(hash: u64) -> usize {
    (hash >> 40) as usize % SHARDS
}

/// The whole store while a command has it to itself.
#[derive(Debug)]
pub(crate) struct Whole<'store, C> {
    shards: [Option<MutexGuard<'store, Shard>>; SHARDS],
    store: &'store Store<C>,
}

impl<C: Clock> Whole<'_, C> {
    /// Does something where a key is or would be. There always is such a place.
    pub(crate) fn at<R>(
        &mut self,
        key: &[u8],
        work: impl FnOnce(&mut Place<'_, C, &mut Shard>) -> R,
    ) -> Option<R> {
        let hash = self.store.hash(key);
        let shard = self.shards.get_mut(number_of(hash))?.as_deref_mut()?;
        Some(work(&mut Place { shard, hash, key, clock: &self.store.clock }))
    }

    /// The value of a key, if it has one.
    pub(crate) fn value(&self, key: &[u8]) -> Option<&[u8]> {
        let hash = self.store.hash(key);
        let shard = self.shards.get(number_of(hash))?.as_deref()?;
        shard.look(hash, key, &self.store.clock).map(|entry| entry.value.as_slice())
    }

    /// Keys, those included whose time is over and that nobody looked at.
    pub(crate) fn len(&self) -> usize {
        self.shards.iter().flatten().map(|shard| shard.len()).sum()
    }

    /// Keys that have a value now.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &[u8]> {
        let now = self.store.clock.now();
        self.shards.iter().flatten().flat_map(move |shard| shard.keys(now))
    }

    /// Keys that have a value for a time.
    pub(crate) fn expiring(&self) -> usize {
        self.shards.iter().flatten().map(|shard| shard.expiring()).sum()
    }

    /// Forgets everything, and gives the memory back.
    pub(crate) fn clear(&mut self) {
        self.shards.iter_mut().flatten().for_each(|shard| **shard = Shard::default());
    }
}
