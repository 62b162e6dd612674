//! How long a wait may gather datagrams before it returns: the rule that adapts.
//!
//! When a server is not saturated, wake-ups cost three times what the datagrams do, so it pays to be woken
//! once for several. But a client that waits for its answer before it sends again is only slowed down.
//! The two are told apart by a trial: open traffic arrives at the same rate whether we gather or not,
//! closed traffic slows down as soon as we do.
//!
//! ```text
//!            enough traffic                 rate held
//!   ┌─────┐ ───────────────► ┌───────┐ ───────────────► ┌──────┐
//!   │ Off │                  │ Trial │                  │ Stay │
//!   └─────┘ ◄─────────────── └───────┘                  └──────┘
//!      ▲     rate fell, or a lone request:                 │
//!      │     not again before `hold` is over               │
//!      └───────────────────────────────────────────────────┘
//!            every 256 wake-ups, to measure again without waiting
//! ```
//!
//! That is `Waiting::Balanced`. `Waiting::Throughput` does not ask whether anybody is slowed down: its trial fails only
//! if a wait brings one datagram at a time, and then it stays as long as waits bring more.
//!
//! One reading of the clock a wake-up; no other state than this.

use std::time::Duration;

use super::waiting::Waiting;

/// Gathering pays if so many datagrams are to come within the bound.
const WORTH: f64 = 2.0;
/// How long the rate is measured without waiting.
const WINDOW: u64 = 500_000;
/// Wake-ups in a trial, and how many of them tell a closed loop early.
const TRIAL: u32 = 16;
const EARLY: u32 = 4;
/// Wake-ups before the rate is measured without waiting again.
const STAY: u32 = 256;
/// How much of the rate must be left for the trial to succeed, and for it to go on after the first few.
const HELD: f64 = 0.75;
const HALVED: f64 = 0.5;
/// Datagrams that one wake-up is to bring.
const TARGET: f64 = 64.0;
const SHORTEST: u64 = 10_000;
/// Datagrams that a wake-up must bring, on average, for gathering to be worth the wait.
const FEWEST: f64 = 1.5;
/// Wake-ups over which that average is taken while gathering.
const CHECK: u32 = 32;
/// How long no trial follows a failed one: it doubles from the first to the second.
const HOLD_FIRST: u64 = 1_000_000;
const HOLD_LAST: u64 = 128_000_000;
/// A gap that says that the traffic is over.
const PAUSE: u64 = 1_000_000;

/// The rule, with times in nanoseconds.
#[derive(Debug)]
pub(super) struct Gathering {
    bound: u64,
    /// Gathering ends where the traffic slows down by it.
    yields: bool,
    state: State,
    last: u64,
    window_start: u64,
    /// Datagrams in the window.
    datagrams: u64,
    wake_ups: u32,
    /// Datagrams a nanosecond, as measured without waiting.
    rate_off: f64,
    rate_of_last_failure: f64,
    hold: u64,
    hold_until: u64,
    wait: u64,
    /// For the check of every 32 wake-ups.
    recent: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Off,
    Trial,
    Stay,
}

impl Gathering {
    pub(super) fn new(waiting: Waiting) -> Gathering {
        Gathering {
            bound: waiting.bound().as_nanos() as u64,
            yields: waiting == Waiting::Balanced,
            state: State::Off,
            last: 0,
            window_start: 0,
            datagrams: 0,
            wake_ups: 0,
            rate_off: 0.0,
            rate_of_last_failure: f64::INFINITY,
            hold: HOLD_FIRST,
            hold_until: 0,
            wait: 0,
            recent: 0,
        }
    }

    /// Whether there is anything to ask: no clock need be read otherwise.
    pub(super) fn is_on(&self) -> bool {
        self.bound > 0
    }

    /// Whether the traffic is such that gathering pays, as far as is known.
    #[inline]
    pub(super) fn pays(&self) -> bool {
        self.wait > 0
    }

