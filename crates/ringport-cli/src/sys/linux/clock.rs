//! The clock of all measurements: CLOCK_MONOTONIC, whose values mean the same in every process of one machine.

use nix::sys::prctl;
use nix::sys::time::TimeSpec;
use nix::time::{ClockId, ClockNanosleepFlags, clock_nanosleep};

/// A sleep may end so much later than asked, in nanoseconds.
pub(crate) const LATE: u64 = 60_000;

/// Nanoseconds of the monotonic clock.
#[inline]
pub(crate) fn now() -> u64 {
    // The monotonic clock cannot fail on Linux; zero would show at once as an absurd latency.
    ClockId::CLOCK_MONOTONIC.now().map_or(0, nanoseconds)
}

/// Nanoseconds of CPU time that process `pid` has used in all its threads, those that have ended included.
pub(crate) fn cpu_of_process(pid: u32) -> nix::Result<u64> {
    let pid = nix::unistd::Pid::from_raw(i32::try_from(pid).map_err(|_| nix::Error::ESRCH)?);
    Ok(nanoseconds(ClockId::pid_cpu_clock_id(pid)?.now()?))
}

/// Lets the kernel wake this thread when asked, not up to 50 us later, which is its habit for ordinary threads.
pub(crate) fn wake_precisely() {
    // Refused, sleeping is less exact and the spinning at its end makes up for it.
    let _ = prctl::set_timerslack(1);
}

/// Sleeps until `instant` of the monotonic clock; a signal ends the sleep early.
pub(crate) fn sleep_until(instant: u64) {
    let request = TimeSpec::new((instant / 1_000_000_000) as i64, (instant % 1_000_000_000) as i64);
    let _ = clock_nanosleep(ClockId::CLOCK_MONOTONIC, ClockNanosleepFlags::TIMER_ABSTIME, &request);
}

fn nanoseconds(time: TimeSpec) -> u64 {
    time.tv_sec() as u64 * 1_000_000_000 + time.tv_nsec() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sleeping_ends_no_earlier_than_asked() {
        let until = now() + 2_000_000;
        sleep_until(until);
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
