//! The rule under simulated traffic, with a clock and a cost of our own.
//!
//! ```text
//!   arrivals (open, closed, bursts) ──► take all ──► rule ──► sleep at least so long ──► ...
//!                                        costs         │
//!                                          └── used ───┘
//! ```

use super::*;

const BOUND: Duration = Duration::from_micros(50);
const SECOND: f64 = 1e9;

fn throughput(at_most: u64) -> Waiting {
    Waiting::Throughput { at_most: Duration::from_micros(at_most) }
}

/// What things take, in nanoseconds of the thread's processor time.
#[derive(Clone, Copy)]
struct Costs {
    wake_up: f64,
    /// Added where a timer ends the sleep, and less than nothing where that is cheaper than to be woken.
    timer: f64,
    /// How late timers are.
    late: f64,
    datagram: f64,
}

const COSTS: Costs = Costs { wake_up: 3_000.0, timer: 1_000.0, late: 0.0, datagram: 400.0 };

/// A thread that sleeps, takes what came, and asks the rule.
struct Thread {
    rule: Gathering,
    costs: Costs,
    now: f64,
    used: f64,
    wait: Duration,
    taken: f64,
    wake_ups: f64,
    gathered: f64,
    longest: Duration,
}

const START: f64 = SECOND;

impl Thread {
    fn new(waiting: Waiting, costs: Costs) -> Thread {
        let rule = Gathering::new(waiting);
        let wait = Duration::ZERO;
        let (taken, wake_ups, gathered) = (0.0, 0.0, 0.0);
        Thread { rule, costs, now: START, used: 0.0, wait, taken, wake_ups, gathered, longest: wait }
    }

    /// Sleeps until `next`, and at least as long as the rule said, and takes what `arrived` by then.
    fn turn(&mut self, next: f64, arrived: impl Fn(f64) -> f64) {
        let waited = !self.wait.is_zero();
        if waited {
            let begun = self.now as u64;
            self.now += self.wait.as_nanos() as f64 + self.costs.late;
            self.rule.slept(begun, self.now as u64);
        }
        self.now = next.max(self.now);
        let datagrams = arrived(self.now) - self.taken;
        let cost = self.costs.wake_up + self.costs.datagram * datagrams;
        let cost = if waited { cost + self.costs.timer } else { cost };
        self.now += cost;
        self.used += cost;
        self.taken += datagrams;
        self.wake_ups += 1.0;
        self.gathered += f64::from(u8::from(waited));
        let used = self.used as u64;
        self.wait = self.rule.next(self.now as u64, datagrams as u64, || used);
        self.longest = self.longest.max(self.wait);
    }

    fn each(&self) -> f64 {
        self.taken / self.wake_ups
    }

    fn cost_of_each(&self) -> f64 {
        self.used / self.taken
    }
}

/// A second of open traffic: `rate` datagrams whatever we do.
fn open(rate: f64, waiting: Waiting, costs: Costs) -> Thread {
    let mut thread = Thread::new(waiting, costs);
    let arrived = |now: f64| ((now - START) * rate / SECOND).floor();
    while thread.now < START + SECOND {
        let next = (thread.taken + 1.0) * SECOND / rate + START;
        thread.turn(next, arrived);
    }
    thread
}

/// A second of clients that send their next request when they have the answer, so many outstanding at a time.
fn closed(outstanding: f64, waiting: Waiting, costs: Costs) -> Thread {
    let mut thread = Thread::new(waiting, costs);
    while thread.now < START + SECOND {
        let due = thread.taken + outstanding;
        thread.turn(thread.now + 2_000.0, |_| due);
    }
    thread
}

/// A second of bursts: so many datagrams at once, every `period` nanoseconds.
fn bursts(size: f64, period: f64, waiting: Waiting) -> Thread {
    let mut thread = Thread::new(waiting, COSTS);
    let arrived = |now: f64| ((now - START) / period).floor() * size;
    while thread.now < START + SECOND {
        let next = (thread.taken / size + 1.0) * period + START;
        thread.turn(next, arrived);
    }
    thread
}

