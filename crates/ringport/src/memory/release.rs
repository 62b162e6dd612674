//! Releasing: regions that are closed, by the user or because nobody used them for long.

use super::free_list::{Closed, FreeList};
use super::region::{Region, RegionId};
use super::stock::{Cold, Stock};
use std::sync::atomic::Ordering;
use std::time::Instant;

/// A full list's word at the last look, and since when it has been that.
pub(crate) type Idle = Option<(u64, Instant)>;

impl Stock {
    /// A region's slices are about to go.
    pub(crate) fn account_retired(&self, bytes: usize, locked: usize) {
        self.registered_bytes.fetch_sub(bytes, Ordering::Relaxed);
        self.locked_bytes.fetch_sub(locked, Ordering::Relaxed);
        self.released.fetch_add(1, Ordering::Relaxed);
    }

    /// Closes a region for takes; its slices go now or when the last one is home.
    fn close(&self, region: &Region) {
        let (closed, reference) = region.close();
        if closed != Closed::Already {
            self.open.fetch_sub(1, Ordering::AcqRel);
        }
        // Never the last one: whoever closes holds a reference to the pool of its own.
        drop(reference);
    }

    pub(crate) fn close_all(&self) {
        for region in self.reached() {
            self.close(region);
        }
    }

    pub(crate) fn deregister(&self, id: RegionId) {
        let _cold = self.cold();
        if let Some(region) = self.reached().get(id.place())
            && region.id() == id
        {
            self.close(region);
        }
    }

    /// Closes every region nothing was taken from for `release_after`, from the highest, down to the minimum.
    ///
    /// "Nothing was taken" needs no clock on the hot path: every pop changes the list's word, so a list that is
    /// full and still has the word of an earlier look was not touched in between.
    fn trim_locked(&self, cold: &mut Cold) -> usize {
        let now = Instant::now();
        let mut released = 0;
        for (region, idle) in self.reached().iter().zip(cold.idle.iter_mut()).rev() {
            if self.open.load(Ordering::Relaxed) <= self.settings.minimum_regions {
                break;
            }
            let word = region.list.word();
            if FreeList::is_closed(word) || region.free() < region.shape().total() as usize {
                *idle = None;
                continue;
            }
            let since = match *idle {
                Some((seen, since)) if seen == word => since,
                _ => now,
            };
            *idle = Some((word, since));
            if now.duration_since(since) >= self.settings.release_after && region.list.close_if(word) {
                self.open.fetch_sub(1, Ordering::AcqRel);
                drop(region.retire());
                *idle = None;
                released += 1;
            }
        }
        released
    }

    pub(crate) fn trim(&self) -> usize {
        if self.foreign { 0 } else { self.trim_locked(&mut self.cold()) }
    }

    /// The same from within a take: if the lock is taken, another time.
    #[cold]
    pub(crate) fn trim_in_passing(&self) {
        if !self.foreign
            && let Ok(mut cold) = self.cold.try_lock()
        {
            self.trim_locked(&mut cold);
        }
    }
}
