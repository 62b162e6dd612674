//! A connection with a queue on a port, and a plain socket at its other end.
//!
//! ```text
//!   peer (plain socket) ◄──► rig.socket ──► rig.requests ──► rig.queue ──► rig.port ──► rig.take(n)
//! ```

use std::net::TcpStream;

use ringport::queue::PortQueue;
use ringport::{
    BackendChoice, BufferPool, Completion, CompletionPort, Completions, Limits, PortRequestQueue, Status,
    StreamSocket,
};

use crate::common::rig::builder;
use crate::common::system::{ECONNRESET, ENOTCONN, EPIPE};
use crate::common::until;
use crate::connection::connection;
use crate::packets::{is_silent, ready};

pub(crate) const SLICE: usize = 16;
pub(crate) const SLICES: usize = 64;
pub(crate) const LIMITS: Limits = Limits { receives: 8, receive_buffers: 8, sends: 32, send_buffers: 8 };

/// See the module. The fields are dropped in this order, which is as good as any.
pub(crate) struct Rig {
    pub(crate) requests: PortRequestQueue<StreamSocket>,
    pub(crate) queue: PortQueue,
    pub(crate) port: CompletionPort,
    pub(crate) pool: BufferPool,
    pub(crate) socket: StreamSocket,
    pub(crate) peer: TcpStream,
}

pub(crate) fn pool(slices: usize) -> BufferPool {
    crate::common::rig::pool(SLICE, slices)
}

/// A port with a queue on it.
pub(crate) fn port(choice: BackendChoice) -> (CompletionPort, PortQueue) {
    let port = CompletionPort::new(4).unwrap();
    let queue = builder(choice, 256).on(&port, 1).unwrap();
    (port, queue)
}

pub(crate) fn rig(choice: BackendChoice) -> Rig {
    let (socket, peer) = connection();
    let (port, queue) = port(choice);
    let requests = PortRequestQueue::new(&socket, &queue, &queue, LIMITS, 7).unwrap();
    Rig { requests, queue, port, pool: pool(SLICES), socket, peer }
}

/// Dequeues, packet after packet, until exactly so many completions are there.
pub(crate) fn take(port: &CompletionPort, count: usize) -> Vec<Completion> {
    let mut completions = Completions::with_capacity(count + 8);
    while completions.len() < count {
        let mut ready = ready(port);
        assert!(ready.dequeue(&mut completions) > 0, "a packet for nothing");
    }
    assert_eq!(completions.len(), count, "{completions:?}");
    completions.drain().collect()
}

impl Rig {
    /// Waits for so many completions.
    pub(crate) fn take(&self, count: usize) -> Vec<Completion> {
        take(&self.port, count)
    }

    /// Waits until a send has met the full socket. On Windows it is the pump that makes it, in its own time.
    pub(crate) fn until_full(&self) {
        until("a full socket", || (self.requests.counters().blocked > 0).then_some(()));
    }

    /// The pump has answered, so it is through with what it did before; and nothing completed.
    pub(crate) fn none(&self) {
        for _ in 0..3 {
            self.requests.counters();
        }
        assert!(is_silent(&self.port));
    }
}

/// The bytes of a received slice.
pub(crate) fn bytes(completion: Completion) -> Vec<u8> {
    assert_eq!(completion.socket_context(), 7);
    completion.into_unique().map(|buffer| buffer.to_vec()).unwrap_or_default()
}

/// Dequeues what the next packet brings.
pub(crate) fn take_some(port: &CompletionPort) -> Vec<Completion> {
    let mut completions = Completions::with_capacity(64);
    ready(port).dequeue(&mut completions);
    completions.drain().collect()
}

/// Whether a send says that its connection is over. Windows says it as the peer's reset did, or as of one that was never
/// made.
pub(crate) fn is_over(status: Status) -> bool {
    let as_windows_does = matches!(status, Status::Failed(ECONNRESET | ENOTCONN));
    status == Status::Failed(EPIPE) || cfg!(windows) && as_windows_does
}
