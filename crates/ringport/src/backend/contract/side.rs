//! The two sides of a request queue: what is posted, in post order, and what it is charged.

use std::collections::VecDeque;

use super::completion::Outcome;
use super::counters::RequestCounters;
use super::fifo::Fifo;
use super::request::Controls;
use super::{
    Completion, Operation, Outward, Payload, PoolWait, ReceiveRequest, Segmentation, SendRequest, Source,
    Status,
};
use crate::memory::{BufferMut, BufferPool, ChainMut, Received, Use};
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
    /// Of a stream: where receives without memory of their own get theirs.
    pub(crate) pool: Option<BufferPool>,
    /// Of a stream: bytes that the first of `posted` has already.
    pub(crate) filled: usize,
    /// Of a stream: the last call filled all that it was given, so the next may bring more.
    pub(crate) flows: bool,
    /// Of a stream: nothing more will come.
    pub(crate) ended: Option<Ended>,
    /// A send was told why the connection is over. The system says so once, and to receives that it has ended.
    pub(crate) broken: Option<i32>,
}

/// Why a stream brings nothing more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The peer has sent all.
    Finished,
    /// The connection failed with this error number.
    Failed(i32),
}

/// Sends on their way out.
#[derive(Debug, Default)]
pub(crate) struct SendSide {
    /// In post order; once they are due, deferred sends of datagrams are grouped by peer.
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
    /// How far the first of `posted` got.
    pub(crate) progress: Progress,
    /// Of datagrams: what may leave as one message.
    pub(crate) segmentation: Segmentation,
}

/// How far the first request of a send side got.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// Bytes that have left.
    pub(crate) sent: usize,
    /// Of a stream: the connection is being made.
    pub(crate) connecting: bool,
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

