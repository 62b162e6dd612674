//! The pool's handle: what a program takes buffers from.

use super::buffer::BufferMut;
use super::builder::BufferPoolBuilder;
use super::error::{CapacityExceeded, MemoryError, PoolExhausted, TakeError};
use super::figures::{self, PoolFigures};
use super::lock::LockRefusal;
use super::region::RegionId;
use super::stock::Stock;
use super::waiting::Replenished;
use std::fmt;
use std::sync::Arc;

/// Closes the pool when the last handle goes. Slices that are still out keep their regions until they return.
struct LastHandle(Arc<Stock>);

impl Drop for LastHandle {
    fn drop(&mut self) {
        self.0.close_all();
    }
}

/// A pool of registered memory: regions of equal slices, mapped and locked once, used for ever.
///
/// Cheap to clone (a handle); takes and returns from any thread, without a lock. When it runs dry it grows by whole
/// regions up to its maximum, and regions unused for [`release_after`](BufferPoolBuilder::release_after) are given
/// back. A buffer may outlive every handle: its slice keeps its region alive.
///
/// The memory of a slice is zeroed when its region is mapped and NOT between uses: the spare part of a fresh buffer
/// may hold bytes of an earlier one of the same program.
///
/// ```
/// use ringport::BufferPool;
///
/// let pool = BufferPool::builder().slice_size(2048).slices_per_region(64).build()?;
/// let mut buffer = pool.take()?;
/// buffer.extend_from_slice(b"hello")?;
/// assert_eq!(&buffer[..], b"hello");
/// assert_eq!(pool.free(), 63);
/// drop(buffer);                       // from whichever thread
/// assert_eq!(pool.free(), 64);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct BufferPool {
    stock: Arc<Stock>,
    _last: Arc<LastHandle>,
}

impl fmt::Debug for BufferPool {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("BufferPool").field("figures", &self.figures()).finish()
    }
}

impl BufferPool {
    /// A builder with the defaults: 2,048 bytes a slice, 1,024 slices a region, 1 to 8 regions, locked if possible.
    /// A region then takes 2,293,760 bytes, headroom included.
    pub fn builder() -> BufferPoolBuilder {
        BufferPoolBuilder::default()
    }

    pub(crate) fn from_stock(stock: Arc<Stock>) -> BufferPool {
        BufferPool { _last: Arc::new(LastHandle(Arc::clone(&stock))), stock }
    }

    pub(crate) fn stock(&self) -> &Arc<Stock> {
        &self.stock
    }

    /// Takes an empty buffer. Without a lock, unless the pool has run dry and grows by a region.
    ///
    /// # Errors
    /// [`PoolExhausted`] when all slices are out and the pool is at its maximum (or may not grow).
    #[inline]
    pub fn take(&self) -> Result<BufferMut, PoolExhausted> {
        let slot = match self.stock.take() {
            Some(slot) => slot,
            None => self.stock.grow_and_take()?,
        };
        // SAFETY: the slot was just popped, so it is this caller's alone.
        Ok(unsafe { BufferMut::from_slot(slot) })
    }

    /// The same under a reservation.
    #[inline]
    pub(super) fn take_promised(&self) -> Result<BufferMut, PoolExhausted> {
        let slot = self.stock.take_promised()?;
        // SAFETY: the slot was just popped, so it is this caller's alone.
        Ok(unsafe { BufferMut::from_slot(slot) })
    }

