//! The two sides of a request queue: what is posted, in post order.
//!
//! ```text
//!   ReceiveSide   posted [ r0 r1 r2 ... ]   starved [ w0 w1 ... ]    come behind all of posted, once there are slices
//!                 chains [    c1    ... ]                            those of posted that have no slice of their own
//!
//!   SendSide      posted [ s0 s1 s2 │ s3 s4 ]
//!                          ▲          └ deferred: wait for a commit
//!                          └ progress: how far it got
//! ```

use std::collections::VecDeque;

use super::fifo::Fifo;
use super::request::Controls;
use super::{Payload, PoolWait, ReceiveRequest, Segmentation, SendRequest, Source};
use crate::memory::{BufferMut, BufferPool, ChainMut, Use};
use crate::net::SocketHandle;

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
