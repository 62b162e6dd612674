//! What can go wrong with memory, each with the limit, what was asked, what is allowed and what to change.

use super::lock::{LockLimitName, LockRefusal};
use super::system::numbers::{INVALID, OUT_OF_MEMORY};
use super::system::pages::NODES_HINT;
use std::io;

/// Why a pool could not be built or an address was not accepted.
///
/// ```
/// let error = ringport::BufferPool::builder().slice_size(0).build().unwrap_err();
/// assert_eq!(error.to_string(), "slice_size is 0, allowed is 1 to 1,073,741,824 bytes");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MemoryError {
    /// The memory could not be locked and [`Lock::Required`](super::Lock::Required) was asked for.
    #[error("{}", LockRefusal::new(*limit, *asked, *allowed, *locked))]
    LockLimit {
        /// Which limit refused.
        limit: LockLimitName,
        /// Bytes that were to be locked now.
        asked: usize,
        /// Bytes that may be locked in all.
        allowed: usize,
        /// Bytes that were locked before: of the pool for `locked_limit`, otherwise of the process (on Windows, of
        /// its pools).
        locked: usize,
    },
    /// The system gave no memory.
    #[error("cannot map {bytes} bytes of memory: {source}; use fewer or smaller slices in a region")]
    Map {
        /// Bytes asked for.
        bytes: usize,
        /// The system's reason.
        source: io::Error,
    },
    /// The memory cannot come from the memory node that was asked for.
    #[error("cannot take memory from NUMA node {node}: {source}; {NODES_HINT}")]
    Node {
        /// The node asked for.
        node: usize,
        /// The system's reason.
        source: io::Error,
    },
    /// A setting is outside what is allowed.
    #[error("{what} is {value}, allowed is {allowed}")]
    Invalid {
        /// The builder's method.
        what: &'static str,
        /// What was given.
        value: usize,
        /// What may be given.
        allowed: &'static str,
    },
    /// An address range that is not (or no longer) registered memory.
    #[error("{what}: offset {offset}, length {len}, region of {region_bytes} bytes")]
    Fault {
        /// What is wrong with it.
        what: &'static str,
        /// The offset asked for, bytes.
        offset: usize,
        /// The length asked for, bytes.
        len: usize,
        /// The size of the region, bytes; 0 for a region that is gone.
        region_bytes: usize,
    },
}

/// The pool has no free slice and cannot grow. Ordinary under load: wait for a slice to return.
///
/// ```
/// let pool = ringport::BufferPool::builder().slices_per_region(1).regions(1..=1).build()?;
/// let held = pool.take()?;
/// let refused = pool.take().unwrap_err();
/// assert_eq!((refused.slices, refused.maximum_regions), (1, 1));
/// drop(held);
/// assert!(pool.take().is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the buffer pool is exhausted: all {slices} slices in {regions} of at most {maximum_regions} regions are in use{}; {}",
    match growth { Some(stop) => format!(" and it cannot grow ({stop})"), None => String::new() },
    "raise regions(..) or slices_per_region, or wait for a slice to return")]
#[non_exhaustive]
pub struct PoolExhausted {
    /// Slices of the pool's open regions.
    pub slices: usize,
    /// Open regions.
    pub regions: usize,
    /// The most regions the pool may have.
    pub maximum_regions: usize,
    /// Why it did not grow, where it is below its maximum.
    pub growth: Option<GrowthStop>,
}

/// Why a pool below its maximum did not grow. It tries again after a second.
///
/// ```
/// use ringport::BufferPool;
/// use ringport::memory::GrowthStop;
///
/// let mut memory = vec![0u8; 4096];
/// // SAFETY: the vector is not touched, and outlives the pool and its buffers.
/// let pool = unsafe { BufferPool::builder().build_over(memory.as_mut_ptr(), memory.len())? };
/// let region = pool.take()?.region();
/// pool.deregister(region); // its only one
/// assert_eq!(pool.take().unwrap_err().growth, Some(GrowthStop::Foreign));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GrowthStop {
    /// Locking is required and a limit does not allow more.
    #[error("{0}")]
    Lock(LockRefusal),
    /// The system gave no memory; its error number.
    #[error("the system gives no memory, error {0}")]
    Map(i32),
    /// The pool is over the caller's own memory, which does not grow.
    #[error("it is over the caller's own memory")]
    Foreign,
}

