//! What the behaviour tests share: running a test on each backend, a socket with its queues, and waiting.
//!
//! ```text
//!   client (plain socket) ──► rig.socket ──► rig.requests ──► rig.queue ──► rig.take(n)
//! ```

pub(crate) mod child;
pub(crate) mod owned;
pub(crate) mod rig;
pub(crate) mod seccomp;
pub(crate) mod tap;

use std::time::{Duration, Instant};

use ringport::BackendChoice;

/// After this a test that waits in vain fails instead of hanging. Nothing is measured by it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Makes two tests, `name::uring` and `name::epoll`, of each function that takes a [`BackendChoice`].
macro_rules! on_each_backend {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            #[test]
            fn uring() {
                $crate::common::run(ringport::BackendChoice::Uring, super::$name);
            }

            #[test]
            fn epoll() {
                $crate::common::run(ringport::BackendChoice::Epoll, super::$name);
            }
        }
    )+};
}
pub(crate) use on_each_backend;

/// Runs `test` on a backend, or prints why that cannot run here.
pub(crate) fn run(choice: BackendChoice, test: fn(BackendChoice)) {
    match ringport::backend::explain(choice) {
        Ok(_) => test(choice),
        Err(error) => eprintln!("skipped: {error}"),
    }
}

/// Looks again and again until there is something to see.
pub(crate) fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(start.elapsed() < PATIENCE, "waited in vain: {what}");
        std::thread::yield_now();
    }
}
/// Numbers for tests that walk through many inputs; one seed, one sequence.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }
}