    /// Takes a buffer and copies `bytes` into it.
    ///
    /// # Errors
    /// [`TakeError::TooLong`] for more than [`slice_size`](BufferPool::slice_size) bytes, [`TakeError::Exhausted`]
    /// as [`take`](BufferPool::take).
    ///
    /// ```
    /// # let pool = ringport::BufferPool::builder().slice_size(8).slices_per_region(4).build()?;
    /// assert_eq!(&pool.take_with(b"abc")?[..], b"abc");
    /// assert!(pool.take_with(b"more than eight").is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn take_with(&self, bytes: &[u8]) -> Result<BufferMut, TakeError> {
        if bytes.len() > self.slice_size() {
            return Err(CapacityExceeded { asked: bytes.len(), capacity: self.slice_size() }.into());
        }
        let mut buffer = self.take()?;
        buffer.extend_from_slice(bytes)?;
        Ok(buffer)
    }

    /// Slices that can be taken without growing.
    pub fn free(&self) -> usize {
        self.stock.free()
    }

    /// Payload bytes of a slice.
    pub fn slice_size(&self) -> usize {
        self.stock.settings.slice_size
    }

    /// Bytes before each payload that are kept for the kernel: 0 for a pool over the caller's own memory.
    pub fn headroom(&self) -> usize {
        self.stock.regions.first().map_or(0, |region| region.geometry().headroom as usize)
    }

    /// What the pool holds and what its slices are doing. Looks at every slot: for people and tests, not for each
    /// datagram.
    pub fn figures(&self) -> PoolFigures {
        figures::collect(&self.stock)
    }

    /// Why the memory is not locked although locking was preferred: the first call that has something to tell
    /// gets it, later ones do not, so that a program says it once. [`PoolFigures::lock_state`] always has it.
    pub fn lock_notice(&self) -> Option<LockRefusal> {
        let mut cold = self.stock.cold();
        if std::mem::take(&mut cold.untold) { cold.unlocked } else { None }
    }

    /// Gives back the regions from which nothing was taken for [`release_after`](BufferPoolBuilder::release_after),
    /// down to the minimum, and returns how many.
    ///
    /// The first look at an unused region starts its time, so call this now and then (a server does when it is
    /// idle). A pool in use also looks by itself, once in some thousand takes.
    pub fn trim(&self) -> usize {
        self.stock.trim()
    }

    /// Closes a region (`RIODeregisterBuffer`): nothing is taken from it any more, and its memory stays in place
    /// until the last of its slices returns, so no operation in flight is harmed. A stale id is ignored.
    ///
    /// The pool may grow again afterwards; one over the caller's own memory cannot, and is then empty for good.
    pub fn deregister(&self, region: RegionId) {
        self.stock.deregister(region);
    }

    /// Checks that `offset..offset + len` is registered memory of `region`.
    ///
    /// # Errors
    /// [`MemoryError::Fault`] for a stale id or a range that leaves the region.
    ///
    /// ```
    /// # let pool = ringport::BufferPool::builder().slices_per_region(4).build()?;
    /// let buffer = pool.take_with(b"abc")?;
    /// let region = buffer.region();
    /// pool.resolve(region, buffer.offset(), buffer.len())?;
    /// assert!(pool.resolve(region, buffer.offset(), 1 << 30).is_err());
    /// pool.deregister(region);
    /// assert!(pool.resolve(region, buffer.offset(), buffer.len()).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn resolve(&self, region: RegionId, offset: usize, len: usize) -> Result<(), MemoryError> {
        let found = self.stock.reached().get(region.place());
        let Some(found) = found.filter(|found| found.id() == region && found.is_open()) else {
            let what = "the region is not registered, or not any more";
            return Err(MemoryError::Fault { what, offset, len, region_bytes: 0 });
        };
        let region_bytes = found.mapped_bytes();
        if offset.checked_add(len).is_none_or(|end| end > region_bytes) {
            let what = "the range is not inside its region";
            return Err(MemoryError::Fault { what, offset, len, region_bytes });
        }
        Ok(())
    }
}

/// For the servers and queues: what there is to give back, and waiting for slices.
impl BufferPool {
    /// Whether it has more regions than it keeps, so that a later trim may release some.
    #[inline]
    pub(crate) fn has_grown(&self) -> bool {
        self.stock.has_grown()
    }

    /// Whether both are the same pool.
    #[inline]
    pub(crate) fn is(&self, other: &BufferPool) -> bool {
        Arc::ptr_eq(&self.stock, &other.stock)
    }

    /// Asks for ONE call of the waker, when a slice returns or the pool grows. False: a take may succeed now and
    /// nothing was asked for, so take again. To be used after a take that failed: no slice can return unnoticed in
    /// between. A waker that is dropped is forgotten.
    #[must_use]
    pub(crate) fn announce_waiting(&self, waker: &Arc<dyn Replenished>) -> bool {
        self.stock.announce(waker)
    }
}