#[test]
fn open_traffic_is_gathered_and_the_bound_is_kept() {
    for rate in [100_000.0, 300_000.0] {
        let thread = open(rate, Waiting::Balanced, COSTS);
        assert!(thread.each() > 3.0, "{rate}/s: {} a wake-up", thread.each());
        assert!(thread.longest <= BOUND);
        let more = open(rate, throughput(100), COSTS);
        assert!(more.each() > 1.5 * thread.each(), "{rate}/s: {} a wake-up", more.each());
        assert!(more.longest > BOUND && more.longest <= 2 * BOUND);
        assert!(more.cost_of_each() < thread.cost_of_each());
    }
}

#[test]
fn a_bound_that_timers_cannot_keep_is_not_tried_again_and_again() {
    // A tick of a coarse clock, and the finest timer of one that ticks twice a millisecond.
    for late in [15_000_000.0, 450_000.0] {
        for waiting in [Waiting::Balanced, throughput(100)] {
            let thread = open(100_000.0, waiting, Costs { late, ..COSTS });
            // After 0, 256 and 768 ms.
            assert!((2.0..=6.0).contains(&thread.gathered), "{waiting}: {} waits", thread.gathered);
        }
    }
    // Timers that are late by the bound serve.
    let thread = open(100_000.0, Waiting::Balanced, Costs { late: 50_000.0, ..COSTS });
    assert!(thread.gathered > 0.5 * thread.wake_ups);
}

#[test]
fn one_late_sleep_is_an_accident() {
    let mut thread = Thread::new(Waiting::Balanced, COSTS);
    let arrived = |now: f64| ((now - START) / 10_000.0).floor();
    let mut accidents = 0;
    for turn in 0..10_000 {
        thread.costs.late = f64::from(u8::from(turn % 100 == 0)) * 1_000_000.0;
        accidents += u32::from(turn % 100 == 0 && !thread.wait.is_zero());
        let next = (thread.taken + 1.0) * 10_000.0 + START;
        thread.turn(next, arrived);
    }
    assert!(accidents > 10 && thread.gathered > 0.5 * thread.wake_ups, "{accidents}: {}", thread.gathered);
}

#[test]
fn sparse_traffic_is_never_delayed() {
    for waiting in [Waiting::Latency, Waiting::Balanced, throughput(100)] {
        assert_eq!(open(10_000.0, waiting, COSTS).gathered, 0.0, "{waiting}");
    }
}

#[test]
fn gathering_that_saves_nothing_ends() {
    // A sleep that costs as much as the wake-ups which it saves.
    let dear = Costs { timer: 20_000.0, ..COSTS };
    let (off, balanced) = (open(100_000.0, Waiting::Latency, dear), open(100_000.0, Waiting::Balanced, dear));
    assert!(balanced.gathered < 0.02 * balanced.wake_ups, "{}", balanced.gathered);
    assert!(balanced.cost_of_each() < 1.02 * off.cost_of_each());
    // At a higher rate it saves more of them.
    let balanced = open(300_000.0, Waiting::Balanced, dear);
    assert!(balanced.gathered > 0.5 * balanced.wake_ups);
    assert!(balanced.cost_of_each() < 0.9 * open(300_000.0, Waiting::Latency, dear).cost_of_each());
}

#[test]
fn a_closed_loop_keeps_its_rate() {
    // Where sleeps cost nothing, too: there gathering saves, and only the lost rate speaks against it.
    let cheap = Costs { timer: -2_000.0, ..COSTS };
    for (outstanding, costs) in [(1.0, COSTS), (4.0, COSTS), (1.0, cheap), (4.0, cheap)] {
        let with = closed(outstanding, Waiting::Balanced, costs);
        let without = closed(outstanding, Waiting::Latency, costs);
        assert!(with.taken > 0.98 * without.taken, "{outstanding}: {} of {}", with.taken, without.taken);
        assert!(with.gathered < 0.02 * with.wake_ups, "{outstanding}: {}", with.gathered);
    }
}

