//! The pool behind its handles: the table of regions, growth, release, and those who wait for a slice.
//!
//! ```text
//!   BufferPool (handles) --> Stock <----------- region 0 (open)      one reference for each region that is
//!        last one gone:        |  `--table--->  region 1 (closing)   open or closing; none for a vacant one
//!        close all regions     '------------->  region 2 (vacant)
//! ```
//!
//! Taking walks the regions from the lowest, so that under falling load the high ones empty and can be released.
//! Only growth, release and waiting use the lock; taking from and returning to an open region never do.

use super::error::{GrowthStop, MemoryError, PoolExhausted};
use super::free_list::{Closed, FreeList};
use super::huge_pages::HugePageState;
use super::lock::{Lock, LockRefusal};
use super::mapping::Mapping;
use super::region::{Geometry, Region, RegionId};
use super::settings::Settings;
use super::slot::Slot;
use super::waiting::{Replenished, Waiting};
use std::fmt;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A region's list word at the last look, and since when it has been that.
type Idle = Option<(u64, Instant)>;

/// Takes of one region between two looks for regions to release.
const TAKES_BETWEEN_TRIMS: u64 = 4096;
/// After a refused growth the system is left alone for this long.
const GROWTH_PAUSE: Duration = Duration::from_secs(1);

/// What only growth, release and waiting touch.
#[derive(Debug)]
pub(crate) struct Cold {
    idle: Box<[Idle]>,
    stopped: Option<(GrowthStop, Instant)>,
    pub(crate) waiting: Waiting,
    pub(crate) unlocked: Option<LockRefusal>,
    /// The caller has not asked for the refusal yet.
    pub(crate) untold: bool,
    pub(crate) pages: HugePageState,
}

impl Cold {
    fn refused_lock(&mut self, refusal: LockRefusal) {
        // Told once for the pool, not once for every region it grows by.
        self.untold |= self.unlocked.is_none();
        self.unlocked = Some(refusal);
    }
}

pub(crate) struct Stock {
    pub(crate) regions: Box<[Region]>,
    pub(crate) settings: Settings,
    pub(crate) foreign: bool,
    /// Places of the table that were ever opened.
    reach: AtomicUsize,
    pub(crate) open: AtomicUsize,
    pub(crate) lowest: AtomicUsize,
    pub(crate) registered_bytes: AtomicUsize,
    pub(crate) locked_bytes: AtomicUsize,
    pub(crate) grown: AtomicU64,
    pub(crate) released: AtomicU64,
    pub(crate) exhausted: AtomicU64,
    cold: Mutex<Cold>,
}

impl fmt::Debug for Stock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let open = self.open.load(Ordering::Relaxed);
        formatter
            .debug_struct("Stock")
            .field("settings", &self.settings)
            .field("open", &open)
            .finish_non_exhaustive()
    }
}

impl Stock {
    pub(crate) fn new(settings: Settings, geometry: Geometry, foreign: bool) -> Stock {
        let places = settings.maximum_regions;
        Stock {
            regions: (0..places).map(|position| Region::new(position as u32, geometry)).collect(),
            settings,
            foreign,
            reach: AtomicUsize::new(0),
            open: AtomicUsize::new(0),
            lowest: AtomicUsize::new(usize::MAX),
            registered_bytes: AtomicUsize::new(0),
            locked_bytes: AtomicUsize::new(0),
            grown: AtomicU64::new(0),
            released: AtomicU64::new(0),
            exhausted: AtomicU64::new(0),
            cold: Mutex::new(Cold {
                idle: vec![None; places].into_boxed_slice(),
                stopped: None,
                waiting: Waiting::default(),
                unlocked: None,
                untold: false,
                pages: HugePageState::Off,
            }),
        }
    }

    pub(crate) fn cold(&self) -> MutexGuard<'_, Cold> {
        self.cold.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The places that may have slots.
    pub(crate) fn reached(&self) -> &[Region] {
        self.regions.get(..self.reach.load(Ordering::Acquire)).unwrap_or(&[])
    }

    /// A free slot from the lowest region that has one.
    #[inline]
    pub(crate) fn take(&self) -> Option<NonNull<Slot>> {
        for region in self.reached() {
            if let Some((slot, left, tag)) = region.take() {
                // The whole pool has at least what this region has left, so only then can it be a new low.
                if (left as usize) < self.lowest.load(Ordering::Relaxed) {
                    self.lowest.fetch_min(self.free(), Ordering::Relaxed);
                }
                if tag.is_multiple_of(TAKES_BETWEEN_TRIMS) {
                    self.trim_in_passing();
                }
                return Some(NonNull::from(slot));
            }
        }
        None
    }

    pub(crate) fn free(&self) -> usize {
        self.reached().iter().map(Region::free).sum()
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

    fn may_grow(&self, cold: &Cold) -> bool {
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
        let mapping = Mapping::map(self.settings.region_bytes(), self.settings.huge_pages)?;
        if let Some(node) = self.settings.numa_node {
            mapping.prefer_node(node)?;
        }
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
    fn trim_in_passing(&self) {
        if !self.foreign
            && let Ok(mut cold) = self.cold.try_lock()
        {
            self.trim_locked(&mut cold);
        }
    }

    /// Announces `waker` as waiting for a slice. False: a take may succeed now, nothing was announced.
    pub(crate) fn announce(&self, waker: &Arc<dyn Replenished>) -> bool {
        let mut cold = self.cold();
        if self.may_grow(&cold) {
            return false;
        }
        // Marked first: a return that sees the mark in a list below then finds the waker (it has to wait for this
        // lock). And no region opens meanwhile.
        cold.waiting.announce(waker);
        let dry = self.reached().iter().all(|region| region.list.announce(region.shape()));
        if !dry {
            cold.waiting.withdraw(waker);
        }
        dry
    }

    /// Calls everybody who announced themselves, each once, without holding the lock.
    #[cold]
    pub(crate) fn wake_waiting(&self) {
        let until = self.cold().waiting.last_serial();
        loop {
            let next = self.cold().waiting.next(until);
            let Some(waker) = next else { break };
            waker.replenished();
        }
    }
}
