//! Building a pool.

use super::error::MemoryError;
use super::huge_pages::HugePages;
use super::lock::Lock;
use super::mapping::Mapping;
use super::pool::BufferPool;
use super::settings::Settings;
use super::stock::Stock;
use std::ops::RangeInclusive;
use std::ptr::NonNull;
use std::sync::Arc;
use std::time::Duration;

/// Settings of a [`BufferPool`]; from [`BufferPool::builder`].
///
/// ```
/// use ringport::{BufferPool, Lock};
///
/// let pool = BufferPool::builder()
///     .slice_size(1500)
///     .slices_per_region(256)
///     .regions(1..=4)
///     .lock(Lock::Off)
///     .build()?;
/// assert_eq!(pool.figures().slices, 256);
/// # Ok::<(), ringport::memory::MemoryError>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct BufferPoolBuilder {
    settings: Settings,
}

impl BufferPoolBuilder {
    /// Payload bytes of each slice: 1 to 2^30, default 2,048. Longer datagrams are truncated (and said to be).
    pub fn slice_size(mut self, bytes: usize) -> Self {
        self.settings.slice_size = bytes;
        self
    }

    /// Slices of each region: 1 to 65,536, default 1,024. For more, ask for more [`regions`](BufferPoolBuilder::regions).
    pub fn slices_per_region(mut self, slices: usize) -> Self {
        self.settings.slices_per_region = slices;
        self
    }

    /// The least and the most regions, 1 to 1,024; default `1..=8`. The least are made by `build`, and kept.
    pub fn regions(mut self, regions: RangeInclusive<usize>) -> Self {
        self.settings.minimum_regions = *regions.start();
        self.settings.maximum_regions = *regions.end();
        self
    }

    /// Bytes for control data before each payload: 0 to 16,384, default 144.
    pub fn control(mut self, bytes: usize) -> Self {
        self.settings.control = bytes;
        self
    }

    /// Whether the memory is locked; default [`Lock::Preferred`].
    pub fn lock(mut self, lock: Lock) -> Self {
        self.settings.lock = lock;
        self
    }

    /// Whether huge pages are asked for; default [`HugePages::Off`].
    pub fn huge_pages(mut self, huge_pages: HugePages) -> Self {
        self.settings.huge_pages = huge_pages;
        self
    }

    /// The memory node (NUMA) the pages should come from; default none in particular. Other nodes help out when it
    /// is full. Of use where the threads that work on the pool are pinned to the processors of that node.
    pub fn numa_node(mut self, node: Option<usize>) -> Self {
        self.settings.numa_node = node;
        self
    }

    /// How long a region must be unused before it is given back; default 10 seconds.
    pub fn release_after(mut self, time: Duration) -> Self {
        self.settings.release_after = time;
        self
    }

    /// The most bytes this pool may lock; default none but the system's. Regions above it are treated as the
    /// [`Lock`] policy says: left unlocked, or refused.
    pub fn locked_limit(mut self, bytes: Option<usize>) -> Self {
        self.settings.locked_limit = bytes;
        self
    }

    /// Makes the pool with its least number of regions.
    ///
    /// # Errors
    /// [`MemoryError::Invalid`] for a setting out of range, [`MemoryError::Map`] when the system gives no memory,
    /// [`MemoryError::LockLimit`] when it may not be locked and [`Lock::Required`] is set,
    /// [`MemoryError::Node`] for a memory node that does not exist.
    pub fn build(self) -> Result<BufferPool, MemoryError> {
        let geometry = self.settings.geometry()?;
        let pool = BufferPool::from_stock(Arc::new(Stock::new(self.settings, geometry, false)));
        for place in 0..self.settings.minimum_regions {
            let stock = pool.stock();
            // A failure drops the handle, which closes and frees the regions made so far.
            stock.open_region(&mut stock.cold(), place)?;
        }
        Ok(pool)
    }

    /// Makes a pool of one region over `len` bytes of the caller's own memory: no headroom, no growth. Slices have
    /// [`slice_size`](BufferPoolBuilder::slice_size) bytes; a remainder at the end is not used. There may be up to 65,536
    /// of them: make larger slices, or several pools, of more memory. The lock policy is applied to it, and undone
    /// when the pool is gone.
    ///
    /// # Errors
    /// [`MemoryError::Fault`] for a null address, [`MemoryError::Invalid`] for a length of less than a slice or more
    /// than 65,536 of them,
    /// [`MemoryError::LockLimit`] as [`build`](BufferPoolBuilder::build).
    ///
    /// # Safety
    /// The range must be initialised memory, readable and writable, and nobody else may touch it until the pool
    /// and all buffers taken from it are gone.
    ///
    /// ```
    /// use ringport::BufferPool;
    ///
    /// let mut memory = vec![0u8; 4 * 1024];
    /// // SAFETY: the vector is not touched, and outlives the pool and its buffers.
    /// let pool = unsafe { BufferPool::builder().slice_size(1024).build_over(memory.as_mut_ptr(), memory.len())? };
    /// assert_eq!((pool.free(), pool.headroom()), (4, 0));
    /// drop(pool);
    /// # Ok::<(), ringport::memory::MemoryError>(())
    /// ```
    pub unsafe fn build_over(self, base: *mut u8, len: usize) -> Result<BufferPool, MemoryError> {
        let mut settings = self.settings;
        let Some(base) = NonNull::new(base) else {
            return Err(MemoryError::Fault { what: "the address is null", offset: 0, len, region_bytes: 0 });
        };
        let geometry = settings.foreign_geometry(len)?;
        let pool = BufferPool::from_stock(Arc::new(Stock::new(settings, geometry, true)));
        let stock = pool.stock();
        stock.adopt(&mut stock.cold(), 0, Mapping::foreign(base, len))?;
        Ok(pool)
    }
}
