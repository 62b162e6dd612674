//! A queue without a thread: the pump works in those that are there, one at a time.
//!
//! ```text
//!   thread A ──► relay: A works                 what B wants is done by A, in one turn more
//!   thread B ──► relay: B leaves ───────────────┘
//! ```
//!
//! The system's port releases a thread with a packet of the queue. It takes the right out of the berth, has a turn run,
//! and has its [`Ready`] there and then, if there is something that asks for one: no other thread, and no other packet,
//! stands in between. What completes while nobody waits at the port is found by whoever comes next, or asks.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::thread::Running;
use super::{Drive, Plan};
use crate::backend::sys::{clock, thread};
use crate::backend::{self, Arrival, Landing};
use crate::queue::error::QueueError;
use crate::queue::on_port::armed;
use crate::queue::on_port::pump::Pump;
use crate::queue::on_port::ready::Ready;
use crate::queue::on_port::relay::Relay;
use crate::queue::on_port::shared::Shared;
use crate::queue::signals::WOKEN;

/// See the module.
pub(in super::super) struct Turns {
    landing: Arc<Landing>,
    relay: Relay,
    /// `None` before it is there, and once it has ended. Locked by whoever works.
    pump: Mutex<Option<Pump>>,
    /// The number of the thread that works.
    thread: AtomicU32,
    /// Whether its waiting may hold something back.
    gathers: bool,
}

impl Turns {
    /// Makes a queue whose packets come to its port.
    pub(super) fn start(plan: Plan) -> Result<(Arc<Shared>, Running), QueueError> {
        let landing = plan.target.landing();
        let backend = backend::open_on(plan.options.choice, plan.options.size, Arc::clone(&landing))?;
        let turns = Turns {
            landing,
            relay: Relay::new(),
            pump: Mutex::new(None),
            thread: AtomicU32::new(0),
            gathers: !plan.options.waiting.bound().is_zero(),
        };
        let (shared, pump) = plan.make(backend, Drive::Turns(Box::new(turns)))?;
        if let Drive::Turns(turns) = &shared.drive {
            *turns.pump() = Some(pump);
        }
        Ok((shared, Running(None)))
    }

    fn pump(&self) -> MutexGuard<'_, Option<Pump>> {
        self.pump.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn number(&self) -> usize {
        self.landing.number()
    }

    pub(super) fn wake(&self, shared: &Shared) {
        shared.signals.note(WOKEN);
        self.work();
    }

    pub(super) fn is_here(&self) -> bool {
        self.thread.load(Ordering::Relaxed) == thread::number()
    }

    pub(super) fn bring(&self) -> bool {
        self.work();
        true
    }

    pub(super) fn survey(&self) {
        self.landing.survey();
        self.work();
    }

    /// Has a turn run that begins after this call: by this thread, or by the one that is at it.
    pub(super) fn work(&self) {
        self.relay.call(|| {
            let mut place = self.pump();
            let Some(pump) = place.as_mut() else { return };
            self.thread.store(thread::number(), Ordering::Relaxed);
            if !pump.turn()
                && let Some(pump) = place.take()
            {
                pump.end();
            }
            self.thread.store(0, Ordering::Relaxed);
        });
    }

    /// Waits for the last turn of a pump that was told to end.
    pub(super) fn end(&self) {
        if !self.is_here() {
            drop(self.pump());
        }
    }

    pub(super) fn arrived(&self, shared: &Shared, arrival: Arrival) -> Option<Ready> {
        self.landing.note(arrival);
        // In the hands of this thread: what the turn brings sends no packet.
        let right = shared.berth.take();
        if self.gathers && right.is_some() {
            self.gather();
        }
        self.work();
        match armed::arm(&shared.berth, &shared.completed, || shared.is_over(), right?) {
            Some(right) => shared.claim(right),
            None => {
                // It lies there again, and the system is to tell what comes next.
                self.work();
                None
            }
        }
    }

    pub(super) fn passed(&self, arrival: Arrival) {
        self.landing.note(arrival);
        self.work();
    }

    /// Waits for the company of what has completed, where that pays.
    fn gather(&self) {
        let gather = self.pump().as_mut().map(Pump::next_gathering);
        if let Some(gather) = gather.filter(|gather| !gather.is_zero()) {
            let begun = backend::now();
            // Without a timer there is no gathering.
            let _ = clock::sleep(gather);
            if let Some(pump) = self.pump().as_mut() {
                pump.slept(begun);
            }
        }
    }
}
