//! The clock of all measurements: the performance counter, whose values mean the same in every process of one machine.

use std::io;
use std::os::windows::io::AsRawHandle;
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use windows_sys::Win32::Foundation::FILETIME;
use windows_sys::Win32::Media::timeBeginPeriod;
use windows_sys::Win32::System::Performance::{QueryPerformanceCounter, QueryPerformanceFrequency};
use windows_sys::Win32::System::Threading::{
    GetProcessTimes, OpenProcess, PROCESS_QUERY_LIMITED_INFORMATION,
};

use super::handle::{checked, nanoseconds, owned};

/// A sleep may end so much later than asked, in nanoseconds: waits on sockets count whole milliseconds.
pub(crate) const LATE: u64 = 2_000_000;

/// Nanoseconds of the performance counter.
#[inline]
pub(crate) fn now() -> u64 {
    static A_SECOND: OnceLock<u64> = OnceLock::new();
    let a_second = *A_SECOND.get_or_init(|| {
        let mut frequency = 0;
        // SAFETY: the place for the answer is valid. The call cannot fail since Windows XP.
        unsafe { QueryPerformanceFrequency(&mut frequency) };
        u64::try_from(frequency).unwrap_or(0).max(1)
    });
    let mut count = 0;
    // SAFETY: as above.
    unsafe { QueryPerformanceCounter(&mut count) };
    let count = count as u64;
    // In two parts, for the product of all of it may not fit.
    count / a_second * 1_000_000_000 + count % a_second * 1_000_000_000 / a_second
}

/// Nanoseconds of CPU time that process `pid` has used in all its threads, those that have ended included.
pub(crate) fn cpu_of_process(pid: u32) -> io::Result<u64> {
    // SAFETY: the call takes no pointer, and what it returns is null, or open and ours.
    let process = unsafe { owned(OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, 0, pid)) }?;
    let mut times = [FILETIME::default(); 4];
    let [begun, ended, kernel, user] = &mut times;
    // SAFETY: the handle is open, and the four places for the answers are valid.
    checked(unsafe { GetProcessTimes(process.as_raw_handle(), begun, ended, kernel, user) })?;
    let [_, _, kernel, user] = times;
    Ok(nanoseconds(kernel).saturating_add(nanoseconds(user)))
}

/// Has the system end waits at whole milliseconds, not at its ticks of about 16 ms.
pub(crate) fn wake_precisely() {
    // SAFETY: the call takes a number. Refused, sleeping is less exact.
    unsafe { timeBeginPeriod(1) };
}

/// Sleeps until `instant` of the clock.
pub(crate) fn sleep_until(instant: u64) {
    thread::sleep(Duration::from_nanos(instant.saturating_sub(now())));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sleeping_ends_no_earlier_than_asked() {
        let until = now() + 2_000_000;
        while now() < until {
            sleep_until(until);
        }
        assert!(now() >= until);
    }

    #[test]
    fn a_working_process_uses_cpu_time() {
        let pid = std::process::id();
        let before = cpu_of_process(pid).unwrap();
        let mut number = 1u64;
        while cpu_of_process(pid).unwrap() == before {
            number = std::hint::black_box(number.wrapping_mul(3));
        }
        assert!(cpu_of_process(0x3fff_fff0).is_err());
    }
}
