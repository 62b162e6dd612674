//! Locking a region into memory, and saying plainly why it could not be done.
//!
//! Registered memory is to stay where it is: a page that was swapped out costs a datagram. Locked memory is a
//! budget (`RLIMIT_MEMLOCK`, 8 MiB for an ordinary user on most systems), and a pool over a stranger's machine must work with
//! whatever it is, so locking is a policy and a refusal is data, not text on a terminal.

use std::fmt;
use std::io;
use std::ptr::NonNull;

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
/// assert_eq!(LockLimitName::MemoryLock.to_string(), "RLIMIT_MEMLOCK");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LockLimitName {
    /// The system's limit for the process.
    MemoryLock,
    /// The program's own, [`BufferPoolBuilder::locked_limit`](super::BufferPoolBuilder::locked_limit).
    LockedLimit,
    /// No limit: the system has no memory left to lock, or forbids `mlock` altogether.
    System,
}

impl fmt::Display for LockLimitName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            LockLimitName::MemoryLock => "RLIMIT_MEMLOCK",
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
    /// Bytes that were locked before (of the process for `RLIMIT_MEMLOCK`, of the pool for `locked_limit`).
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
            LockLimitName::MemoryLock => {
                "raise it (`ulimit -l`, LimitMEMLOCK= in a systemd unit), give the program CAP_IPC_LOCK, or make \
                 the pool smaller"
            }
            LockLimitName::LockedLimit => "raise locked_limit(..) or make the pool smaller",
            LockLimitName::System => {
                "mlock was refused below the limit: make the pool smaller, or allow mlock to the program"
            }
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

/// Locks `bytes` at `base`, touching every page.
pub(crate) fn lock(base: NonNull<u8>, bytes: usize) -> Result<(), LockRefusal> {
    // SAFETY: mlock reads no memory; the range is one the caller mapped or vouches for, and a wrong one would only
    // be refused.
    if unsafe { libc::mlock(base.as_ptr().cast(), bytes) } == 0 {
        return Ok(());
    }
    // A failure in the middle (no memory for a page) can leave a part locked, which nobody would account for.
    unlock(base, bytes);
    let (allowed, locked) = (limit(), locked_by_process());
    let within = allowed.saturating_sub(locked) >= bytes;
    let name = if within { LockLimitName::System } else { LockLimitName::MemoryLock };
    Err(LockRefusal::new(name, bytes, allowed, locked))
}

/// Unlocks what [`lock`] locked.
pub(crate) fn unlock(base: NonNull<u8>, bytes: usize) {
    // SAFETY: as for mlock; unlocking leaves the contents alone.
    unsafe { libc::munlock(base.as_ptr().cast(), bytes) };
}

/// The soft limit in bytes; `usize::MAX` where there is none.
pub(crate) fn limit() -> usize {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the pointer is to a live rlimit that the call fills in.
    if unsafe { libc::getrlimit(libc::RLIMIT_MEMLOCK, &mut limit) } != 0 {
        return usize::MAX;
    }
    usize::try_from(limit.rlim_cur).unwrap_or(usize::MAX)
}

/// What the process has locked, from `/proc/self/status`; 0 where that cannot be read.
fn locked_by_process() -> usize {
    let read = || -> io::Result<usize> {
        let status = std::fs::read_to_string("/proc/self/status")?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmLck:"));
        let kilobytes = line.and_then(|rest| rest.trim().trim_end_matches("kB").trim().parse::<usize>().ok());
        Ok(kilobytes.unwrap_or(0).saturating_mul(1024))
    };
    read().unwrap_or(0)
}
