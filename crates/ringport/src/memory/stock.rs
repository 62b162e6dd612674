//! The pool behind its handles: the table of regions, taking, and those who wait for a slice.
//!
//! ```text
//!   BufferPool (handles) --> Stock <----------- region 0 (open)      one reference for each region that is
//!        last one gone:        |  `--table--->  region 1 (closing)   open or closing; none for a vacant one
//!        close all regions     '------------->  region 2 (vacant)
//! ```
//!
//! Taking walks the regions from the lowest, so that under falling load the high ones empty and can be released.
//! Only growth, release and waiting use the lock; taking from and returning to an open region never do.

use super::error::GrowthStop;
use super::huge_pages::HugePageState;
use super::lock::LockRefusal;
use super::region::{Geometry, Region};
use super::release::Idle;
use super::reservation::Promises;
use super::settings::Settings;
use super::slot::Slot;
use super::waiting::{Replenished, Waiting};
use std::fmt;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Takes of one region between two looks for regions to release.
const TAKES_BETWEEN_TRIMS: u64 = 4096;

/// What only growth, release and waiting touch.
#[derive(Debug)]
pub(crate) struct Cold {
    pub(crate) idle: Box<[Idle]>,
    pub(crate) stopped: Option<(GrowthStop, Instant)>,
    pub(crate) waiting: Waiting,
    pub(crate) unlocked: Option<LockRefusal>,
    /// The caller has not asked for the refusal yet.
    pub(crate) untold: bool,
    pub(crate) pages: HugePageState,
}

impl Cold {
    pub(crate) fn refused_lock(&mut self, refusal: LockRefusal) {
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
    pub(crate) reach: AtomicUsize,
    pub(crate) open: AtomicUsize,
    pub(crate) lowest: AtomicUsize,
    pub(crate) registered_bytes: AtomicUsize,
    pub(crate) locked_bytes: AtomicUsize,
    pub(crate) grown: AtomicU64,
    pub(crate) released: AtomicU64,
    pub(crate) exhausted: AtomicU64,
    /// At most what all regions have.
    pub(crate) promises: Promises,
    pub(crate) cold: Mutex<Cold>,
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
            promises: Promises::new(),
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

    /// More regions are open than are kept.
    #[inline]
    pub(crate) fn has_grown(&self) -> bool {
        self.open.load(Ordering::Relaxed) > self.settings.minimum_regions
    }

    pub(crate) fn free(&self) -> usize {
        self.reached().iter().map(Region::free).sum()
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
