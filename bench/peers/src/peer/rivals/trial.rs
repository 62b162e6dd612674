//! When to gather, decided by a trial: the same rule that the library waits by, for a loop written by hand.
//!
//! ```text
//!           so much that gathering pays           as much came
//!   Off ──────────────────────────────► Trial ──────────────────► Stay
//!    ▲ ◄── it slowed down: they wait for us ──┘                      │
//!    └────────────── now and then, to measure again ─────────────────┘
//! ```
//! Throughput does not ask whether anybody slows down: its trials end only when a wait brought a single datagram.

use std::time::{Duration, Instant};

const SHORTEST: f64 = 10e-6;
/// Datagrams that make it worth a trial, within the bound, and that a wait is to bring.
const WORTH: f64 = 2.0;
const TARGET: f64 = 64.0;
/// Seconds that the rate is measured for without waiting, and a gap after which nothing is known of it.
const WINDOW: f64 = 500e-6;
const PAUSE: f64 = 1e-3;
/// Wake-ups of a trial, of the stay after it, and between two looks whether there is still enough.
const TRIAL: u32 = 16;
const STAY: u32 = 256;
const LOOK: u32 = 32;
/// Seconds without a trial after one that failed, doubled by each.
const HOLD: (f64, f64) = (1e-3, 128e-3);

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Off,
    Trial,
    Stay,
}

/// What is known of the traffic. Rates are datagrams a second.
pub(super) struct Rule {
    /// Seconds of the longest wait.
    bound: f64,
    /// Whether it matters that somebody waits for us.
    asks: bool,
    state: State,
    last: Instant,
    start: Instant,
    datagrams: u64,
    wake_ups: u32,
    recent: u64,
    rate: f64,
    failed_at: f64,
    hold: f64,
    held_since: Option<Instant>,
    wait: Duration,
}

impl Rule {
    /// Never holds back what somebody waits for.
    pub(super) fn balanced() -> Rule {
        Rule::new(50e-6, true)
    }

    /// Holds back for 100 us wherever that brings several.
    pub(super) fn throughput() -> Rule {
        Rule::new(100e-6, false)
    }

    fn new(bound: f64, asks: bool) -> Rule {
        let now = Instant::now();
        Rule {
            bound,
            asks,
            state: State::Off,
            last: now,
            start: now,
            datagrams: 0,
            wake_ups: 0,
            recent: 0,
            rate: 0.0,
            failed_at: f64::INFINITY,
            hold: HOLD.0,
            held_since: None,
            wait: Duration::ZERO,
        }
    }

    /// This wake-up brought so many: how long is the next wait to gather?
    pub(super) fn next(&mut self, datagrams: u64) -> Duration {
        let now = Instant::now();
        let gap = (now - self.last).as_secs_f64();
        self.last = now;
        if self.state == State::Off && gap > PAUSE {
            self.begin(State::Off, Duration::ZERO);
            return self.wait;
        }
        self.datagrams += datagrams;
        self.recent += datagrams;
        self.wake_ups += 1;
        let passed = (now - self.start).as_secs_f64();
        let rate = self.datagrams as f64 / passed.max(1e-9);
        match (self.state, self.wake_ups) {
            (State::Off, _) if passed >= WINDOW => self.consider(rate),
            (State::Off, _) => {}
            _ if gap > 4.0 * self.bound => self.begin(State::Off, Duration::ZERO),
            (State::Trial, 1) if datagrams < 2 => self.fail(),
            (State::Trial, 4) if self.asks && rate < 0.5 * self.rate => self.fail(),
            (State::Trial, TRIAL) if self.asks && rate < 0.75 * self.rate => self.fail(),
            (State::Trial, TRIAL) => {
                self.hold = HOLD.0;
                self.begin(State::Stay, self.wait);
            }
            (State::Stay, STAY) => self.begin(State::Off, Duration::ZERO),
            (State::Stay, wake_ups) if wake_ups.is_multiple_of(LOOK) => {
                let few = std::mem::take(&mut self.recent) < u64::from(LOOK * 3 / 2);
                few.then(|| self.begin(State::Off, Duration::ZERO));
            }
            _ => {}
        }
        self.wait
    }

    /// A window is over in which nothing was held back.
    fn consider(&mut self, rate: f64) {
        let held = self.held_since.is_some_and(|since| (self.last - since).as_secs_f64() < self.hold);
        if rate * self.bound >= WORTH && (!held || rate > 2.0 * self.failed_at) {
            self.rate = rate;
            let wait = (TARGET / rate).clamp(SHORTEST, self.bound);
            self.begin(State::Trial, Duration::from_secs_f64(wait));
        } else {
            self.begin(State::Off, Duration::ZERO);
        }
    }

    fn fail(&mut self) {
        self.failed_at = self.rate;
        self.held_since = Some(self.last);
        self.hold = (2.0 * self.hold).min(HOLD.1);
        self.begin(State::Off, Duration::ZERO);
    }

    fn begin(&mut self, state: State, wait: Duration) {
        (self.state, self.wait) = (state, wait);
        (self.start, self.datagrams, self.wake_ups, self.recent) = (self.last, 0, 0, 0);
    }
}
