//! Growing: a pool that runs dry gets one more region, up to its maximum.
//!
//! One thread at a time, under the pool's lock; those that come meanwhile find the new region's slices when they get
//! the lock. A refusal by the system is remembered for a while, so that a pool that cannot grow does not spend its
//! time asking.

use super::error::{GrowthStop, MemoryError, PoolExhausted};
use super::lock::Lock;
use super::mapping::Mapping;
use super::region::Region;
use super::settings::Settings;
use super::slot::Slot;
use super::stock::{Cold, Stock};
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// After a refused growth the system is left alone for this long.
const GROWTH_PAUSE: Duration = Duration::from_secs(1);

/// Looks of a take that was promised a slice.
const LOOKS: usize = 100;

impl Stock {
    /// Takes for somebody to whom a slice is promised: there is one, but a walk over the regions may miss it, when one
    /// returns behind its back and another goes before its eyes. Then it looks again.
    #[inline]
    pub(crate) fn take_promised(self: &Arc<Self>) -> Result<NonNull<Slot>, PoolExhausted> {
        for _ in 0..LOOKS {
            if let Some(slot) = self.take() {
                return Ok(slot);
            }
            if self.open.load(Ordering::Acquire) < self.settings.maximum_regions {
                break;
            }
            std::hint::spin_loop();
        }
        self.grow_and_take()
    }

    /// Grows by a region and takes from it; the cold end of a take.
    #[cold]
    pub(crate) fn grow_and_take(self: &Arc<Self>) -> Result<NonNull<Slot>, PoolExhausted> {
        let mut stop = None;
        // At the maximum there is nothing to decide and no lock to take: exhaustion may be the normal state.
        while self.open.load(Ordering::Acquire) < self.settings.maximum_regions {
            let mut cold = self.cold();
            // Another thread may have grown the pool, or returned a slice, while this one waited for the lock.
            if let Some(slot) = self.take() {
                return Ok(slot);
            }
            match self.grow(&mut cold) {
                Ok(()) => {
                    drop(cold);
                    self.wake_waiting();
                }
                Err(reason) => {
                    stop = reason;
                    break;
                }
            }
        }
        if let Some(slot) = self.take() {
            return Ok(slot);
        }
        self.exhausted.fetch_add(1, Ordering::Relaxed);
        let regions = self.open.load(Ordering::Relaxed);
        Err(PoolExhausted {
            slices: regions * self.settings.slices_per_region,
            regions,
            maximum_regions: self.settings.maximum_regions,
            growth: stop,
        })
    }

    /// Whether a take could grow the pool now.
    pub(crate) fn may_grow(&self, cold: &Cold) -> bool {
        let pausing = cold.stopped.is_some_and(|(_, since)| since.elapsed() < GROWTH_PAUSE);
        !self.foreign && !pausing && self.regions.iter().any(Region::is_vacant)
    }

    /// Opens one more region; nothing as the reason where all places are taken by regions that still have slices out.
    fn grow(self: &Arc<Self>, cold: &mut Cold) -> Result<(), Option<GrowthStop>> {
        if self.foreign {
            return Err(Some(GrowthStop::Foreign));
        }
        if let Some((stop, since)) = cold.stopped
            && since.elapsed() < GROWTH_PAUSE
        {
            return Err(Some(stop));
        }
        let Some(place) = self.regions.iter().position(Region::is_vacant) else { return Err(None) };
        match self.open_region(cold, place) {
            Ok(()) => {
                self.grown.fetch_add(1, Ordering::Relaxed);
                Ok(())
            }
            Err(error) => {
                let stop = GrowthStop::from(error);
                cold.stopped = Some((stop, Instant::now()));
                Err(Some(stop))
            }
        }
    }

    /// Maps, locks and opens a region at a vacant place.
    pub(crate) fn open_region(self: &Arc<Self>, cold: &mut Cold, place: usize) -> Result<(), MemoryError> {
        let Settings { huge_pages, numa_node, .. } = self.settings;
        let mapping = Mapping::map(self.settings.region_bytes(), huge_pages, numa_node)?;
        cold.pages = mapping.pages();
        self.adopt(cold, place, mapping)
    }

    /// Locks a mapping as the policy says and opens the place over it.
    pub(crate) fn adopt(
        self: &Arc<Self>,
        cold: &mut Cold,
        place: usize,
        mut mapping: Mapping,
    ) -> Result<(), MemoryError> {
        let Settings { lock, locked_limit, .. } = self.settings;
        if let Err(refusal) = mapping.lock(lock, self.locked_bytes.load(Ordering::Relaxed), locked_limit) {
            if lock == Lock::Required {
                return Err(refusal.into());
            }
            cold.refused_lock(refusal);
        }
        let Some(region) = self.regions.get(place) else { return Ok(()) };
        self.registered_bytes.fetch_add(mapping.bytes(), Ordering::Relaxed);
        self.locked_bytes.fetch_add(mapping.locked_bytes(), Ordering::Relaxed);
        region.open(mapping, Arc::clone(self));
        self.open.fetch_add(1, Ordering::AcqRel);
        self.reach.fetch_max(place + 1, Ordering::AcqRel);
        Ok(())
    }
}
