//! Whether a thread looks for a moment before it sleeps.
//!
//! ```text
//!   cold ── a long look finds something ──► warm ── each short look finds something ──► warm
//!    ▲ sleeps 1, 2, 4 .. 512 times at once    │
//!    └────────────── a look in vain ──────────┘
//! ```
//!
//! Two threads that answer each other find each other awake, and neither sleeps nor is woken. It takes one long
//! look, as long as a wake-up takes, for both to be awake at once. One that waits for something slower looks in
//! vain, and so seldom that it costs about a hundredth of its time at most.

use std::time::{Duration, Instant};

use super::sync::{AtomicBool, AtomicU32, Ordering, SPINS};

/// What a thread that is awake needs to answer.
const SHORT: Duration = Duration::from_micros(2);
/// What one that sleeps needs to wake up and answer.
const LONG: Duration = Duration::from_micros(50);
/// The most sleeps that begin at once between two looks.
const LONGEST_PAUSE: u32 = 512;

/// See the module. Only the thread itself changes it.
#[derive(Debug)]
pub(super) struct Spin {
    /// How many sleeps begin at once from now on, and how many will after the next look in vain.
    pause: AtomicU32,
    next_pause: AtomicU32,
    warm: AtomicBool,
}

impl Spin {
    pub(super) fn new() -> Spin {
        Spin { pause: AtomicU32::new(0), next_pause: AtomicU32::new(1), warm: AtomicBool::new(false) }
    }

    /// Looks for a moment, where that may be worth it, until `found`.
    pub(super) fn look(&self, found: impl Fn() -> bool) {
        if !SPINS {
            return;
        }
        let pause = self.pause.load(Ordering::Relaxed);
        if pause > 0 {
            return self.pause.store(pause - 1, Ordering::Relaxed);
        }
        let warm = self.warm.load(Ordering::Relaxed);
        let (start, time) = (Instant::now(), if warm { SHORT } else { LONG });
        while start.elapsed() < time {
            if found() {
                return self.found(warm);
            }
            std::hint::spin_loop();
        }
        self.in_vain();
    }

    /// Only a short look is a sign that the other thread is awake too.
    fn found(&self, warm: bool) {
        if warm {
            self.next_pause.store(1, Ordering::Relaxed);
        }
        self.warm.store(true, Ordering::Relaxed);
    }

    fn in_vain(&self) {
        let pause = self.next_pause.load(Ordering::Relaxed);
        self.warm.store(false, Ordering::Relaxed);
        self.pause.store(pause, Ordering::Relaxed);
        self.next_pause.store((pause * 2).min(LONGEST_PAUSE), Ordering::Relaxed);
    }
}
