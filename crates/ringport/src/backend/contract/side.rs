//! The two sides of a request queue: what is posted, in post order, and what it is charged.

use std::collections::VecDeque;

use super::request::Controls;
use super::{Completion, Operation, Payload, PoolWait, ReceivePayload, ReceiveRequest, SendRequest, Status};
use crate::memory::Use;
use crate::net::UdpSocket;

/// One socket on one completion queue. A request queue whose receives and sends complete in different
/// queues has one attachment in each.
#[derive(Debug)]
pub(crate) struct Attachment {
    pub(crate) socket: UdpSocket,
    pub(crate) context: u64,
    pub(crate) receive: Option<ReceiveSide>,
    pub(crate) send: Option<SendSide>,
    /// Closed by its owner: nothing new is accepted, the place is free once its quota is.
    pub(crate) closed: bool,
    /// Listed for the next `publish`.
    pub(crate) dirty: bool,
    pub(crate) counters: SideCounters,
}

/// What happened on a socket that no completion tells.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SideCounters {
    /// Errors that an ICMP message left on the socket.
    pub(crate) unreachable: u64,
    pub(crate) truncated: u64,
    pub(crate) failed: u64,
    /// Times that a multishot receive was armed anew.
    pub(crate) rearmed: u64,
    /// Times that a send found the socket full and had to wait.
    pub(crate) blocked: u64,
}

/// Posted receives.
#[derive(Debug, Default)]
pub(crate) struct ReceiveSide {
    /// In post order; a backend may have published the first of them to the kernel.
    pub(crate) posted: VecDeque<ReceiveRequest>,
    /// Accepted, without a slice yet. They come after all of `posted`.
    pub(crate) starved: VecDeque<PoolWait>,
    pub(crate) limit: u32,
    pub(crate) buffers: u32,
    /// Posted, starved, or completed and not dequeued.
    pub(crate) outstanding: u32,
    /// Addresses were asked for at least once: the receive path asks the kernel for them from then on.
    pub(crate) addresses: bool,
    /// A request came that only a vectored call can fill (a chain, or foreign memory with addresses).
    pub(crate) vectored: bool,
}

/// Sends on their way out.
#[derive(Debug, Default)]
pub(crate) struct SendSide {
    pub(crate) posted: VecDeque<SendRequest>,
    pub(crate) controls: Controls,
    pub(crate) limit: u32,
    pub(crate) buffers: u32,
    /// Posted, or completed and not dequeued.
    pub(crate) outstanding: u32,
    /// The first of `posted` found the socket full; the backend watches it.
    pub(crate) blocked: bool,
    /// How many at the end of `posted` wait for a commit.
    pub(crate) deferred: usize,
}

impl Attachment {
    /// The completion of a receive that was just taken from its side.
    pub(crate) fn received(
        &self,
        key: u32,
        request: ReceiveRequest,
        status: Status,
        bytes: u32,
    ) -> Completion {
        let payload = match request.payload {
            ReceivePayload::One(buffer) => Payload::Unique(buffer),
            ReceivePayload::Many(chain) => Payload::ChainMut(chain),
        };
        Completion {
            payload,
            token: request.token,
            socket_context: self.context,
            status,
            bytes,
            key,
            operation: Operation::Receive,
            notifies: request.notifies,
        }
    }

    /// The completion of a send that was just taken from its side.
    pub(crate) fn sent(&mut self, key: u32, request: SendRequest, status: Status, bytes: u32) -> Completion {
        if let (Some(index), Some(send)) = (request.control, self.send.as_mut()) {
            send.controls.release(index);
        }
        if matches!(status, Status::Failed(_)) {
            self.counters.failed += 1;
        }
        Completion {
            payload: request.payload,
            token: request.token,
            socket_context: self.context,
            status,
            bytes,
            key,
            operation: Operation::Send,
            notifies: request.notifies,
        }
    }

    /// The completion of a receive that was cancelled before its pool had a slice for it.
    pub(crate) fn never_posted(&self, key: u32, wait: PoolWait) -> Completion {
        Completion {
            payload: Payload::None,
            token: wait.token,
            socket_context: self.context,
            status: Status::Aborted,
            bytes: 0,
            key,
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

    /// Takes one completion off the quota of its side.
    pub(crate) fn release(&mut self, operation: Operation) {
        let outstanding = match operation {
            Operation::Receive => self.receive.as_mut().map(|side| &mut side.outstanding),
            Operation::Send => self.send.as_mut().map(|side| &mut side.outstanding),
        };
        if let Some(outstanding) = outstanding {
            *outstanding = outstanding.saturating_sub(1);
        }
    }
}

impl Payload {
    /// Marks the slices for the pool's figures.
    pub(crate) fn mark(&self, to: Use) {
        match self {
            Payload::Unique(buffer) => buffer.set_use(to),
            Payload::ChainMut(chain) => chain.buffers().iter().for_each(|buffer| buffer.set_use(to)),
            Payload::Shared(buffer) => mark_shared(buffer, to),
            Payload::Chain(chain) => chain.buffers().iter().for_each(|buffer| mark_shared(buffer, to)),
            Payload::None => {}
        }
    }
}

fn mark_shared(buffer: &crate::memory::Buffer, to: Use) {
    match to {
        Use::Sending => buffer.begin_send(),
        _ => buffer.end_send(),
    }
}

impl ReceiveSide {
    /// An empty side with memory for all it may ever hold.
    pub(crate) fn new(limit: u32, buffers: u32) -> ReceiveSide {
        let posted = VecDeque::with_capacity(limit as usize);
        ReceiveSide { posted, limit, buffers, ..ReceiveSide::default() }
    }
}

impl SendSide {
    /// An empty side with memory for all it may ever hold.
    pub(crate) fn new(limit: u32, buffers: u32) -> SendSide {
        let posted = VecDeque::with_capacity(limit as usize);
        SendSide { posted, limit, buffers, ..SendSide::default() }
    }
}