    /// At `now`, `datagrams` were obtained since the last wake-up: how long may the next wait gather?
    pub(super) fn next(&mut self, now: u64, datagrams: u64) -> Duration {
        let gap = now.saturating_sub(self.last);
        self.last = now;
        match self.state {
            State::Off => self.measure(now, gap, datagrams),
            State::Trial | State::Stay => self.judge(now, gap, datagrams),
        }
        Duration::from_nanos(self.wait)
    }

    /// Whether so few came in that time that to gather would bring nothing. A long time between two waits may
    /// also be one in which there was always something to do, and then no traffic needs gathering more.
    fn is_sparse(&self, gap: u64, datagrams: u64) -> bool {
        datagrams as f64 * self.bound as f64 <= WORTH * gap as f64
    }

    fn measure(&mut self, now: u64, gap: u64, datagrams: u64) {
        if gap > PAUSE && self.is_sparse(gap, datagrams) {
            self.start_window(now);
            return;
        }
        self.datagrams += datagrams;
        let passed = now.saturating_sub(self.window_start);
        if passed < WINDOW {
            return;
        }
        let rate = self.datagrams as f64 / passed as f64;
        self.start_window(now);
        let allowed = now >= self.hold_until || rate > 2.0 * self.rate_of_last_failure;
        if rate * self.bound as f64 >= WORTH && allowed {
            self.state = State::Trial;
            self.rate_off = rate;
            self.wait_for(rate);
        }
    }

    fn wait_for(&mut self, rate: f64) {
        self.wait = ((TARGET / rate) as u64).clamp(SHORTEST.min(self.bound), self.bound);
    }

    fn judge(&mut self, now: u64, gap: u64, datagrams: u64) {
        self.wake_ups += 1;
        self.datagrams += datagrams;
        self.recent += datagrams;
        if gap > self.bound.saturating_mul(4) && self.is_sparse(gap, datagrams) {
            return self.off(now);
        }
        let passed = now.saturating_sub(self.window_start).max(1);
        let rate = self.datagrams as f64 / passed as f64;
        let share = if self.yields { rate / self.rate_off } else { 1.0 };
        let few = (self.datagrams as f64) < FEWEST * f64::from(self.wake_ups);
        match self.state {
            State::Trial if self.wake_ups == 1 && self.yields && datagrams < 2 => self.fail(now),
            State::Trial if self.wake_ups == EARLY && (few || share < HALVED) => self.fail(now),
            State::Trial if self.wake_ups == TRIAL && (few || share < HELD) => self.fail(now),
            State::Trial if self.wake_ups == TRIAL => {
                self.state = State::Stay;
                self.hold = HOLD_FIRST;
                self.start_window(now);
            }
            State::Stay if self.wake_ups == STAY && self.yields => self.off(now),
            State::Stay if self.wake_ups.is_multiple_of(CHECK) => {
                let few = (std::mem::take(&mut self.recent) as f64) < FEWEST * f64::from(CHECK);
                if few {
                    self.off(now);
                } else if self.wake_ups >= STAY {
                    self.wait_for(rate);
                    self.start_window(now);
                }
            }
            _ => {}
        }
    }

    /// The trial showed that somebody waits for us.
    fn fail(&mut self, now: u64) {
        self.rate_of_last_failure = self.rate_off;
        self.hold_until = now + self.hold;
        self.hold = (self.hold * 2).min(HOLD_LAST);
        self.off(now);
    }

    fn off(&mut self, now: u64) {
        self.state = State::Off;
        self.wait = 0;
        self.start_window(now);
    }

