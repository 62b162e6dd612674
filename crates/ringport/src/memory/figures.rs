//! The figures of a pool: a budget the user can see.

use super::huge_pages::HugePageState;
use super::lock::{Lock, LockState};
use super::slot::Use;
use super::stock::Stock;
use std::sync::atomic::Ordering;

/// What a pool holds and what its slices are doing, at one moment.
///
/// Other threads go on taking and returning while it is put together, so two figures may be an instant apart; with
/// nobody else at work they are exact. Always `free + used == slices` and `receiving + sending <= used`.
///
/// ```
/// let pool = ringport::BufferPool::builder().slices_per_region(16).build()?;
/// let _held = pool.take()?;
/// let figures = pool.figures();
/// assert_eq!((figures.slices, figures.free, figures.used, figures.lowest_free), (16, 15, 1, 15));
/// println!("{} bytes locked of {}: {}", figures.locked_bytes, figures.registered_bytes, figures.lock_state);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolFigures {
    /// Open regions.
    pub regions: usize,
    /// Deregistered regions that stay in memory until their last slice is returned.
    pub closing_regions: usize,
    /// The pool does not release regions below this number.
    pub minimum_regions: usize,
    /// The pool does not grow above this number.
    pub maximum_regions: usize,
    /// Slices of the open regions, and those still out of closing ones.
    pub slices: usize,
    /// Slices that can be taken without growing.
    pub free: usize,
    /// Slices that are out.
    pub used: usize,
    /// Of those, in posted receives.
    pub receiving: usize,
    /// Of those, in posted sends.
    pub sending: usize,
    /// The lowest `free` has been after a take (before any: what is free now).
    pub lowest_free: usize,
    /// Slices that are promised to the holders of a [`Reservation`](super::Reservation), taken or not. At most what
    /// the pool has with all its regions.
    pub reserved: usize,
    /// Bytes locked into memory.
    pub locked_bytes: usize,
    /// Bytes of all regions, headroom and rounding included.
    pub registered_bytes: usize,
    /// What kind of pages the most recent region got.
    pub huge_pages: HugePageState,
    /// Whether the memory is locked, and if not, why.
    pub lock_state: LockState,
    /// Regions added because the pool ran dry.
    pub grown: u64,
    /// Regions given back to the system.
    pub released: u64,
    /// Takes that were refused.
    pub exhausted: u64,
}

pub(crate) fn collect(stock: &Stock) -> PoolFigures {
    let (mut free, mut used, mut receiving, mut sending, mut closing) = (0, 0, 0, 0, 0);
    for region in stock.reached().iter().filter(|region| !region.is_vacant()) {
        let total = region.shape().total() as usize;
        let (home, open) = region.home();
        used += total - home.min(total);
        if open {
            free += home;
        } else {
            closing += 1;
        }
        for slot in region.slots() {
            match slot.current_use() {
                Use::Receiving => receiving += 1,
                Use::Sending => sending += 1,
                Use::Free | Use::Held => {}
            }
        }
    }
    // The walk is not one moment: keep the promise that the parts do not exceed the whole.
    receiving = receiving.min(used);
    sending = sending.min(used - receiving);
    let cold = stock.cold();
    let registered_bytes = stock.registered_bytes.load(Ordering::Relaxed);
    let locked_bytes = stock.locked_bytes.load(Ordering::Relaxed);
    let lock_state = match (stock.settings.lock, cold.unlocked) {
        (Lock::Off, _) => LockState::Off,
        // The region that was refused may have been released since.
        (_, Some(reason)) if locked_bytes < registered_bytes => LockState::Unlocked { reason },
        _ => LockState::Locked,
    };
    PoolFigures {
        regions: stock.open.load(Ordering::Relaxed),
        closing_regions: closing,
        minimum_regions: stock.settings.minimum_regions,
        maximum_regions: stock.settings.maximum_regions,
        slices: free + used,
        free,
        used,
        receiving,
        sending,
        lowest_free: stock.lowest.load(Ordering::Relaxed).min(free),
        reserved: stock.promises.reserved(),
        locked_bytes,
        registered_bytes,
        huge_pages: cold.pages,
        lock_state,
        grown: stock.grown.load(Ordering::Relaxed),
        released: stock.released.load(Ordering::Relaxed),
        exhausted: stock.exhausted.load(Ordering::Relaxed),
    }
}
