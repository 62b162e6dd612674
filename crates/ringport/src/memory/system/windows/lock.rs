//! Locking pages with `VirtualLock`, within the process's working set.
//!
//! A process may lock about as much as the MINIMUM of its working set, 200 KiB unless somebody raised it. It may raise
//! that itself (`SetProcessWorkingSetSize`), so a lock that meets the limit first asks for more. What was raised stays
//! raised: the next region finds it so, and it costs nothing while nothing is locked.

use crate::memory::{LockLimitName, LockRefusal};
use std::io;
use std::ptr::NonNull;
use std::sync::{Mutex, PoisonError};
use windows_sys::Win32::Foundation::ERROR_WORKING_SET_QUOTA;
use windows_sys::Win32::System::Memory::{VirtualLock, VirtualUnlock};
use windows_sys::Win32::System::Threading::{
    GetCurrentProcess, GetProcessWorkingSetSize, SetProcessWorkingSetSize,
};

/// The limit's name, as people look it up.
pub(crate) const LIMIT_NAME: &str = "the minimum of the working set (SetProcessWorkingSetSize)";
/// What to do when it refuses.
pub(crate) const LIMIT_ADVICE: &str = "it could not be raised: give the user the right \"Increase a process working set\" \
     (SeIncreaseWorkingSetPrivilege), raise the limit of the job the program runs in, or make the pool smaller";
/// What to do when the system refuses for another reason.
pub(crate) const SYSTEM_ADVICE: &str =
    "VirtualLock was refused below the limit: make the pool smaller, or leave the machine more memory";

/// Pages at both ends that a range may touch beside its own.
const ENDS: usize = 2 * 4096;

/// Bytes this process has locked here, for the system does not tell. Holding it also keeps two threads from raising
/// the working set by the same amount for two locks.
static LOCKED: Mutex<usize> = Mutex::new(0);

/// Locks `bytes` at `base`, touching every page.
pub(crate) fn lock(base: NonNull<u8>, bytes: usize) -> Result<(), LockRefusal> {
    let mut locked = LOCKED.lock().unwrap_or_else(PoisonError::into_inner);
    let mut result = lock_pages(base, bytes);
    if is_quota(&result) && raise(bytes.saturating_add(ENDS)).is_ok() {
        result = lock_pages(base, bytes);
    }
    if result.is_ok() {
        *locked = locked.saturating_add(bytes);
        return Ok(());
    }
    let name = if is_quota(&result) { LockLimitName::MemoryLock } else { LockLimitName::System };
    Err(LockRefusal::new(name, bytes, limit(), *locked))
}

fn lock_pages(base: NonNull<u8>, bytes: usize) -> io::Result<()> {
    // SAFETY: the range is one the caller mapped or vouches for, and a wrong one would only be refused.
    let done = unsafe { VirtualLock(base.as_ptr().cast(), bytes) };
    if done == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

fn is_quota(result: &io::Result<()>) -> bool {
    let number = result.as_ref().err().and_then(io::Error::raw_os_error);
    number == Some(ERROR_WORKING_SET_QUOTA as i32)
}

/// Unlocks what [`lock`] locked.
pub(crate) fn unlock(base: NonNull<u8>, bytes: usize) {
    let mut locked = LOCKED.lock().unwrap_or_else(PoisonError::into_inner);
    // SAFETY: as for the lock; unlocking leaves the contents alone.
    if unsafe { VirtualUnlock(base.as_ptr().cast(), bytes) } != 0 {
        *locked = locked.saturating_sub(bytes);
    }
}

/// What may be locked now, in bytes; `usize::MAX` where the system does not tell.
pub(crate) fn limit() -> usize {
    working_set().map_or(usize::MAX, |(minimum, _)| minimum)
}

/// The least and the most of the working set, in bytes.
fn working_set() -> io::Result<(usize, usize)> {
    let (mut minimum, mut maximum) = (0, 0);
    // SAFETY: the process is this one, and both numbers are valid for writing.
    if unsafe { GetProcessWorkingSetSize(GetCurrentProcess(), &mut minimum, &mut maximum) } == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok((minimum, maximum))
}

/// Raises the least of the working set by `bytes`, and the most by as much, so that what is not locked keeps its room.
fn raise(bytes: usize) -> io::Result<()> {
    let (minimum, maximum) = working_set()?;
    let (minimum, maximum) = (minimum.saturating_add(bytes), maximum.saturating_add(bytes));
    // SAFETY: the process is this one, and the call takes numbers.
    if unsafe { SetProcessWorkingSetSize(GetCurrentProcess(), minimum, maximum) } == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::pages;
    use super::*;

    #[test]
    fn more_than_the_working_set_of_a_new_process_is_locked_or_named() {
        let bytes = 1 << 20;
        let base = pages::map(bytes, false, None).unwrap();
        match lock(base, bytes) {
            Ok(()) => unlock(base, bytes),
            Err(refusal) => {
                assert_eq!(refusal.asked, bytes);
                assert_ne!(refusal.limit, LockLimitName::LockedLimit);
                println!("not locked: {refusal}");
            }
        }
        // SAFETY: nobody uses it.
        unsafe { pages::unmap(base, bytes) };
    }

    #[test]
    fn memory_that_is_not_there_is_refused_with_what_was_asked() {
        // Above all addresses of a program.
        let nowhere = NonNull::new(std::ptr::without_provenance_mut(1 << 47)).unwrap();
        let refusal = lock(nowhere, 4096).unwrap_err();
        assert_eq!((refusal.limit, refusal.asked), (LockLimitName::System, 4096));
        assert!(refusal.to_string().contains("VirtualLock"), "{refusal}");
    }

    #[test]
    fn the_working_set_is_raised_by_as_much_or_the_reason_is_told() {
        let (minimum, maximum) = working_set().unwrap();
        match raise(1 << 20) {
            Ok(()) => println!("{minimum}..{maximum} became {:?}", working_set()),
            Err(error) => println!("not raised: {error}"),
        }
        assert!(working_set().unwrap().0 >= minimum);
    }
}
