//! Locking pages with `mlock`, within `RLIMIT_MEMLOCK`.

use crate::memory::{LockLimitName, LockRefusal};
use std::io;
use std::ptr::NonNull;

/// The limit's name, as people look it up.
pub(crate) const LIMIT_NAME: &str = "RLIMIT_MEMLOCK";
/// What to do when it refuses.
pub(crate) const LIMIT_ADVICE: &str = "raise it (`ulimit -l`, LimitMEMLOCK= in a systemd unit), give the program CAP_IPC_LOCK, or \
     make the pool smaller";
/// What to do when the system refuses for another reason.
pub(crate) const SYSTEM_ADVICE: &str =
    "mlock was refused below the limit: make the pool smaller, or allow mlock to the program";

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
