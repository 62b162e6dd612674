//! The two sides of a request queue: what is posted, in post order, and what it is charged.

use std::collections::VecDeque;

use super::completion::Outcome;
use super::counters::RequestCounters;
use super::fifo::Fifo;
use super::request::Controls;
use super::{Completion, Operation, Payload, PoolWait, ReceiveRequest, SendRequest, Status};
use crate::memory::{BufferMut, ChainMut, Use};
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
    pub(crate) counters: RequestCounters,
}

/// Posted receives.
#[derive(Debug, Default)]
pub(crate) struct ReceiveSide {
    /// In post order; a backend may have published the first of them to the kernel.
    pub(crate) posted: Fifo<ReceiveRequest>,
    /// The chains among them, in the same order.
    pub(crate) chains: VecDeque<ChainMut>,
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
    pub(crate) posted: Fifo<SendRequest>,
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
            operation: Operation::Receive,
            notifies: taken.notifies,
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
        let outstanding = match operation {
            Operation::Receive => self.receive.as_mut().map(|side| &mut side.outstanding),
            Operation::Send => self.send.as_mut().map(|side| &mut side.outstanding),
        };
        if let Some(outstanding) = outstanding {
            *outstanding = outstanding.saturating_sub(count);
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

/// A receive that left its side.
#[derive(Debug)]
pub(crate) struct TakenReceive {
    pub(crate) payload: Payload,
    pub(crate) token: u64,
    pub(crate) notifies: bool,
}

impl ReceiveSide {
    /// An empty side with memory for all it may ever hold.
    pub(crate) fn new(limit: u32, buffers: u32) -> ReceiveSide {
        let posted = Fifo::with_capacity(limit as usize);
        ReceiveSide { posted, limit, buffers, ..ReceiveSide::default() }
    }

    /// Keeps a receive into one slice. Only a vectored call can put addresses beside memory that has no
    /// headroom of its own.
    #[inline]
    pub(crate) fn push(&mut self, buffer: BufferMut, token: u64, addresses: bool, notifies: bool) {
        buffer.set_use(Use::Receiving);
        if addresses {
            self.addresses = true;
            self.vectored |= buffer.contiguous_headroom().is_none();
        }
        self.posted.push_back(ReceiveRequest { slice: Some(buffer), token, addresses, notifies });
    }

    /// Keeps a receive into a chain, which only a vectored call can fill.
    pub(crate) fn push_chain(&mut self, chain: ChainMut, token: u64, addresses: bool, notifies: bool) {
        chain.buffers().iter().for_each(|buffer| buffer.set_use(Use::Receiving));
        self.addresses |= addresses;
        self.vectored = true;
        self.chains.push_back(chain);
        self.posted.push_back(ReceiveRequest { slice: None, token, addresses, notifies });
    }

    /// Takes the receive posted first, whatever it is, marked as held.
    pub(crate) fn take_first(&mut self) -> Option<TakenReceive> {
        let request = self.posted.pop_front()?;
        let payload = match request.slice {
            Some(buffer) => Payload::Unique(buffer),
            None => self.chains.pop_front().map_or(Payload::None, Payload::ChainMut),
        };
        payload.mark(Use::Held);
        Some(TakenReceive { payload, token: request.token, notifies: request.notifies })
    }
}

impl SendSide {
    /// An empty side with memory for all it may ever hold.
    pub(crate) fn new(limit: u32, buffers: u32) -> SendSide {
        let posted = Fifo::with_capacity(limit as usize);
        SendSide { posted, limit, buffers, ..SendSide::default() }
    }
}
