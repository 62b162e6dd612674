//! Locking a region into memory, and saying plainly why it could not be done.
//!
//! Registered memory is to stay where it is: a page that was swapped out costs a datagram. Locked memory is a
//! budget (`RLIMIT_MEMLOCK`, 8 MiB for an ordinary user of most Linux systems; the working set on Windows), and a pool
//! over a stranger's machine must work with whatever it is, so locking is a policy and a refusal is data, not text on
//! a terminal.

use super::system::lock::{LIMIT_ADVICE, LIMIT_NAME, SYSTEM_ADVICE};
use std::fmt;

/// What to do about locking a pool's memory.
///
/// ```
/// use ringport::{BufferPool, Lock, memory::MemoryError};
///
/// match BufferPool::builder().slices_per_region(16).lock(Lock::Required).build() {
///     Ok(pool) => assert_eq!(pool.figures().locked_bytes, pool.figures().registered_bytes),
///     Err(error @ MemoryError::LockLimit { .. }) => println!("{error}"),
///     Err(error) => return Err(error),
/// }
/// # Ok::<(), MemoryError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lock {
    /// Lock it; where a limit forbids that, run unlocked and say so in
    /// [`PoolFigures::lock_state`](super::PoolFigures::lock_state).
    #[default]
    Preferred,
    /// Lock it or fail with [`MemoryError::LockLimit`](super::MemoryError::LockLimit).
    Required,
    /// Do not lock.
    Off,
}

/// Which limit refused to let memory be locked.
///
/// Printed, it is the name of the limit, as people look it up to raise it.
///
/// ```
/// use ringport::memory::{LockLimitName, MemoryError};
/// use ringport::{BufferPool, Lock};
///
/// let builder = BufferPool::builder().lock(Lock::Required).locked_limit(Some(100));
/// let refused = builder.build().unwrap_err();
/// assert!(matches!(refused, MemoryError::LockLimit { limit: LockLimitName::LockedLimit, allowed: 100, .. }));
/// assert_eq!(LockLimitName::LockedLimit.to_string(), "locked_limit");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LockLimitName {
    /// The system's limit for the process: `RLIMIT_MEMLOCK`, or on Windows the minimum of its working set, which is
    /// raised for the pool as far as the system lets it (`SetProcessWorkingSetSize`).
    MemoryLock,
    /// The program's own, [`BufferPoolBuilder::locked_limit`](super::BufferPoolBuilder::locked_limit).
    LockedLimit,
    /// No limit: the system has no memory left to lock, or forbids `mlock` (`VirtualLock`) altogether.
    System,
}

impl fmt::Display for LockLimitName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            LockLimitName::MemoryLock => LIMIT_NAME,
            LockLimitName::LockedLimit => "locked_limit",
            LockLimitName::System => "the system",
        })
    }
}

/// Why memory is not locked: the limit, the figures, and (displayed) what to change.
///
/// ```
/// use ringport::memory::LockLimitName;
///
/// let pool = ringport::BufferPool::builder().slices_per_region(16).locked_limit(Some(100)).build()?;
/// let refusal = pool.lock_notice().expect("16 slices are more than 100 bytes");
/// assert_eq!((refusal.limit, refusal.allowed), (LockLimitName::LockedLimit, 100));
/// eprintln!("{refusal}");                             // once: the next call gives nothing
/// assert!(pool.lock_notice().is_none());
/// # Ok::<(), ringport::memory::MemoryError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LockRefusal {
    /// Which limit refused.
    pub limit: LockLimitName,
    /// Bytes that were to be locked.
    pub asked: usize,
    /// Bytes that may be locked in all.
    pub allowed: usize,
    /// Bytes that were locked before: of the pool for `locked_limit`, otherwise of the process (on Windows, of its
    /// pools).
    pub locked: usize,
}

impl LockRefusal {
    pub(crate) fn new(limit: LockLimitName, asked: usize, allowed: usize, locked: usize) -> LockRefusal {
        LockRefusal { limit, asked, allowed, locked }
    }
}

impl fmt::Display for LockRefusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LockRefusal { limit, asked, allowed, locked } = self;
        write!(
            formatter,
            "cannot lock {asked} bytes of memory: {limit} allows {allowed} bytes, {locked} are locked already; "
        )?;
        formatter.write_str(match limit {
            LockLimitName::MemoryLock => LIMIT_ADVICE,
            LockLimitName::LockedLimit => "raise locked_limit(..) or make the pool smaller",
            LockLimitName::System => SYSTEM_ADVICE,
        })
    }
}

/// Whether a pool's memory is locked.
///
/// ```
/// use ringport::{BufferPool, Lock, memory::LockState};
///
/// let pool = BufferPool::builder().slices_per_region(16).lock(Lock::Off).build()?;
/// assert_eq!(pool.figures().lock_state, LockState::Off);
/// # Ok::<(), ringport::memory::MemoryError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LockState {
    /// [`Lock::Off`]: nobody asked for it.
    Off,
    /// All regions are locked.
    Locked,
    /// At least one region is not.
    Unlocked {
        /// Why the most recent one is not.
        reason: LockRefusal,
    },
}

impl fmt::Display for LockState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LockState::Off => formatter.write_str("not locked, as configured"),
            LockState::Locked => formatter.write_str("locked"),
            LockState::Unlocked { reason } => write!(formatter, "running unlocked: {reason}"),
        }
    }
}
