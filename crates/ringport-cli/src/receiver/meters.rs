//! What passes through a server of streams: a meter for each of its threads, whichever connections it serves.
//!
//! ```text
//!   connection a --\                     thread 1: meter
//!   connection b ---> whichever thread   thread 2: meter  --> read by the control thread at any time
//!   connection c --/                     ...
//!   (bytes of each: where its messages end)
//! ```
//! The server starts its threads itself, so a thread gets its meter when something passes through it first.

#![allow(clippy::missing_const_for_thread_local, reason = "not every system's is seen to be one that is")]

use std::cell::OnceCell;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use crate::allocator;
use crate::clock;
use crate::sys::process::{Thread, this_thread};

use super::totals::{Moment, Totals};
use super::work::Work;

thread_local! {
    static MINE: OnceCell<Arc<Meter>> = const { OnceCell::new() };
}

/// All meters of this process.
#[derive(Clone, Default)]
pub(super) struct Meters(Arc<Mutex<Vec<Arc<Meter>>>>);

/// What passed through one thread, which alone writes it, on cache lines of its own.
#[derive(Debug)]
#[repr(align(128))]
pub(super) struct Meter {
    pub(super) thread: Thread,
    messages: AtomicU64,
    bytes: AtomicU64,
    first: AtomicU64,
    last: AtomicU64,
    allocations_first: AtomicU64,
    allocations_last: AtomicU64,
}

/// One connection: how far its stream has come.
pub(super) struct Stream {
    meters: Meters,
    payload: u64,
    bytes: u64,
    messages: u64,
    work: Work,
    units: u32,
}

impl Meters {
    /// One more connection, with messages of `payload` bytes and so many units of work for each.
    pub(super) fn stream(&self, payload: u64, units: u32) -> Stream {
        Stream {
            meters: self.clone(),
            payload: payload.max(1),
            bytes: 0,
            messages: 0,
            work: Work::new(),
            units,
        }
    }

    /// Whole messages so far.
    pub(super) fn count(&self) -> u64 {
        self.lock().iter().map(|meter| meter.messages.load(Relaxed)).sum()
    }

    /// The meters as they stand, the busiest thread first.
    pub(super) fn all(&self) -> Vec<Arc<Meter>> {
        let mut meters = self.lock().clone();
        meters.sort_by_key(|meter| std::cmp::Reverse(meter.messages()));
        meters
    }

    /// All of them together.
    pub(super) fn totals(&self) -> Totals {
        let meters = self.lock();
        let first = meters.iter().map(|it| Moment::of(&it.first, &it.allocations_first));
        let last = meters.iter().map(|it| Moment::of(&it.last, &it.allocations_last));
        Totals {
            datagrams: meters.iter().map(|meter| meter.messages()).sum(),
            bytes: meters.iter().map(|meter| meter.bytes()).sum(),
            foreign: 0,
            ends: Moment::ends(first, last),
            latency_us: None,
        }
    }

    fn register(&self, now: u64) -> Arc<Meter> {
        let zero = AtomicU64::default;
        let meter = Arc::new(Meter {
            thread: this_thread(),
            messages: zero(),
            bytes: zero(),
            first: AtomicU64::new(now),
            last: zero(),
            allocations_first: zero(),
            allocations_last: zero(),
        });
        self.lock().push(Arc::clone(&meter));
        // The meter itself is not to be counted as the server's.
        meter.allocations_first.store(allocator::allocations(), Relaxed);
        meter
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Arc<Meter>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Meter {
    pub(super) fn messages(&self) -> u64 {
        self.messages.load(Relaxed)
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes.load(Relaxed)
    }
}

impl Moment {
    fn of(at: &AtomicU64, allocations: &AtomicU64) -> Moment {
        Moment { at: at.load(Relaxed), allocations: allocations.load(Relaxed) }
    }
}

impl Stream {
    /// The next bytes, wherever the stream was cut. A thread's first call allocates its meter, no later one does.
    #[inline]
    pub(super) fn pass(&mut self, bytes: usize) {
        self.bytes += bytes as u64;
        let more = self.bytes / self.payload - self.messages;
        self.messages += more;
        let now = clock::now();
        MINE.with(|mine| {
            let meter = mine.get_or_init(|| self.meters.register(now));
            // Written by this thread alone, so there is nothing to come between reading and writing.
            let add = |count: &AtomicU64, more: u64| count.store(count.load(Relaxed) + more, Relaxed);
            add(&meter.messages, more);
            add(&meter.bytes, bytes as u64);
            meter.last.store(now, Relaxed);
            meter.allocations_last.store(allocator::allocations(), Relaxed);
        });
        for _ in 0..more {
            self.work.run(self.units);
        }
    }
}

/// What the measuring itself costs a message that comes by itself, in nanoseconds.
pub(super) fn cost() -> f64 {
    const TIMED: u32 = 200_000;
    // In a thread of its own: the meter of this one would be another server's.
    let timed = || {
        let mut stream = Meters::default().stream(64, 0);
        let start = clock::now();
        for _ in 0..TIMED {
            stream.pass(std::hint::black_box(64));
        }
        (clock::now() - start) as f64 / f64::from(TIMED)
    };
    std::thread::spawn(timed).join().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_counted_wherever_their_streams_are_cut_and_whoever_serves_them() {
        let meters = Meters::default();
        let (mut one, mut other) = (meters.stream(10, 0), meters.stream(10, 0));
        let shared = meters.clone();
        let thread = std::thread::spawn(move || {
            for (bytes, complete) in [(3, 0), (7, 1), (25, 3), (4, 3)] {
                one.pass(bytes);
                assert_eq!(shared.count(), complete);
            }
            one
        });
        let mut one = thread.join().unwrap();
        let thread = std::thread::spawn(move || {
            one.pass(1);
            other.pass(20);
        });
        thread.join().unwrap();
        let seen: Vec<_> = meters.all().iter().map(|meter| (meter.messages(), meter.bytes())).collect();
        assert_eq!(seen, [(3, 39), (3, 21)]);
        let totals = meters.totals();
        assert_eq!((totals.datagrams, totals.bytes), (6, 60));
        let (first, last) = totals.ends.unwrap();
        assert!(first.at > 0 && first.at <= last.at);
    }
}
