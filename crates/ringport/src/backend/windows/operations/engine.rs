//! Starting operations, and taking their ends.

use std::collections::HashMap;
use std::io;
use std::os::windows::io::{AsHandle, AsSocket, OwnedSocket, RawSocket};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::super::iocp::{Entry, Iocp};
use super::super::packets::TOLD;
use super::handle::{Descriptor, Holding};
use super::judge::{Ended, Verdict, judge};
use super::node::Node;
use super::run::Run;
use super::slot::{Slot, State};
use super::{ASSOCIATED, file};
use crate::backend::plain::{Done, Outcome, Request};
use crate::backend::{BackendChoice, BackendError, BackendKind, explain};

/// Names a handle.
#[derive(Clone, Debug)]
pub(crate) struct Place(pub(super) Arc<Slot>);

/// See the module of the room.
#[derive(Debug)]
pub(crate) struct Engine {
    pub(super) port: Arc<Iocp>,
    handles: Mutex<Handles>,
}

#[derive(Debug, Default)]
pub(super) struct Handles {
    pub(super) slots: Vec<Weak<Slot>>,
    /// Sockets of the port that are open. The system keeps a socket with its port, so it takes no second association.
    sockets: HashMap<RawSocket, Weak<OwnedSocket>>,
    pub(super) closed: bool,
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
    pub(in super::super) fn open(choice: BackendChoice, port: Arc<Iocp>) -> Result<Engine, BackendError> {
        explain(choice)?;
        Ok(Engine { port, handles: Mutex::default() })
    }

    /// What carries the operations.
    pub(crate) fn kind(&self) -> BackendKind {
        BackendKind::Overlapped
    }

    /// Takes on a handle. `None` when the engine is closed.
    pub(crate) fn attach(&self, mut holding: Holding) -> io::Result<Option<Place>> {
        let mut handles = self.handles();
        if handles.closed {
            return Ok(None);
        }
        match &mut holding.descriptor {
            Descriptor::File(file) => {
                match self.port.associate_handle(file.as_handle(), 0) {
                    // Or it was not opened for this, as those of the standard library are not.
                    Err(error) if is_associated(&error) => {
                        *file = Arc::new(file::reopen(file.as_handle())?);
                        self.port.associate_handle(file.as_handle(), 0)?;
                    }
                    result => result?,
                }
            }
            Descriptor::Udp(socket) => handles.associate(&self.port, socket.shared())?,
            Descriptor::Owned(socket) => self.port.associate_socket(socket.as_socket(), 0)?,
        }
        let slot = Arc::new(Slot::new(holding));
        if handles.slots.len() == handles.slots.capacity() {
            handles.slots.retain(|slot| slot.strong_count() > 0);
        }
        handles.slots.push(Arc::downgrade(&slot));
        Ok(Some(Place(slot)))
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
        let is_known = |state: &State| !skip || state.system_skips;
        let mut state = place.0.lock();
        if !is_known(&state) {
            drop(state);
            // An operation that is being started would not know whether its packet comes.
            state = place.0.wait_until(|_| true);
            if !is_known(&state)
                && let Some(handle) = state.raw()
            {
                // SAFETY: the handle is open under this lock. Where the system does not do it, the packets come.
                state.system_skips = unsafe { file::skip_on_success(handle) };
            }
        }
        state.skip = skip;
    }

    /// How many operations of a handle are outstanding.
    pub(crate) fn outstanding(&self, place: &Place) -> usize {
        place.0.lock().outstanding()
    }

    pub(super) fn handles(&self) -> MutexGuard<'_, Handles> {
        self.handles.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Handles {
    /// Associates a socket with the port, unless it is this port's from before.
    fn associate(&mut self, port: &Iocp, socket: &Arc<OwnedSocket>) -> io::Result<()> {
        use std::os::windows::io::AsRawSocket;
        let number = socket.as_raw_socket();
        match port.associate_socket(socket.as_socket(), 0) {
            Err(error) if is_associated(&error) => {
                // The weak one is of the same socket only if that was never closed, for else its memory is another's.
                let known =
                    self.sockets.get(&number).is_some_and(|known| known.as_ptr() == Arc::as_ptr(socket));
                if known { Ok(()) } else { Err(error) }
            }
            Err(error) => Err(error),
            Ok(()) => {
                if self.sockets.len() == self.sockets.capacity() {
                    self.sockets.retain(|_, socket| socket.strong_count() > 0);
                }
                self.sockets.insert(number, Arc::downgrade(socket));
                Ok(())
            }
        }
    }
}

fn is_associated(error: &io::Error) -> bool {
    error.raw_os_error() == Some(ASSOCIATED)
}

/// What the packet of an operation means; `None` when it goes on.
///
/// # Safety
/// The packet is of a node of an engine, and comes for the first time.
pub(in super::super) unsafe fn complete(entry: Entry) -> Option<Done> {
    // SAFETY: the caller says that it is of a node, whose operation keeps it alive.
    let node = unsafe { Node::from_overlapped(entry.overlapped) }?;
    // SAFETY: whoever takes the packet has the place.
    let slot = Arc::clone(unsafe { node.flight() }.slot.as_ref()?);
    // A starter may be looking at the place. It does so under the lock.
    let mut state = slot.lock();
    // SAFETY: as above; the reference above is gone.
    let flight = unsafe { node.flight() };
    let number = flight.request.as_ref()?.number;
    let verdict = match flight.ended.take() {
        Some(outcome) => Verdict::Done(outcome),
        None => judge(flight, Ended::of(node, entry.bytes as usize), state.raw()),
    };
    let outcome = match verdict {
        Verdict::Done(outcome) => outcome,
        Verdict::Again => {
            let is_cancelled = state.closing || state.find(number).is_none_or(|running| running.cancelled);
            match state.raw().filter(|_| !is_cancelled) {
                None => flight.request.as_ref().map(Outcome::aborted)?,
                Some(handle) => {
                    let (skips, before) = (state.system_skips, slot.cancellations());
                    let run = Run { slot: &slot, node, number, handle, skips, before };
                    slot.begin_starting();
                    drop(state);
                    // SAFETY: as above; the flight is not used after this where a packet follows.
                    let ended = unsafe { run.go() };
                    slot.end_starting();
                    let outcome = ended?;
                    state = slot.lock();
                    outcome
                }
            }
        }
    };
    // SAFETY: as above.
    let request = unsafe { state.finish(node) }?;
    drop(state);
    Some(request.done(slot.key, outcome))
}
