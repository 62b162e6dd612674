//! A thread's place at a port.
//!
//! ```text
//!                 takes a packet                      blocking scope
//!   Waiting ────────────────────────► Running ◄──────────────────────► Blocked
//!      ▲  ▲                            │   ▲
//!      │  └────────── waits ───────────┘   │ runs again
//!      │                               │   │
//!      └────────── waits ── Released ◄─┘───┘  noticed asleep by the monitor
//! ```
//!
//! Only `Running` seats count against the limit. A seat's standing changes under the lock of the scheduler.

use super::spin::Spin;
use super::sync::{Arc, AtomicBool, AtomicU8, AtomicU32, Mutex, MutexGuard, Ordering, Thread, current};

/// What a thread of the port is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Standing {
    /// Not in a wait, and not released by one yet.
    Outside = 0,
    /// Asleep in a wait, or polling on behalf of all.
    Waiting = 1,
    /// Counts against the limit.
    Running = 2,
    /// In a blocking scope.
    Blocked = 3,
    /// Found asleep by the monitor.
    Released = 4,
}

/// What ends the sleep of a waiting thread.
#[derive(Debug)]
pub(super) enum Grant<P> {
    /// A packet: the thread runs.
    Packet(P),
    /// A place to look for completions on behalf of all.
    Poll,
    /// The port was closed.
    Closed,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Seat<P> {
    /// The system's number of the thread.
    pub(super) number: u32,
    thread: Thread,
    standing: AtomicU8,
    /// Goes up each time the thread starts to run: a thread whose number stands still has not come back.
    turns: AtomicU32,
    /// The monitor's own: the turn at which it last saw the thread run in the books, and how often it has found
    /// it asleep since.
    pub(super) watched: AtomicU32,
    pub(super) found_asleep: AtomicU32,
    spin: Spin,
    granted: AtomicBool,
    grant: Mutex<Option<Grant<P>>>,
}

impl<P> Seat<P> {
    /// A place for the calling thread.
    pub(crate) fn new(number: u32) -> Arc<Seat<P>> {
        Arc::new(Seat {
            number,
            thread: current(),
            standing: AtomicU8::new(Standing::Outside as u8),
            turns: AtomicU32::new(0),
            watched: AtomicU32::new(0),
            found_asleep: AtomicU32::new(0),
            spin: Spin::new(),
            granted: AtomicBool::new(false),
            grant: Mutex::new(None),
        })
    }

    pub(super) fn standing(&self) -> Standing {
        match self.standing.load(Ordering::Relaxed) {
            1 => Standing::Waiting,
            2 => Standing::Running,
            3 => Standing::Blocked,
            4 => Standing::Released,
            _ => Standing::Outside,
        }
    }

    pub(super) fn set_standing(&self, standing: Standing) {
        self.standing.store(standing as u8, Ordering::Relaxed);
        if standing == Standing::Running {
            self.turns.store(self.turns().wrapping_add(1), Ordering::Relaxed);
        }
    }

    pub(super) fn turns(&self) -> u32 {
        self.turns.load(Ordering::Relaxed)
    }

    /// Gives the sleeping thread a reason to go on; it is told by [`wake`](Seat::wake).
    pub(super) fn give(&self, grant: Grant<P>) {
        *self.lock() = Some(grant);
        self.granted.store(true, Ordering::Release);
    }

    /// Ends the sleep of the thread, after [`give`](Seat::give).
    pub(super) fn wake(&self) {
        self.thread.unpark();
    }

    /// Looks for a moment whether something is given, where that may be worth it.
    pub(super) fn spin(&self) {
        self.spin.look(|| self.granted.load(Ordering::Relaxed));
    }

    /// What the thread was given, if anything.
    pub(super) fn take(&self) -> Option<Grant<P>> {
        if !self.granted.load(Ordering::Acquire) {
            return None;
        }
        self.granted.store(false, Ordering::Relaxed);
        self.lock().take()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Grant<P>>> {
        self.grant.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
