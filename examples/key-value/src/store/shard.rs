//! A part of the store: a table of entries.

use hashbrown::HashTable;
use hashbrown::hash_table::Entry as Slot;

use super::clock::{Clock, Moment};

/// A key and its value.
#[derive(Debug)]
pub(crate) struct Entry {
    key: Box<[u8]>,
    pub(crate) value: Vec<u8>,
    /// From when on it is no more.
    pub(crate) until: Moment,
    /// Of the key, so that a table that grows need not compute it again.
    hash: u64,
}

impl Entry {
    /// Whether its time is over. The clock is only looked at for what has an end.
    #[inline]
    fn is_over(&self, clock: &impl Clock) -> bool {
        self.until != Moment::NEVER && self.until <= clock.now()
    }
}

/// A value that is much smaller than the room of the one before it gets room of its own.
const WASTE: usize = 4;
/// Room that is never too much.
const SMALL: usize = 256;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Shard {
    entries: HashTable<Entry>,
}

impl Shard {
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The entry of a key, without a change: also not to one whose time is over.
    pub(super) fn look(&self, hash: u64, key: &[u8], clock: &impl Clock) -> Option<&Entry> {
        self.entries.find(hash, |entry| *entry.key == *key).filter(|entry| !entry.is_over(clock))
    }

    /// The entry of a key. One whose time is over is forgotten.
    #[inline]
    pub(super) fn get(&mut self, hash: u64, key: &[u8], clock: &impl Clock) -> Option<&mut Entry> {
        let found = self.entries.find_entry(hash, |entry| *entry.key == *key).ok()?;
        if found.get().is_over(clock) {
            found.remove();
            return None;
        }
        Some(found.into_mut())
    }

    /// Gives a key a value, in the memory of the one before it where that fits.
    #[inline]
    pub(super) fn set(&mut self, hash: u64, key: &[u8], value: &[u8], until: Moment) {
        match self.entries.entry(hash, |entry| *entry.key == *key, |entry| entry.hash) {
            Slot::Occupied(mut found) => {
                let entry = found.get_mut();
                let room = entry.value.capacity();
                if value.len() > room || room > SMALL.max(value.len().saturating_mul(WASTE)) {
                    entry.value = value.to_vec();
                } else {
                    entry.value.clear();
                    entry.value.extend_from_slice(value);
                }
                entry.until = until;
            }
            Slot::Vacant(place) => {
                place.insert(Entry { key: key.into(), value: value.to_vec(), until, hash });
            }
        }
    }

    /// Forgets a key; whether it had a value.
    pub(super) fn remove(&mut self, hash: u64, key: &[u8], clock: &impl Clock) -> bool {
        match self.entries.find_entry(hash, |entry| *entry.key == *key) {
            Ok(found) => !found.remove().0.is_over(clock),
            Err(_) => false,
        }
    }

    pub(super) fn keys(&self, now: Moment) -> impl Iterator<Item = &[u8]> {
        self.entries.iter().filter(move |entry| entry.until > now).map(|entry| &*entry.key)
    }

    pub(super) fn expiring(&self) -> usize {
        self.entries.iter().filter(|entry| entry.until != Moment::NEVER).count()
    }
}
