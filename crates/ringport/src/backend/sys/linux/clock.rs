//! The monotonic clock, and waiting on it.

use std::io;
use std::time::Duration;

/// Whether a short sleep may take many times as long as was asked. Here its lateness is the thread's timer slack.
pub(crate) const MAY_OVERSLEEP: bool = false;

/// Now, in nanoseconds of the monotonic clock. Only differences mean anything.
pub(crate) fn now() -> u64 {
    read(libc::CLOCK_MONOTONIC)
}

/// Processor time that this thread has used so far, in nanoseconds. It costs a system call.
pub(crate) fn thread_time() -> u64 {
    read(libc::CLOCK_THREAD_CPUTIME_ID)
}

fn read(clock: libc::clockid_t) -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a valid place for the answer. The call cannot fail: these clocks exist on every Linux.
    unsafe { libc::clock_gettime(clock, &mut time) };
    (time.tv_sec as u64).wrapping_mul(1_000_000_000).wrapping_add(time.tv_nsec as u64)
}

/// Sleeps for `duration`, or until a signal comes: [`io::ErrorKind::Interrupted`].
///
/// The kernel may wake the thread later by its timer slack, 50 us unless
/// [`super::thread::set_timer_slack`] said otherwise.
pub(crate) fn sleep(duration: Duration) -> io::Result<()> {
    let time = timespec(duration);
    // SAFETY: `time` is valid for reading, and no remainder is asked for.
    match unsafe { libc::clock_nanosleep(libc::CLOCK_MONOTONIC, 0, &time, std::ptr::null_mut()) } {
        0 => Ok(()),
        // The one call that returns its error instead of setting errno.
        error => Err(io::Error::from_raw_os_error(error)),
    }
}

/// Seconds and nanoseconds as the kernel wants them. Longer than its clock can count becomes its maximum.
pub(super) fn timespec(duration: Duration) -> libc::timespec {
    libc::timespec {
        tv_sec: libc::time_t::try_from(duration.as_secs()).unwrap_or(libc::time_t::MAX),
        tv_nsec: duration.subsec_nanos() as libc::c_long,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_sleeps_uses_nothing_and_one_that_works_uses_what_it_takes() {
        let (start, used) = (now(), thread_time());
        sleep(Duration::from_millis(2)).unwrap();
        let (slept, idle) = (now() - start, thread_time() - used);
        assert!(idle < slept, "{idle} of {slept}");
        while thread_time() - used < 1_000_000 {}
        assert!(now() - start >= slept + (1_000_000 - idle));
    }

    #[test]
    fn a_sleep_is_never_shorter_than_asked() {
        let start = now();
        sleep(Duration::from_micros(200)).unwrap();
        assert!(now() - start >= 200_000);
    }

    #[test]
    fn no_duration_overflows() {
        assert_eq!(timespec(Duration::MAX).tv_sec, libc::time_t::MAX);
        assert_eq!(timespec(Duration::MAX).tv_nsec, 999_999_999);
    }
}