impl Payload {
    /// Marks the slices for the pool's figures.
    pub(crate) fn mark(&self, to: Use) {
        match self {
            Payload::Unique(buffer) => buffer.set_use(to),
            Payload::ChainMut(chain) => chain.buffers().iter().for_each(|buffer| buffer.set_use(to)),
            Payload::Shared(buffer) => mark_shared(buffer, to),
            Payload::Chain(chain) => chain.buffers().iter().for_each(|buffer| mark_shared(buffer, to)),
            Payload::Stream(_) | Payload::None => {}
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
    /// Bytes that are in it: only a stream's receive that waits for all can have some.
    pub(crate) bytes: u32,
}

/// The requests to make room for at once. A side of a connection makes it when it has to, up to its limit: most of ten
/// thousand connections never need all that they may post.
fn room(socket: &SocketHandle, limit: u32) -> usize {
    if socket.is_stream() { 0 } else { limit as usize }
}

impl ReceiveSide {
    /// An empty side with memory for all it may ever hold; of a connection, for nothing yet.
    pub(crate) fn new(socket: &SocketHandle, limit: u32, buffers: u32) -> ReceiveSide {
        let posted = Fifo::with_capacity(room(socket, limit));
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
        let source = Source::Posted;
        let wait_all = false;
        self.posted.push_back(ReceiveRequest {
            slice: Some(buffer),
            token,
            addresses,
            notifies,
            wait_all,
            source,
        });
    }

    /// Has the receive that was kept last wait until all of it is full.
    #[cold]
    pub(crate) fn last_waits_for_all(&mut self) {
        if let Some(last) = self.posted.back_mut() {
            last.wait_all = true;
        }
    }

    /// Keeps a request without memory: an accept, or a receive that takes a slice of the side's pool when there are
    /// bytes for it.
    #[inline]
    pub(crate) fn push_bare(&mut self, source: Source, token: u64, notifies: bool) {
        let (addresses, wait_all) = (false, false);
        self.posted.push_back(ReceiveRequest { slice: None, token, addresses, notifies, wait_all, source });
    }

    /// Keeps a receive into a chain, which only a vectored call can fill.
    pub(crate) fn push_chain(&mut self, chain: ChainMut, token: u64, addresses: bool, notifies: bool) {
        chain.buffers().iter().for_each(|buffer| buffer.set_use(Use::Receiving));
        self.addresses |= addresses;
        self.vectored = true;
        self.chains.push_back(chain);
        let (source, wait_all) = (Source::Posted, false);
        self.posted.push_back(ReceiveRequest { slice: None, token, addresses, notifies, wait_all, source });
    }

    /// From now on takes slices for receives without memory of their own from this pool; false when it is taking
    /// them from another.
    #[inline]
    pub(crate) fn take_from(&mut self, pool: &BufferPool) -> bool {
        if self.pool.as_ref().is_some_and(|had| had.is(pool)) {
            return true;
        }
        let free = self.pool.is_none() || self.posted.is_empty();
        if free {
            self.pool = Some(pool.clone());
        }
        free
    }

    /// Takes the receive posted first, whatever it is, marked as held.
    pub(crate) fn take_first(&mut self) -> Option<TakenReceive> {
        let request = self.posted.pop_front()?;
        let mut payload = match request.slice {
            Some(buffer) => Payload::Unique(buffer),
            None if request.source == Source::Posted => {
                self.chains.pop_front().map_or(Payload::None, Payload::ChainMut)
            }
            None => Payload::None,
        };
        payload.mark(Use::Held);
        let bytes = std::mem::take(&mut self.filled) as u32;
        if bytes > 0 {
            payload.set_filled(bytes);
        }
        Some(TakenReceive { payload, token: request.token, notifies: request.notifies, bytes })
    }
}

impl Payload {
    /// Visits the bytes of a send, slice by slice, as long as `visit` asks for more; false when it did not.
    pub(crate) fn each_slice<'payload>(
        &'payload self,
        mut visit: impl FnMut(&'payload [u8]) -> bool,
    ) -> bool {
        match self {
            Payload::Unique(buffer) => visit(buffer),
            Payload::Shared(buffer) => visit(buffer),
            Payload::ChainMut(chain) => chain.buffers().iter().all(|buffer| visit(buffer)),
            Payload::Chain(chain) => chain.buffers().iter().all(|buffer| visit(buffer)),
            Payload::Stream(_) | Payload::None => true,
        }
    }

    /// The bytes of a send.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        match self {
            Payload::Unique(buffer) => buffer.len(),
            Payload::Shared(buffer) => buffer.len(),
            _ => {
                let mut length = 0;
                self.each_slice(|bytes| {
                    length += bytes.len();
                    true
                });
                length
            }
        }
    }

    /// Marks how far the slices of a receive were filled.
    pub(crate) fn set_filled(&mut self, bytes: u32) {
        match self {
            Payload::Unique(buffer) => buffer.set_received(bytes, Received::default()),
            Payload::ChainMut(chain) => _ = spread(chain, bytes, Received::default()),
            _ => {}
        }
    }
}

/// Marks how far each slice of a chain was filled; returns how many bytes it holds.
pub(crate) fn spread(chain: &mut ChainMut, bytes: u32, received: Received) -> u32 {
    let mut left = bytes;
    for (index, buffer) in chain.buffers_mut().iter_mut().enumerate() {
        let filled = left.min(buffer.capacity() as u32);
        let received = if index == 0 { received } else { Received::default() };
        buffer.set_received(filled, received);
        left -= filled;
    }
    bytes - left
}

impl SendSide {
    /// An empty side with memory for all it may ever hold; of a connection, for nothing yet.
    pub(crate) fn new(socket: &SocketHandle, limit: u32, buffers: u32) -> SendSide {
        let posted = Fifo::with_capacity(room(socket, limit));
        let segmentation = if socket.is_stream() { Segmentation::NONE } else { Segmentation::default() };
        SendSide { posted, limit, buffers, segmentation, ..SendSide::default() }
    }

    /// Takes the send posted first, with how much of it has left.
    pub(crate) fn take_first(&mut self) -> Option<(SendRequest, u32)> {
        let request = self.posted.pop_front()?;
        let Progress { sent, .. } = std::mem::take(&mut self.progress);
        Some((request, sent as u32))
    }
}