#[test]
fn a_closed_loop_of_many_loses_little() {
    // So many keep the thread busy for half as long as the wait lasts: the rate holds, or nearly.
    let with = closed(64.0, Waiting::Balanced, COSTS);
    let without = closed(64.0, Waiting::Latency, COSTS);
    assert!(with.taken > 0.7 * without.taken, "{} of {}", with.taken, without.taken);
}

#[test]
fn throughput_slows_a_closed_loop_of_several_and_not_of_one() {
    // A wake-up is dear, so that a sleep in its place costs no more.
    let costs = Costs { timer: 0.0, ..COSTS };
    let trips = |outstanding, waiting| closed(outstanding, waiting, costs).taken;
    assert!(trips(1.0, throughput(100)) > 0.95 * trips(1.0, Waiting::Latency));
    assert!(trips(4.0, throughput(100)) * 2.0 < trips(4.0, Waiting::Latency));
}

#[test]
fn bursts_far_apart_are_never_delayed() {
    for waiting in [Waiting::Balanced, throughput(100)] {
        assert_eq!(bursts(100.0, 10e6, waiting).gathered, 0.0, "{waiting}");
    }
}

#[test]
fn a_slow_handler_is_not_made_to_wait() {
    // What a wake-up costs is nothing beside 20 us for each datagram: waiting would only delay.
    let slow = Costs { datagram: 20_000.0, ..COSTS };
    let thread = open(40_000.0, Waiting::Balanced, slow);
    assert!(thread.gathered < 0.02 * thread.wake_ups, "{} of {}", thread.gathered, thread.wake_ups);
}

#[test]
fn open_traffic_after_a_closed_loop_is_gathered_in_time() {
    let mut thread = closed(4.0, Waiting::Balanced, COSTS);
    let (from, before) = (thread.now, thread.taken);
    let rate = 200_000.0;
    let arrived = |now: f64| before + ((now - from) * rate / SECOND).floor();
    thread.gathered = 0.0;
    while thread.now < from + SECOND {
        let next = (thread.taken - before + 1.0) * SECOND / rate + from;
        thread.turn(next, arrived);
    }
    // Half a second at most is held back from trials, the rest gathers.
    assert!(thread.gathered > 5_000.0, "{}", thread.gathered);
}

#[test]
fn traffic_that_leaves_no_time_to_wait_is_no_pause() {
    let mut rule = Gathering::new(Waiting::Balanced);
    let mut now = 1_000_000_000;
    rule.next(now, 0, || 0);
    // Busy without a wait for longer than any pause, twice, and then at once enough to gather.
    now += 9 * PAUSE;
    assert!(rule.next(now, 4_000, || 0).is_zero(), "what it costs is not known yet");
    now += 9 * PAUSE;
    assert!(!rule.next(now, 4_000, || 9 * PAUSE).is_zero());
    // So many more in a time in which the thread was kept from running: no reason to stop.
    now += 20 * BOUND.as_nanos() as u64;
    assert!(!rule.next(now, 400, || 9 * PAUSE).is_zero());
}

#[test]
fn a_bound_without_end_is_a_bound() {
    let mut rule = Gathering::new(Waiting::Throughput { at_most: Duration::MAX });
    let mut now = 1_000_000_000;
    for _ in 0..100 {
        now += PAUSE / 2;
        rule.next(now, 50, || now);
    }
    now += 2 * PAUSE;
    rule.next(now, 50, || now);
}

#[test]
fn latency_and_a_bound_of_zero_ask_nothing() {
    assert!(!Gathering::new(Waiting::Latency).is_on());
    assert!(!Gathering::new(throughput(0)).is_on());
    assert!(Gathering::new(Waiting::Balanced).is_on());
}
