//! On Windows a queue over Registered I/O works in turns, and one over overlapped operations has a thread.
//!
//! What a thread has begun of overlapped operations is cancelled when it ends, unless the socket belongs to a completion
//! port, and under Wine the end of an operation that comes in the same moment is lost. The threads of a port come and go,
//! so they begin none for others.

use std::sync::Arc;

use super::Plan;
use super::thread::{Running, Thread};
use super::turns::Turns;
use crate::backend::{self, Arrival, BackendKind, Landing};
use crate::queue::error::QueueError;
use crate::queue::on_port::ready::Ready;
use crate::queue::on_port::shared::Shared;

/// See the module.
pub(in super::super) enum Drive {
    Thread(Thread),
    Turns(Box<Turns>),
}

/// What a port's threads do with packets of a queue.
pub(crate) trait Attended {
    /// The number of the queue at its port; 0 if it has no packets there.
    fn number(&self) -> usize;

    /// A packet was taken: what it is worth to the thread that took it.
    fn arrived(&self, arrival: Arrival) -> Option<Ready>;

    /// A packet was taken from a closed port.
    fn passed(&self, arrival: Arrival);
}

/// What a port has for its queues beside taking their packets.
pub(crate) trait Station {
    /// A place for the packets of a new queue.
    fn landing(&self) -> Arc<Landing>;
}

pub(super) fn start(plan: Plan) -> Result<(Arc<Shared>, Running), QueueError> {
    match backend::explain(plan.options.choice)?.kind {
        BackendKind::Rio => Turns::start(plan),
        _ => Running::start(plan, |options| backend::open(options.choice, options.size), Drive::Thread),
    }
}

impl Drive {
    pub(super) fn wake(&self, shared: &Shared) {
        match self {
            Drive::Thread(thread) => thread.wake(shared),
            Drive::Turns(turns) => turns.wake(shared),
        }
    }

    pub(super) fn is_here(&self) -> bool {
        match self {
            Drive::Thread(thread) => thread.is_here(),
            Drive::Turns(turns) => turns.is_here(),
        }
    }

    pub(super) fn bring(&self, shared: &Shared) -> bool {
        match self {
            Drive::Thread(thread) => thread.bring(shared),
            Drive::Turns(turns) => turns.bring(),
        }
    }

    pub(super) fn note_armed(&self, shared: &Shared) {
        match self {
            Drive::Thread(thread) => thread.note_armed(shared),
            Drive::Turns(turns) => turns.work(),
        }
    }

    pub(super) fn survey(&self, shared: &Shared) {
        match self {
            Drive::Thread(thread) => thread.survey(shared),
            Drive::Turns(turns) => turns.survey(),
        }
    }

    pub(super) fn end(&self) {
        match self {
            Drive::Thread(thread) => thread.end(),
            Drive::Turns(turns) => turns.end(),
        }
    }
}

impl Attended for Shared {
    fn number(&self) -> usize {
        match &self.drive {
            Drive::Thread(_) => 0,
            Drive::Turns(turns) => turns.number(),
        }
    }

    fn arrived(&self, arrival: Arrival) -> Option<Ready> {
        match &self.drive {
            Drive::Thread(_) => None,
            Drive::Turns(turns) => turns.arrived(self, arrival),
        }
    }

    fn passed(&self, arrival: Arrival) {
        if let Drive::Turns(turns) = &self.drive {
            turns.passed(arrival);
        }
    }
}