impl From<MemoryError> for GrowthStop {
    fn from(error: MemoryError) -> GrowthStop {
        match error {
            MemoryError::LockLimit { limit, asked, allowed, locked } => {
                GrowthStop::Lock(LockRefusal::new(limit, asked, allowed, locked))
            }
            MemoryError::Map { source, .. } | MemoryError::Node { source, .. } => {
                GrowthStop::Map(source.raw_os_error().unwrap_or(OUT_OF_MEMORY))
            }
            // Settings and addresses were checked when the pool was built.
            MemoryError::Invalid { .. } | MemoryError::Fault { .. } => GrowthStop::Map(INVALID),
        }
    }
}

impl From<LockRefusal> for MemoryError {
    fn from(refusal: LockRefusal) -> MemoryError {
        let LockRefusal { limit, asked, allowed, locked } = refusal;
        MemoryError::LockLimit { limit, asked, allowed, locked }
    }
}

/// More bytes than fit.
///
/// ```
/// let pool = ringport::BufferPool::builder().slice_size(8).slices_per_region(1).build()?;
/// let error = pool.take()?.extend_from_slice(b"nine byte").unwrap_err();
/// assert_eq!((error.asked, error.capacity), (9, 8));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{asked} bytes do not fit, the slice has room for {capacity}; use a pool with a larger slice_size")]
pub struct CapacityExceeded {
    /// Bytes that were to be held.
    pub asked: usize,
    /// Bytes that can be held.
    pub capacity: usize,
}

/// Why [`BufferPool::take_with`](super::BufferPool::take_with) gave no buffer.
///
/// The length is looked at first: a pool gives [`TakeError::TooLong`] also when it has run dry.
///
/// ```
/// use ringport::BufferPool;
/// use ringport::memory::TakeError;
///
/// let pool = BufferPool::builder().slice_size(8).slices_per_region(1).regions(1..=1).build()?;
/// let _held = pool.take_with(b"eight by")?;
/// assert!(matches!(pool.take_with(b"nine byte"), Err(TakeError::TooLong(error)) if error.capacity == 8));
/// assert!(matches!(pool.take_with(b"short"), Err(TakeError::Exhausted(_))));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TakeError {
    /// No slice is free.
    #[error(transparent)]
    Exhausted(#[from] PoolExhausted),
    /// The bytes are longer than a slice.
    #[error(transparent)]
    TooLong(#[from] CapacityExceeded),
}

/// Why a [`PoolFamily`](super::PoolFamily) gave no buffer.
///
/// ```
/// use ringport::PoolFamily;
/// use ringport::memory::FamilyError;
///
/// let family = PoolFamily::builder().size(256, |pool| pool.slices_per_region(1).regions(1..=1)).build()?;
/// let _held = family.take(100)?;
/// assert!(matches!(family.take(100), Err(FamilyError::Exhausted { slice_size: 256, .. })));
/// assert_eq!(family.take(300).unwrap_err(), FamilyError::TooLarge { asked: 300, largest: 256 });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FamilyError {
    /// No size holds so many bytes.
    #[error("no slice holds {asked} bytes, the largest has {largest}; add a larger size(..) to the family")]
    TooLarge {
        /// Bytes that were to be held.
        asked: usize,
        /// The largest slice size of the family.
        largest: usize,
    },
    /// The pool of the right size has no free slice.
    #[error("no slice of {slice_size} bytes: {reason}")]
    Exhausted {
        /// The size that would have fitted.
        slice_size: usize,
        /// What the pool said.
        reason: PoolExhausted,
    },
}

/// A range that is not inside a buffer.
///
/// ```
/// let pool = ringport::BufferPool::builder().slices_per_region(1).build()?;
/// let buffer = pool.take_with(b"four")?.freeze();
/// assert_eq!(buffer.view(2..5).unwrap_err().to_string(), "the range 2..5 is not inside the 4 bytes of the buffer");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the range {start}..{end} is not inside the {len} bytes of the buffer")]
pub struct RangeError {
    /// First byte asked for.
    pub start: usize,
    /// One past the last byte asked for.
    pub end: usize,
    /// Bytes there are.
    pub len: usize,
}
