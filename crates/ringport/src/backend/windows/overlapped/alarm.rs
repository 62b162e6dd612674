//! A packet that comes after a while, for what no operation tells of.

use std::ffi::c_void;
use std::io;
use std::time::Duration;

use windows_sys::Win32::Foundation::FILETIME;
use windows_sys::Win32::System::Threading::{
    CloseThreadpoolTimer, CreateThreadpoolTimer, PTP_CALLBACK_INSTANCE, PTP_TIMER, SetThreadpoolTimer,
    WaitForThreadpoolTimerCallbacks,
};

use super::home::Home;

/// See the module. One is due at a time: the last that was set.
#[derive(Debug)]
pub(super) struct Alarm {
    timer: PTP_TIMER,
    /// Where it goes; a thread of the system's reads it.
    _home: Box<Home>,
}

// SAFETY: the timer may be set and closed by any thread, and is by whoever owns this.
unsafe impl Send for Alarm {}

impl Alarm {
    pub(super) fn new(home: Home) -> io::Result<Alarm> {
        let home = Box::new(home);
        let context = (&raw const *home).cast_mut().cast::<c_void>();
        // SAFETY: the home lives until no callback runs any more, which `drop` waits for.
        let timer = unsafe { CreateThreadpoolTimer(Some(over), context, std::ptr::null()) };
        if timer == 0 { Err(io::Error::last_os_error()) } else { Ok(Alarm { timer, _home: home }) }
    }

    /// The packet is due after `time`.
    pub(super) fn set(&self, time: Duration) {
        // In steps of 100 nanoseconds; negative means from now.
        let due = i64::try_from(time.as_nanos().div_ceil(100)).unwrap_or(i64::MAX).wrapping_neg();
        let due = FILETIME { dwLowDateTime: due as u32, dwHighDateTime: (due >> 32) as u32 };
        // SAFETY: the timer is open, and the time is read during the call.
        unsafe { SetThreadpoolTimer(self.timer, &due, 0, 0) };
    }
}

/// Runs on a thread of the system's.
unsafe extern "system" fn over(_: PTP_CALLBACK_INSTANCE, context: *mut c_void, _: PTP_TIMER) {
    // SAFETY: the context is the home that the timer was made with, which is dropped after the last callback.
    let home = unsafe { &*context.cast::<Home>() };
    // It fails only without memory for a packet.
    let _ = home.wake();
}

impl Drop for Alarm {
    fn drop(&mut self) {
        // SAFETY: the timer is open; once it is set no more and no callback runs, nothing refers to the home.
        unsafe {
            SetThreadpoolTimer(self.timer, std::ptr::null(), 0, 0);
            WaitForThreadpoolTimerCallbacks(self.timer, 1);
            CloseThreadpoolTimer(self.timer);
        }
    }
}
