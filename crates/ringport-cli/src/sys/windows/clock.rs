//! The clock of all measurements: the performance counter, whose values mean the same in every process of one machine.

use std::io;
use std::thread;
use std::time::Duration;

use super::process;

pub(crate) use ringport::backend::tool::{now, wake_precisely};

/// A sleep may end so much later than asked, in nanoseconds: waits on sockets count whole milliseconds.
pub(crate) const LATE: u64 = 2_000_000;

/// Nanoseconds of CPU time that process `pid` has used in all its threads, those that have ended included.
pub(crate) fn cpu_of_process(pid: u32) -> io::Result<u64> {
    let (_, _, kernel, user) = process::open(pid)?.GetProcessTimes().map_err(process::failed)?;
    // In units of 100 nanoseconds.
    Ok((u64::from(kernel) + u64::from(user)).saturating_mul(100))
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
