//! How long a wait may gather datagrams before it returns: the rule that adapts.
//!
//! When a server is not saturated, wake-ups cost three times what the datagrams do, so it pays to be woken
//! once for several. But a client that waits for its answer before it sends again is only slowed down, and on
//! some machines a sleep that a timer ends costs as much as the wake-ups it saves. A trial tells: open traffic
//! arrives at the same rate whether we gather or not, closed traffic slows down as soon as we do; and what a
//! datagram costs is measured both ways.
//!
//! ```text
//!            enough traffic                 rate held, and cheaper
//!   ┌─────┐ ───────────────► ┌───────┐ ───────────────► ┌──────┐
//!   │ Off │                  │ Trial │                  │ Stay │
//!   └─────┘ ◄─────────────── └───────┘                  └──────┘
//!      ▲     not so, or a lone request:                    │
//!      │     not again before `hold` is over               │
//!      └───────────────────────────────────────────────────┘
//!            every 256 wake-ups, to measure again without waiting
//! ```
//!
//! That is `Waiting::Balanced`. `Waiting::Throughput` does not ask whether anybody is slowed down: its trial fails only
//! if a wait brings one datagram at a time, or makes it dearer, and then it stays as long as waits bring more.
//!
//! The bound is a promise. Where sleeps take several times as long, because the system's timers are no finer, hardly any
//! are made.
//!
//! One reading of the clock a wake-up, and of the thread's processor time before and after a trial; no other
//! state than this.

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
/// What a datagram may cost while gathering, of what it costs without: a latency is not worth less than a tenth. Where
/// the user prefers throughput it must only not be more.
const BALANCED_COST: f64 = 0.9;
const THROUGHPUT_COST: f64 = 1.0;
/// Datagrams that one wake-up is to bring.
const TARGET: f64 = 64.0;
const SHORTEST: u64 = 10_000;
/// Datagrams that a wake-up must bring, on average, for gathering to be worth the wait.
const FEWEST: f64 = 1.5;
/// Wake-ups over which that average is taken while gathering.
const CHECK: u32 = 32;
/// How long no trial follows a failed one: it doubles from the first to the second.
const HOLD_FIRST: u64 = 1_000_000;
const HOLD_LAST: u64 = 256_000_000;
/// A sleep of so many times the bound has broken the promise, and so many of them in a row are no accident.
const LATE: u64 = 4;
const ACCIDENTS: u32 = 2;
/// How long no trial follows sleeps that were too long, at the most; the shortest time is [`HOLD_LAST`].
const HOLD_LATE: u64 = 64_000_000_000;
/// A gap that says that the traffic is over.
const PAUSE: u64 = 1_000_000;

/// The rule, with times in nanoseconds.
#[derive(Debug)]
pub(super) struct Gathering {
    bound: u64,
    /// Gathering ends where the traffic slows down by it.
    yields: bool,
    /// The share of its cost that a datagram may have while gathering.
    cost: f64,
    state: State,
    last: u64,
    window_start: u64,
    /// Datagrams in the window.
    datagrams: u64,
    wake_ups: u32,
    /// Datagrams a nanosecond, as measured without waiting.
    rate_off: f64,
    rate_of_last_failure: f64,
    /// The thread's processor time when the window began, where it was looked at.
    used: Option<u64>,
    /// What a datagram costs without waiting.
    cost_off: f64,
    hold: u64,
    hold_until: u64,
    wait: u64,
    /// For the check of every 32 wake-ups.
    recent: u64,
    /// Sleeps in a row that took far too long.
    late: u32,
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
            cost: if waiting == Waiting::Balanced { BALANCED_COST } else { THROUGHPUT_COST },
            state: State::Off,
            last: 0,
            window_start: 0,
            datagrams: 0,
            wake_ups: 0,
            rate_off: 0.0,
            rate_of_last_failure: f64::INFINITY,
            used: None,
            cost_off: 0.0,
            hold: HOLD_FIRST,
            hold_until: 0,
            wait: 0,
            recent: 0,
            late: 0,
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

    /// At `now`, `datagrams` were obtained since the last wake-up: how long may the next wait gather? `used` tells
    /// the processor time of the thread so far, and is seldom asked.
    pub(super) fn next(&mut self, now: u64, datagrams: u64, used: impl FnOnce() -> u64) -> Duration {
        let gap = now.saturating_sub(self.last);
        self.last = now;
        match self.state {
            State::Off => self.measure(now, gap, datagrams, used),
            State::Trial | State::Stay => self.judge(now, gap, datagrams, used),
        }
        Duration::from_nanos(self.wait)
    }

