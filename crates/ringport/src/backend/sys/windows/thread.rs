//! The calling thread: its processors, and what it has used.

use std::io;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::ptr::null_mut;
use std::time::Duration;

use windows_sys::Win32::Foundation::{FILETIME, HANDLE, WAIT_TIMEOUT};
use windows_sys::Win32::System::SystemInformation::GROUP_AFFINITY;
use windows_sys::Win32::System::Threading::{
    GetActiveProcessorCount, GetActiveProcessorGroupCount, GetCurrentProcessId, GetCurrentThread,
    GetCurrentThreadId, GetProcessIdOfThread, GetThreadTimes, OpenThread, SetThreadGroupAffinity,
    THREAD_QUERY_LIMITED_INFORMATION, THREAD_SYNCHRONIZE, WaitForSingleObject,
};

/// Lets the calling thread run on these processors only.
///
/// Windows has processors in groups of up to 64, and a thread runs in one of them: they are counted here from the first
/// of the first group to the last of the last. [`io::ErrorKind::InvalidInput`] when none of them exists, or they are
/// of several groups.
pub(crate) fn set_affinity(processors: &[usize]) -> io::Result<()> {
    let mut wanted = GROUP_AFFINITY::default();
    for (group, bit) in processors.iter().filter_map(|&processor| in_group(processor)) {
        if wanted.Mask != 0 && wanted.Group != group {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        wanted.Group = group;
        wanted.Mask |= 1 << bit;
    }
    if wanted.Mask == 0 {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    // SAFETY: `wanted` is valid for reading, the thread is the calling one, and the old mask is not asked for.
    match unsafe { SetThreadGroupAffinity(GetCurrentThread(), &wanted, null_mut()) } {
        0 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// The group of a processor, and its number there.
fn in_group(processor: usize) -> Option<(u16, u32)> {
    let mut left = u32::try_from(processor).ok()?;
    // SAFETY: the call takes nothing.
    for group in 0..unsafe { GetActiveProcessorGroupCount() } {
        // SAFETY: the call takes a number.
        let count = unsafe { GetActiveProcessorCount(group) };
        if left < count {
            return Some((group, left));
        }
        left -= count;
    }
    None
}

/// The processors that the calling thread may run on, in ascending order.
#[cfg(test)]
pub(crate) fn affinity() -> io::Result<Vec<usize>> {
    use windows_sys::Win32::System::Threading::GetThreadGroupAffinity;
    let mut allowed = GROUP_AFFINITY::default();
    // SAFETY: `allowed` is valid for writing, and the thread is the calling one.
    if unsafe { GetThreadGroupAffinity(GetCurrentThread(), &mut allowed) } == 0 {
        return Err(io::Error::last_os_error());
    }
    let is_allowed = |processor: &usize| {
        in_group(*processor)
            .is_some_and(|(group, bit)| group == allowed.Group && allowed.Mask >> bit & 1 == 1)
    };
    Ok((0..1024).filter(is_allowed).collect())
}

/// What a thread has used since it began, in steps of the system's clock, 15 ms as a rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    /// Time on a processor in the program itself.
    pub(crate) user: Duration,
    /// Time on a processor in the kernel.
    pub(crate) system: Duration,
    /// Switches because the thread had to wait: Windows does not tell, so none.
    pub(crate) voluntary_switches: u64,
    /// Switches because another thread was given its processor: as above.
    pub(crate) involuntary_switches: u64,
}

/// What the calling thread has used.
pub(crate) fn usage() -> io::Result<Usage> {
    // SAFETY: the call takes nothing; what it gives stands for the calling thread.
    times(unsafe { GetCurrentThread() })
}

/// What a thread has used; the handle is open, and may be asked for that.
fn times(thread: HANDLE) -> io::Result<Usage> {
    let [mut created, mut ended, mut system, mut user] = [FILETIME::default(); 4];
    // SAFETY: all four places are valid for writing.
    if unsafe { GetThreadTimes(thread, &mut created, &mut ended, &mut system, &mut user) } == 0 {
        return Err(io::Error::last_os_error());
    }
    // Steps of 100 nanoseconds, in two halves.
    let duration = |time: FILETIME| {
        let steps = u64::from(time.dwHighDateTime) << 32 | u64::from(time.dwLowDateTime);
        Duration::from_nanos(steps.saturating_mul(100))
    };
    Ok(Usage { user: duration(user), system: duration(system), ..Usage::default() })
}

/// The calling thread's number.
pub(crate) fn number() -> u32 {
    // SAFETY: the call takes nothing and cannot fail.
    unsafe { GetCurrentThreadId() }
}

/// What another thread of this process has used so far. `None` once the thread has ended.
pub(crate) fn usage_of(number: u32) -> Option<Usage> {
    let rights = THREAD_QUERY_LIMITED_INFORMATION | THREAD_SYNCHRONIZE;
    // SAFETY: the call takes numbers.
    let handle = unsafe { OpenThread(rights, 0, number) };
    if handle.is_null() {
        return None;
    }
    // SAFETY: the handle is new and nobody else owns it.
    let thread = unsafe { OwnedHandle::from_raw_handle(handle) };
    // SAFETY: the handle is open. The number of a thread that has ended may be that of another program's by now.
    let is_own = unsafe { GetProcessIdOfThread(thread.as_raw_handle()) == GetCurrentProcessId() };
    // SAFETY: the handle is open. A thread that has ended is signalled; with no time to wait the call only looks.
    let runs = unsafe { WaitForSingleObject(thread.as_raw_handle(), 0) } == WAIT_TIMEOUT;
    if is_own && runs { times(thread.as_raw_handle()).ok() } else { None }
}

/// How much later than asked timers may fire: the timers here are of high resolution already, where there are any.
pub(crate) fn set_timer_slack(_slack: Duration) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_processor_that_does_not_exist_is_as_good_as_none() {
        let last = *affinity().unwrap().last().unwrap();
        std::thread::spawn(move || set_affinity(&[last, 1 << 20]).unwrap()).join().unwrap();
    }
}
