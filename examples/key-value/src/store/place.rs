//! Where one key is or would be, while a command works on it.

use std::ops::DerefMut;

use super::clock::{Clock, Moment};
use super::shard::{Entry, Shard};

/// See the module.
#[derive(Debug)]
pub(crate) struct Place<'store, C, S> {
    pub(super) shard: S,
    pub(super) hash: u64,
    pub(super) key: &'store [u8],
    pub(super) clock: &'store C,
}

impl<C: Clock, S: DerefMut<Target = Shard>> Place<'_, C, S> {
    /// What is there.
    #[inline]
    pub(crate) fn get(&mut self) -> Option<&mut Entry> {
        self.shard.get(self.hash, self.key, self.clock)
    }

    /// Puts a value there, until then.
    #[inline]
    pub(crate) fn set(&mut self, value: &[u8], until: Moment) {
        self.shard.set(self.hash, self.key, value, until);
    }

    /// Forgets it; whether there was something.
    pub(crate) fn remove(&mut self) -> bool {
        self.shard.remove(self.hash, self.key, self.clock)
    }
}