    fn start_window(&mut self, now: u64) {
        self.window_start = now;
        self.datagrams = 0;
        self.wake_ups = 0;
        self.recent = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUND: Duration = Duration::from_micros(50);

    fn throughput(at_most: u64) -> Waiting {
        Waiting::Throughput { at_most: Duration::from_micros(at_most) }
    }

    /// Open traffic: `rate` datagrams a second whatever we do. Returns the mean number a wake-up and the
    /// longest wait, over one second.
    fn open(rate: f64, waiting: Waiting) -> (f64, Duration) {
        let mut rule = Gathering::new(waiting);
        let (mut now, mut wait) = (1_000_000_000_f64, Duration::ZERO);
        let (mut taken, mut wake_ups, mut longest) = (0.0, 0.0, Duration::ZERO);
        let start = now;
        while now < start + 1e9 {
            // Sleep until the next arrival, gather, then take all that came.
            let next = (((now - start) * rate / 1e9).floor() + 1.0) * 1e9 / rate + start;
            now = next.max(now + wait.as_nanos() as f64);
            let arrived = ((now - start) * rate / 1e9).floor() - taken;
            taken += arrived;
            wake_ups += 1.0;
            now += 1_000.0 + 300.0 * arrived;
            wait = rule.next(now as u64, arrived as u64);
            longest = longest.max(wait);
        }
        (taken / wake_ups, longest)
    }

    /// A client that sends the next request when it has the answer. Returns round trips in a second.
    fn closed(outstanding: u64, waiting: Waiting) -> u64 {
        let mut rule = Gathering::new(waiting);
        let (mut now, mut trips, mut wait) = (1_000_000_000_u64, 0, 0);
        while now < 2_000_000_000 {
            now += 6_000 + wait + 500 * outstanding;
            trips += outstanding;
            wait = rule.next(now, outstanding).as_nanos() as u64;
        }
        trips
    }

    #[test]
    fn open_traffic_is_gathered_and_the_bound_is_kept() {
        for rate in [100_000.0, 300_000.0] {
            let (each, longest) = open(rate, Waiting::Balanced);
            assert!(each > 3.0, "{rate}/s: {each} a wake-up");
            assert!(longest <= BOUND);
            let (more, longest) = open(rate, throughput(100));
            assert!(more > 1.5 * each, "{rate}/s: {more} a wake-up after {each}");
            assert!(longest > BOUND && longest <= 2 * BOUND);
        }
    }

    #[test]
    fn sparse_traffic_is_never_delayed() {
        for waiting in [Waiting::Latency, Waiting::Balanced, throughput(100)] {
            assert_eq!(open(10_000.0, waiting).1, Duration::ZERO, "{waiting}");
        }
    }

    #[test]
    fn a_closed_loop_keeps_its_rate() {
        for outstanding in [1, 4] {
            let (with, without) =
                (closed(outstanding, Waiting::Balanced), closed(outstanding, Waiting::Latency));
            assert!(with as f64 > 0.95 * without as f64, "{outstanding}: {with} of {without}");
        }
    }

    #[test]
    fn traffic_that_leaves_no_time_to_wait_is_no_pause() {
        let mut rule = Gathering::new(Waiting::Balanced);
        let mut now = 1_000_000_000;
        rule.next(now, 0);
        // Busy without a wait for longer than any pause, and then at once enough to gather.
        now += 9 * PAUSE;
        assert!(!rule.next(now, 4_000).is_zero());
        // So many more in a time in which the thread was kept from running: no reason to stop.
        now += 20 * BOUND.as_nanos() as u64;
        assert!(!rule.next(now, 400).is_zero());
    }

    #[test]
    fn a_bound_without_end_is_a_bound() {
        let mut rule = Gathering::new(Waiting::Throughput { at_most: Duration::MAX });
        let mut now = 1_000_000_000;
        for _ in 0..100 {
            now += PAUSE / 2;
            rule.next(now, 50);
        }
        now += 2 * PAUSE;
        rule.next(now, 50);
    }

    #[test]
    fn latency_and_a_bound_of_zero_ask_nothing() {
        assert!(!Gathering::new(Waiting::Latency).is_on());
        assert!(!Gathering::new(throughput(0)).is_on());
        assert!(Gathering::new(Waiting::Balanced).is_on());
    }

    #[test]
    fn throughput_slows_a_closed_loop_of_several_and_not_of_one() {
        let waiting = throughput(100);
        assert!(closed(1, waiting) as f64 > 0.95 * closed(1, Waiting::Latency) as f64);
        assert!(closed(4, waiting) * 2 < closed(4, Waiting::Latency));
    }
}
