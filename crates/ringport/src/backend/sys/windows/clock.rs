//! The performance counter, and waiting on a timer.

use std::cell::OnceCell;
use std::io;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::ptr::null;
use std::sync::OnceLock;
use std::time::Duration;

use windows_sys::Win32::Foundation::{HANDLE, WAIT_OBJECT_0};
use windows_sys::Win32::System::Performance::{QueryPerformanceCounter, QueryPerformanceFrequency};
use windows_sys::Win32::System::Threading::{
    CREATE_WAITABLE_TIMER_HIGH_RESOLUTION, CreateWaitableTimerExW, GetCurrentProcess, GetCurrentThread,
    INFINITE, SetWaitableTimer, TIMER_ALL_ACCESS, WaitForSingleObject,
};
use windows_sys::Win32::System::WindowsProgramming::{QueryProcessCycleTime, QueryThreadCycleTime};

const A_SECOND: u64 = 1_000_000_000;

/// Whether a short sleep may take many times as long as was asked: see [`sleep`].
pub(crate) const MAY_OVERSLEEP: bool = true;

/// Now, in nanoseconds of the performance counter. Only differences mean anything.
pub(crate) fn now() -> u64 {
    static FREQUENCY: OnceLock<u64> = OnceLock::new();
    let frequency = *FREQUENCY.get_or_init(|| {
        read(|place| {
            // SAFETY: `place` is valid for writing. The call cannot fail: every Windows has this counter.
            unsafe { QueryPerformanceFrequency(place) };
        })
        .max(1)
    });
    let ticks = read(|place| {
        // SAFETY: as above.
        unsafe { QueryPerformanceCounter(place) };
    });
    // In two parts, for the ticks of some days times 10^9 do not fit.
    (ticks / frequency).wrapping_mul(A_SECOND).wrapping_add(ticks % frequency * A_SECOND / frequency)
}

fn read(ask: impl FnOnce(&mut i64)) -> u64 {
    let mut number = 0;
    ask(&mut number);
    number as u64
}

/// Processor time that this thread has used so far. Only the RATIO of two differences means anything: these are cycles
/// of the processor (`QueryThreadCycleTime`), since the time that Windows tells goes in steps of 15 milliseconds. Where
/// cycles are not told, it is that time, in nanoseconds. It costs a system call.
pub(crate) fn thread_time() -> u64 {
    let mut cycles = 0;
    // SAFETY: the thread is the calling one, and `cycles` is valid for writing.
    if unsafe { QueryThreadCycleTime(GetCurrentThread(), &mut cycles) } != 0 {
        return cycles;
    }
    super::thread::usage().map_or(0, |usage| (usage.user + usage.system).as_nanos() as u64)
}

/// The same of all threads of the process together (`QueryProcessCycleTime`).
pub(crate) fn process_time() -> u64 {
    let mut cycles = 0;
    // SAFETY: the process is this one, and `cycles` is valid for writing.
    if unsafe { QueryProcessCycleTime(GetCurrentProcess(), &mut cycles) } != 0 {
        cycles
    } else {
        thread_time()
    }
}

thread_local! {
    /// Made by the first sleep of a thread, for making one costs more than waiting for it.
    #[allow(clippy::missing_const_for_thread_local, reason = "it is: the lint does not see it in the macro of Windows")]
    static TIMER: OnceCell<OwnedHandle> = const { OnceCell::new() };
}

/// Sleeps for `duration`, never shorter. Where the system has no timers of high resolution (before Windows 10,
/// version 1803), it may be a tick of its clock longer, 15 ms as a rule.
pub(crate) fn sleep(duration: Duration) -> io::Result<()> {
    TIMER.try_with(|timer| sleep_with(timer, duration)).unwrap_or_else(|_| {
        // The thread is about to end and has no timer any more.
        std::thread::sleep(duration);
        Ok(())
    })
}

fn sleep_with(timer: &OnceCell<OwnedHandle>, duration: Duration) -> io::Result<()> {
    let start = now();
    let asked = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
    let timer = match timer.get() {
        Some(timer) => timer,
        None => {
            let new = new_timer()?;
            timer.get_or_init(|| new)
        }
    };
    // The timer is of another clock, so it may be over a little early by this one.
    while let Some(left) = asked.checked_sub(now().saturating_sub(start)).filter(|left| *left > 0) {
        wait_for(timer.as_raw_handle(), left)?;
    }
    Ok(())
}

fn new_timer() -> io::Result<OwnedHandle> {
    let mut handle = timer_with(CREATE_WAITABLE_TIMER_HIGH_RESOLUTION);
    if handle.is_null() {
        handle = timer_with(0);
    }
    if handle.is_null() {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the handle is new and nobody else owns it.
    Ok(unsafe { OwnedHandle::from_raw_handle(handle) })
}

fn timer_with(flags: u32) -> HANDLE {
    // SAFETY: no attributes and no name are given; the call takes no other pointer.
    unsafe { CreateWaitableTimerExW(null(), null(), flags, TIMER_ALL_ACCESS) }
}

fn wait_for(timer: HANDLE, nanoseconds: u64) -> io::Result<()> {
    // In steps of 100 nanoseconds; negative means from now.
    let due = -i64::try_from(nanoseconds.div_ceil(100)).unwrap_or(i64::MAX);
    // SAFETY: the timer is open, `due` is valid for reading, and there is nothing to call when it is over.
    if unsafe { SetWaitableTimer(timer, &due, 0, None, null(), 0) } == 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the timer is open.
    match unsafe { WaitForSingleObject(timer, INFINITE) } {
        WAIT_OBJECT_0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_works_uses_time() {
        let used = thread_time();
        // Ends only if working is counted.
        while thread_time() <= used {}
    }

    #[test]
    fn the_clock_never_goes_back_and_agrees_with_the_other_one() {
        let (start, other) = (now(), std::time::Instant::now());
        let mut last = start;
        for _ in 0..10_000 {
            let next = now();
            assert!(next >= last);
            last = next;
        }
        // Read in the other order, so the one lies within the other.
        assert!(u128::from(last - start) <= other.elapsed().as_nanos() + 1_000_000);
    }

    #[test]
    fn a_sleep_is_never_shorter_than_asked() {
        for microseconds in [0, 200, 3_000] {
            let start = now();
            sleep(Duration::from_micros(microseconds)).unwrap();
            assert!(now() - start >= microseconds * 1_000);
        }
    }

    #[test]
    fn without_high_resolution_there_is_an_ordinary_timer() {
        let ordinary = timer_with(0);
        assert!(!ordinary.is_null());
        // SAFETY: the handle is new and nobody else owns it.
        let ordinary = unsafe { OwnedHandle::from_raw_handle(ordinary) };
        wait_for(ordinary.as_raw_handle(), 1_000).unwrap();
    }
}
