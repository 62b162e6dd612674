//! One socket as a completion queue knows it, and what its two sides are charged.
//!
//! ```text
//!   post ──────► posted on its side ──────► completion in the queue ──────► dequeued
//!   outstanding + 1                         charged as before               outstanding - 1
//! ```
//!
//! A completion is charged until it is dequeued. So a side never needs more places in the completion queue than its
//! limit says, and those are reserved ([`places`](Attachment::places)).

use super::completion::Outcome;
use super::counters::RequestCounters;
use super::{
    Completion, Operation, Outward, Payload, PoolWait, ReceiveSide, SendRequest, SendSide, Status,
    TakenReceive,
};
use crate::net::SocketHandle;

/// One socket on one completion queue. A request queue whose receives and sends complete in different
/// queues has one attachment in each.
#[derive(Debug)]
pub(crate) struct Attachment {
    pub(crate) socket: SocketHandle,
    pub(crate) context: u64,
    pub(crate) receive: Option<ReceiveSide>,
    pub(crate) send: Option<SendSide>,
    /// Closed by its owner: nothing new is accepted, the place is free once its quota is.
    pub(crate) closed: bool,
    /// Listed for the next `publish`.
    pub(crate) dirty: bool,
    pub(crate) counters: RequestCounters,
}

impl Attachment {
    /// One of which nothing was counted yet.
    pub(crate) fn new(
        socket: SocketHandle,
        context: u64,
        receive: Option<ReceiveSide>,
        send: Option<SendSide>,
    ) -> Attachment {
        let counters = RequestCounters::default();
        Attachment { socket, context, receive, send, closed: false, dirty: false, counters }
    }

    /// Lets go of the socket, so that whoever else owns it can close it. Where the system has nothing to put in its place
    /// it stays.
    pub(crate) fn let_go(&mut self) {
        if let Some(nobody) = self.socket.nobody() {
            self.socket = nobody;
        }
    }

    /// The completion of a receive that was just taken from its side.
    #[inline(always)]
    pub(crate) fn received(&self, key: u32, taken: TakenReceive, status: Status, bytes: u32) -> Completion {
        let (outcome, error) = status.parts();
        Completion {
            payload: taken.payload,
            token: taken.token,
            socket_context: self.context,
            bytes,
            key,
            error,
            outcome,
            operation: self.inward(),
            notifies: taken.notifies,
        }
    }

    /// What a request of the receive side does.
    fn inward(&self) -> Operation {
        match self.socket {
            SocketHandle::Listener(_) => Operation::Accept,
            _ => Operation::Receive,
        }
    }

    /// The completion of a send that was just taken from its side.
    pub(crate) fn sent(&mut self, key: u32, request: SendRequest, status: Status, bytes: u32) -> Completion {
        if let (Some(index), Some(send)) = (request.control, self.send.as_mut()) {
            send.controls.release(index);
        }
        let (outcome, error) = status.parts();
        self.counters.failed += u64::from(error != 0);
        Completion {
            payload: request.payload,
            token: request.token,
            socket_context: self.context,
            bytes,
            key,
            error,
            outcome,
            operation: match request.what {
                Outward::Data => Operation::Send,
                Outward::Connect => Operation::Connect,
                Outward::Finish => Operation::Finish,
            },
            notifies: request.notifies,
        }
    }

    /// The completion of a receive that was cancelled before its pool had a slice for it.
    pub(crate) fn never_posted(&self, key: u32, wait: PoolWait) -> Completion {
        Completion {
            payload: Payload::None,
            token: wait.token,
            socket_context: self.context,
            bytes: 0,
            key,
            error: 0,
            outcome: Outcome::Aborted,
            operation: Operation::Receive,
            notifies: wait.notifies,
        }
    }

    /// Places it holds in its completion queue.
    pub(crate) fn places(&self) -> usize {
        self.receive.as_ref().map_or(0, |side| side.limit as usize)
            + self.send.as_ref().map_or(0, |side| side.limit as usize)
    }

    /// What is charged on either side.
    pub(crate) fn outstanding(&self) -> u32 {
        self.receive.as_ref().map_or(0, |side| side.outstanding)
            + self.send.as_ref().map_or(0, |side| side.outstanding)
    }

    /// Takes completions off the quota of their side.
    #[inline]
    pub(crate) fn release(&mut self, operation: Operation, count: u32) {
        let outstanding = match operation.is_inward() {
            true => self.receive.as_mut().map(|side| &mut side.outstanding),
            false => self.send.as_mut().map(|side| &mut side.outstanding),
        };
        if let Some(outstanding) = outstanding {
            *outstanding = outstanding.saturating_sub(count);
        }
    }
}
