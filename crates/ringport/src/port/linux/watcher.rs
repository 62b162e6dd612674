//! The thread of a port that notices when another one blocks without saying so.
//!
//! ```text
//!             a packet, a sleeper, and no place
//!   resting ───────────────────────────────────► ticking: look at the threads that run in the books
//!   (parked) ◄─────────────────────────────────           (a file of /proc each), release those that sleep
//!             nobody is kept waiting any more
//! ```
//!
//! It begins with the second thread of the port, for one alone takes nobody's place, and ends with the port. While
//! nobody is kept waiting it makes no wake-up at all. What it does at a tick is in [`super::watch`].

use std::io;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Once, Weak};
use std::thread;
use std::time::Duration;

use super::core::PortCore;
use super::watch::Watch;
use crate::backend::sys;
use crate::backend::sys::errno;
use crate::notice;
use crate::port::monitor::{Monitor, MonitorState};

/// Whether a thread of this process sleeps, by its number.
type IsAsleep = fn(u32) -> io::Result<bool>;

/// What a port and its monitor's thread share.
#[derive(Debug)]
pub(super) struct MonitorDesk {
    every: Option<Duration>,
    is_asleep: IsAsleep,
    begun: Once,
    state: AtomicU8,
    ticks: AtomicU64,
}

impl MonitorDesk {
    pub(super) fn new(monitor: Monitor) -> MonitorDesk {
        let (every, state) = match monitor {
            Monitor::Every(time) => (Some(time), MonitorState::Resting),
            Monitor::Off => (None, MonitorState::Off),
        };
        let state = AtomicU8::new(state as u8);
        MonitorDesk {
            every,
            is_asleep: sys::thread::is_asleep,
            begun: Once::new(),
            state,
            ticks: AtomicU64::new(0),
        }
    }

    pub(super) fn state(&self) -> MonitorState {
        match self.state.load(Ordering::Relaxed) {
            1 => MonitorState::Resting,
            2 => MonitorState::Watching,
            3 => MonitorState::Unavailable,
            _ => MonitorState::Off,
        }
    }

    /// How often the monitor was awake.
    pub(super) fn ticks(&self) -> u64 {
        self.ticks.load(Ordering::Relaxed)
    }

    /// Starts the thread, the first time.
    pub(super) fn begin(&self, core: &Arc<PortCore>) {
        let Some(every) = self.every else { return };
        self.begun.call_once(|| {
            let (core, is_asleep) = (Arc::downgrade(core), self.is_asleep);
            let monitor = move || watch(&core, every, is_asleep);
            let started = thread::Builder::new().name("ringport-watch".to_owned()).spawn(monitor);
            if let Err(error) = started {
                self.give_up(&error);
            }
        });
    }

    fn set(&self, state: MonitorState) {
        self.state.store(state as u8, Ordering::Relaxed);
    }

    fn give_up(&self, why: &io::Error) {
        self.set(MonitorState::Unavailable);
        notice::say(&format!(
            "the states of threads cannot be read ({why}): completion ports let another thread run only where \
             one declares that it blocks"
        ));
    }
}

/// The monitor's thread. It does not keep the port.
fn watch(core: &Weak<PortCore>, every: Duration, is_asleep: IsAsleep) {
    let mut watch = Watch::new();
    let (own, thread) = (sys::thread::number(), thread::current());
    while let Some(core) = core.upgrade() {
        let desk = core.monitor();
        desk.ticks.fetch_add(1, Ordering::Relaxed);
        watch.tick(core.scheduler(), is_asleep);
        // Another thread may have ended a moment ago. This one can always be read, where any can.
        let looked = is_asleep(own);
        if let Err(error) = looked
            && !passes(&error)
        {
            return desk.give_up(&error);
        }
        let Some(rests) = core.scheduler().rest_monitor(&thread) else { return };
        desk.set(if rests { MonitorState::Resting } else { MonitorState::Watching });
        drop(core);
        if rests {
            thread::park();
        } else {
            thread::park_timeout(every);
        }
    }
}

/// Whether a failure to read is one of the moment: no descriptor or no memory is left.
fn passes(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(errno::EMFILE | errno::ENFILE | errno::ENOMEM))
}
