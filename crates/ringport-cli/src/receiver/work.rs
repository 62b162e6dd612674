//! Artificial work: a unit is one step of a small random generator, with a state of its own a thread, so that
//! threads share neither a lock nor a cache line.

use std::hint::black_box;

use crate::clock;

/// Units timed to tell the cost of one.
const TIMED: u32 = 1_000_000;

/// One thread's state.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    state: u64,
}

impl Work {
    pub(crate) fn new() -> Self {
        Work { state: 0x9e37_79b9_7f4a_7c15 }
    }

    /// Does so many units.
    #[inline]
    pub(crate) fn run(&mut self, units: u32) {
        for _ in 0..units {
            // xorshift64; the compiler must not notice that nobody wants the result.
            self.state ^= self.state << 13;
            self.state ^= self.state >> 7;
            self.state ^= self.state << 17;
            self.state = black_box(self.state);
        }
    }
}

/// What a unit costs on this machine now, in nanoseconds.
pub(crate) fn cost_of_unit() -> f64 {
    let mut work = Work::new();
    let start = clock::now();
    work.run(TIMED);
    (clock::now() - start) as f64 / f64::from(TIMED)
}