    /// A sleep that was to gather took from `begun` to `now`.
    pub(super) fn slept(&mut self, begun: u64, now: u64) {
        if now.saturating_sub(begun) <= self.bound.saturating_mul(LATE) {
            self.late = 0;
            return;
        }
        self.late += 1;
        if self.late < ACCIDENTS {
            return;
        }
        self.late = 0;
        // However much comes.
        self.rate_of_last_failure = f64::INFINITY;
        let hold = self.hold.max(HOLD_LAST);
        self.hold_until = now + hold;
        self.hold = (hold * 2).min(HOLD_LATE);
        self.off(now, None);
    }

    /// Whether so few came in that time that to gather would bring nothing. A long time between two waits may
    /// also be one in which there was always something to do, and then no traffic needs gathering more.
    fn is_sparse(&self, gap: u64, datagrams: u64) -> bool {
        datagrams as f64 * self.bound as f64 <= WORTH * gap as f64
    }

    fn measure(&mut self, now: u64, gap: u64, datagrams: u64, used: impl FnOnce() -> u64) {
        if gap > PAUSE && self.is_sparse(gap, datagrams) {
            return self.off(now, None);
        }
        self.datagrams += datagrams;
        let passed = now.saturating_sub(self.window_start);
        if passed < WINDOW {
            return;
        }
        let rate = self.rate(now);
        let allowed = now >= self.hold_until || rate > 2.0 * self.rate_of_last_failure;
        if !allowed || self.is_sparse(passed, self.datagrams) {
            return self.off(now, None);
        }
        let used = used();
        match self.cost_since(Some(used)) {
            // A window more, now that there is a use for its cost.
            None => self.off(now, Some(used)),
            Some(cost) => {
                self.state = State::Trial;
                (self.rate_off, self.cost_off) = (rate, cost);
                self.wait_for(rate);
                self.start_window(now, Some(used));
            }
        }
    }

    /// What a datagram of this window costs, if it is known.
    fn cost_since(&self, used: Option<u64>) -> Option<f64> {
        Some(used?.saturating_sub(self.used?) as f64 / self.datagrams.max(1) as f64)
    }

    fn wait_for(&mut self, rate: f64) {
        self.wait = ((TARGET / rate) as u64).clamp(SHORTEST.min(self.bound), self.bound);
    }

    fn judge(&mut self, now: u64, gap: u64, datagrams: u64, used: impl FnOnce() -> u64) {
        self.wake_ups += 1;
        self.datagrams += datagrams;
        self.recent += datagrams;
        if gap > self.bound.saturating_mul(4) && self.is_sparse(gap, datagrams) {
            return self.off(now, None);
        }
        match self.state {
            State::Trial if self.wake_ups == 1 && self.yields && datagrams < 2 => self.fail(now),
            State::Trial if self.wake_ups == EARLY && self.slows_down(now, HALVED) => self.fail(now),
            State::Trial if self.wake_ups == TRIAL => {
                let cost = self.cost_since(Some(used())).unwrap_or_default();
                if self.slows_down(now, HELD) || cost > self.cost * self.cost_off {
                    return self.fail(now);
                }
                self.state = State::Stay;
                self.hold = HOLD_FIRST;
                self.start_window(now, None);
            }
            State::Stay if self.wake_ups.is_multiple_of(CHECK) => {
                let few = (std::mem::take(&mut self.recent) as f64) < FEWEST * f64::from(CHECK);
                match self.wake_ups < STAY {
                    _ if few => self.off(now, None),
                    true => {}
                    false if self.yields => self.off(now, Some(used())),
                    false => {
                        self.wait_for(self.rate(now));
                        self.start_window(now, None);
                    }
                }
            }
            _ => {}
        }
    }

    /// Datagrams a nanosecond in this window.
    fn rate(&self, now: u64) -> f64 {
        self.datagrams as f64 / now.saturating_sub(self.window_start).max(1) as f64
    }

    /// Whether less than `share` of the rate is left, and anybody asks for that, or a wake-up brings too few.
    fn slows_down(&self, now: u64, share: f64) -> bool {
        let few = (self.datagrams as f64) < FEWEST * f64::from(self.wake_ups);
        few || self.yields && self.rate(now) < share * self.rate_off
    }

    /// The trial showed that somebody waits for us, or that nothing is saved.
    fn fail(&mut self, now: u64) {
        self.rate_of_last_failure = self.rate_off;
        self.hold_until = now + self.hold;
        self.hold = (self.hold * 2).min(HOLD_LAST);
        self.off(now, None);
    }

    fn off(&mut self, now: u64, used: Option<u64>) {
        self.state = State::Off;
        self.wait = 0;
        self.start_window(now, used);
    }

    fn start_window(&mut self, now: u64, used: Option<u64>) {
        self.window_start = now;
        self.used = used;
        self.datagrams = 0;
        self.wake_ups = 0;
        self.recent = 0;
    }
}

#[cfg(test)]
mod tests;
