//! The calling thread: its processors, and what it has used.

use std::io;
use std::time::Duration;

use windows_sys::Win32::System::Threading::GetCurrentThreadId;

/// Lets the calling thread run on these processors only.
pub(crate) fn set_affinity(_processors: &[usize]) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// What a thread has used since it began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    /// Time on a processor in the program itself.
    pub(crate) user: Duration,
    /// Time on a processor in the kernel.
    pub(crate) system: Duration,
    /// Switches because the thread had to wait.
    pub(crate) voluntary_switches: u64,
    /// Switches because another thread was given its processor.
    pub(crate) involuntary_switches: u64,
}

/// What the calling thread has used.
pub(crate) fn usage() -> io::Result<Usage> {
    Ok(Usage::default())
}

/// The calling thread's number.
pub(crate) fn number() -> u32 {
    // SAFETY: the call takes nothing and cannot fail.
    unsafe { GetCurrentThreadId() }
}

/// What another thread of this process has used so far.
pub(crate) fn usage_of(_number: u32) -> Option<Usage> {
    None
}

/// Whether a thread of this process sleeps at this moment.
pub(crate) fn is_asleep(_number: u32) -> io::Result<bool> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Timers are as exact as they are.
pub(crate) fn set_timer_slack(_slack: Duration) -> io::Result<()> {
    Ok(())
}
