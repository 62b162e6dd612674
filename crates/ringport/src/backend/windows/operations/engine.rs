//! Starting operations.

use std::sync::{Arc, Mutex};

use super::super::iocp::Iocp;
use super::super::packets::TOLD;
use super::attaching::Handles;
use super::nodes::Nodes;
use super::run::Run;
use super::slot::Slot;
use crate::backend::plain::{Done, Outcome, Request};
use crate::backend::{BackendChoice, BackendError, BackendKind, explain};

/// Names a handle.
#[derive(Clone, Debug)]
pub(crate) struct Place(pub(super) Arc<Slot>);

/// See the module of the room.
#[derive(Debug)]
pub(crate) struct Engine {
    pub(super) port: Arc<Iocp>,
    pub(super) nodes: Arc<Nodes>,
    pub(super) handles: Mutex<Handles>,
}

/// How an operation began.
#[derive(Debug)]
pub(crate) enum Begun {
    /// It is under way under this number, or its packet is.
    Pending(u64),
    /// It is done already; whether its handle wants that told without a packet, which is always so here.
    Done { done: Done, number: u64, skip: bool },
}

/// Why an operation was not started.
#[derive(Debug)]
pub(crate) enum Refusal {
    Closed,
    Limit(usize),
}

impl Engine {
    /// Opens one whose operations end on this port. The choice says whether there is such a backend; whichever it is,
    /// the operations of a port are overlapped.
    pub(in super::super) fn open(
        choice: BackendChoice,
        port: Arc<Iocp>,
        nodes: Arc<Nodes>,
    ) -> Result<Engine, BackendError> {
        explain(choice)?;
        Ok(Engine { port, nodes, handles: Mutex::default() })
    }

    /// What carries the operations.
    pub(crate) fn kind(&self) -> BackendKind {
        BackendKind::Overlapped
    }

    /// Starts an operation. What it is made from comes back if it is refused.
    #[inline]
    pub(crate) fn start<B>(
        &self,
        place: &Place,
        from: B,
        make: impl FnOnce(B) -> Request,
    ) -> Result<Begun, (Refusal, B)> {
        let slot = &place.0;
        let mut state = slot.lock();
        let handle = match state.raw() {
            Some(handle) if !state.closing => handle,
            _ => return Err((Refusal::Closed, from)),
        };
        if state.running.len() >= state.limit {
            return Err((Refusal::Limit(state.limit), from));
        }
        let mut request = make(from);
        let number = state.next_number;
        state.next_number += 1;
        request.number = number;
        request.mark_begun();
        let node = state.begin(slot, request);
        let run = Run { slot, node, number, handle, skips: state.system_skips, before: slot.cancellations() };
        slot.begin_starting();
        drop(state);
        // SAFETY: the place was free and is this call's.
        let ended = unsafe { run.go() };
        let begun = match ended {
            None => Begun::Pending(number),
            // SAFETY: no packet of the system comes any more, so it is this call's still.
            Some(outcome) => unsafe { self.tell(&run, outcome) },
        };
        slot.end_starting();
        Ok(begun)
    }

    /// Tells the end of an operation for which the system sends no packet.
    ///
    /// # Safety
    /// The caller has the place.
    #[inline]
    unsafe fn tell(&self, run: &Run<'_>, outcome: Outcome) -> Begun {
        let (slot, node, number) = (run.slot, run.node, run.number);
        let mut state = slot.lock();
        if !state.skip {
            // SAFETY: the caller says so.
            unsafe {
                node.flight().ended = Some(outcome);
                node.settle();
            }
            // From here on the place is of whoever takes the packet, which waits for the lock.
            if self.port.post(TOLD, 0, node.overlapped()).is_ok() {
                return Begun::Pending(number);
            }
            // The system has no memory for the packet, but the caller is here to be told.
            if !node.claim_back() {
                return Begun::Pending(number);
            }
            // SAFETY: as above.
            unsafe { node.flight().ended = None };
        }
        // SAFETY: as above.
        let request = unsafe { state.finish(node) };
        drop(state);
        match request {
            Some(request) => Begun::Done { done: request.done(slot.key, outcome), number, skip: true },
            // There is always one.
            None => Begun::Pending(number),
        }
    }

    /// Sets how many operations of a handle may be outstanding.
    pub(crate) fn set_limit(&self, place: &Place, limit: usize) {
        place.0.lock().limit = limit;
    }

    /// Sets whether operations that are done at once are told without a packet.
    pub(crate) fn set_skip(&self, place: &Place, skip: bool) {
        if skip {
            place.0.skip_on_success();
        }
        place.0.lock().skip = skip;
    }

    /// How many operations of a handle are outstanding.
    pub(crate) fn outstanding(&self, place: &Place) -> usize {
        place.0.lock().outstanding()
    }
}
