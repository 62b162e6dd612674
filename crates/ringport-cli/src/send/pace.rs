//! When each datagram is due. The schedule is absolute: a generator that was held up catches up and keeps its
//! average, and what the delay did to the replies stays visible in their latency.

use crate::clock;
use crate::interrupt::Interrupt;

/// Sleeping ends this much before the due time; the rest is spun, which is exact.
const SPIN: u64 = clock::LATE;
/// Nobody who asks for the end waits longer than this.
const LONGEST_SLEEP: u64 = 20_000_000;

/// A schedule of so many datagrams a second.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    start: u64,
    rate: u64,
}

impl Pace {
    pub(crate) fn new(start: u64, rate: u64) -> Self {
        Pace { start, rate }
    }

    /// The due time of datagram `index`, in nanoseconds of the monotonic clock.
    pub(crate) fn due(&self, index: u64) -> u64 {
        let offset = u128::from(index) * 1_000_000_000 / u128::from(self.rate);
        self.start.saturating_add(u64::try_from(offset).unwrap_or(u64::MAX))
    }
}

/// Waits until `due`; returns the time then, or earlier if the end was asked for.
pub(crate) fn wait_until(due: u64, interrupt: &Interrupt) -> u64 {
    loop {
        let now = clock::now();
        if now >= due || interrupt.asked() {
            return now;
        }
        match sleep_end(now, due) {
            Some(end) => clock::sleep_until(end),
            None => std::hint::spin_loop(),
        }
    }
}

/// Until when a wait for `due` may sleep. None: too near, spin.
pub(crate) fn sleep_end(now: u64, due: u64) -> Option<u64> {
    let left = due.saturating_sub(now);
    (left > SPIN + SPIN / 2).then(|| now + (left - SPIN).min(LONGEST_SLEEP))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn due_times_do_not_drift() {
        let pace = Pace::new(7, 3);
        assert_eq!(pace.due(0), 7);
        assert_eq!(pace.due(1), 7 + 333_333_333);
        // Not three times the rounded step: exactly one second.
        assert_eq!(pace.due(3), 7 + 1_000_000_000);
        assert_eq!(pace.due(3_000_000_000), 7 + 1_000_000_000_000_000_000);
        assert_eq!(Pace::new(0, 1).due(u64::MAX), u64::MAX);
    }

    #[test]
    fn waits_end_at_the_due_time_and_not_before() {
        let interrupt = Interrupt::default();
        for ahead in [0, 20_000, 500_000] {
            let due = clock::now() + ahead;
            assert!(wait_until(due, &interrupt) >= due);
        }
    }

    #[test]
    fn an_asked_end_ends_the_wait() {
        let interrupt = Interrupt::default();
        interrupt.ask();
        let far = clock::now() + 3_600_000_000_000;
        assert!(wait_until(far, &interrupt) < far);
    }

    #[test]
    fn short_waits_are_spun_and_long_ones_slept_in_parts() {
        assert_eq!(sleep_end(1_000, 1_000 + SPIN), None);
        assert_eq!(sleep_end(1_000, 500), None);
        assert_eq!(sleep_end(0, 100_000 + 2 * SPIN), Some(100_000 + SPIN));
        assert_eq!(sleep_end(0, u64::MAX), Some(LONGEST_SLEEP));
    }
}
