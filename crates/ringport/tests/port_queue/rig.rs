//! A socket with a queue on a port, and a plain socket to talk to it.
//!
//! ```text
//!   client (plain socket) ──► rig.socket ──► rig.requests ──► rig.queue ──► rig.port ──► rig.ready()
//! ```

use std::net::SocketAddr;

use ringport::queue::PortQueue;
use ringport::{
    BackendChoice, BufferMut, BufferPool, Completion, CompletionPort, Completions, Limits, PortRequestQueue,
    Ready, UdpSocket,
};

use crate::common::rig::{builder, limits, plain, pool};
use crate::common::until;

pub(crate) use crate::packets::{is_silent, ready};

pub(crate) const KEY: u64 = 7;
pub(crate) const CONTEXT: u64 = 77;

/// See the module.
pub(crate) struct Rig {
    pub(crate) requests: PortRequestQueue,
    pub(crate) queue: PortQueue,
    pub(crate) port: CompletionPort,
    pub(crate) completions: Completions,
    pub(crate) pool: BufferPool,
    pub(crate) socket: UdpSocket,
    pub(crate) address: SocketAddr,
    pub(crate) client: std::net::UdpSocket,
}

/// A socket that can be reached over the loopback interface.
pub(crate) fn socket() -> UdpSocket {
    UdpSocket::builder().receive_buffer(1 << 20).bind("127.0.0.1:0").unwrap()
}

impl Rig {
    /// A rig with these limits, a completion queue that just holds them, and slices of 256 bytes.
    pub(crate) fn new(choice: BackendChoice, limits: Limits) -> Rig {
        Rig::with_socket(choice, limits, socket())
    }

    pub(crate) fn with_socket(choice: BackendChoice, limits: Limits, socket: UdpSocket) -> Rig {
        let size = (limits.receives + limits.sends) as usize;
        let port = CompletionPort::new(8).unwrap();
        let queue = builder(choice, size).on(&port, KEY).unwrap();
        assert_eq!(BackendChoice::from(queue.backend()), choice);
        Rig {
            requests: PortRequestQueue::new(&socket, &queue, &queue, limits, CONTEXT).unwrap(),
            queue,
            port,
            completions: Completions::with_capacity(size + 16),
            pool: pool(256, 4 * size + 64),
            address: socket.local_addr().unwrap(),
            socket,
            client: plain(),
        }
    }

    /// An empty slice that remembers `mark`.
    pub(crate) fn marked(&self, mark: u64) -> BufferMut {
        let mut buffer = self.pool.take().unwrap();
        buffer.set_context(mark);
        buffer
    }

    pub(crate) fn filled(&self, bytes: &[u8]) -> BufferMut {
        self.pool.take_with(bytes).unwrap()
    }

    /// Posts plain receives with these tokens.
    pub(crate) fn post(&self, tokens: std::ops::Range<u64>) {
        for token in tokens {
            self.requests.receive(self.marked(token), token).unwrap();
        }
    }

    /// Has the client send this datagram.
    pub(crate) fn arrive(&self, bytes: &[u8]) {
        self.client.send_to(bytes, self.address).unwrap();
    }

    /// Lets the request queue serve another socket, on a queue of its own: ours is free for a new one.
    pub(crate) fn set_aside(&mut self, choice: BackendChoice) {
        let aside = builder(choice, 1).on(&self.port, u64::MAX).unwrap();
        self.requests = PortRequestQueue::new(&socket(), &aside, &aside, limits(1, 0), 0).unwrap();
    }

    pub(crate) fn ready(&self) -> Ready {
        ready(&self.port)
    }

    /// Dequeues by this packet what is there.
    pub(crate) fn dequeue(&mut self, ready: &mut Ready) -> Vec<Completion> {
        ready.dequeue(&mut self.completions);
        self.completions.drain().collect()
    }

    /// Dequeues, packet after packet, until exactly so many completions are there. Each packet brings something.
    pub(crate) fn take(&mut self, count: usize) -> Vec<Completion> {
        let mut taken = Vec::new();
        while taken.len() < count {
            let mut ready = self.ready();
            let before = taken.len();
            taken.extend(self.dequeue(&mut ready));
            assert!(taken.len() > before, "a packet for nothing");
            ready.notify();
        }
        assert_eq!(taken.len(), count, "{taken:?}");
        taken
    }

    /// Dequeues one completion.
    pub(crate) fn take_one(&mut self) -> Completion {
        self.take(1).pop().unwrap()
    }

    /// Waits until so many completions went into the queue since it was made, with all that follows from it.
    pub(crate) fn completed(&self, count: usize) {
        until("completions in the queue", || (self.queue.completed() >= count).then_some(()));
        self.settled();
    }

    /// When the pump has answered, it is through with what it did before.
    pub(crate) fn settled(&self) {
        self.requests.counters();
    }

    /// Nothing asks for a packet, and nothing is there.
    pub(crate) fn nothing_more(&self) {
        self.settled();
        assert!(is_silent(&self.port) && self.queue.is_armed());
    }

    /// What the client receives next.
    pub(crate) fn reply(&self) -> Vec<u8> {
        let mut bytes = vec![0; 65_536];
        let (length, from) = self.client.recv_from(&mut bytes).unwrap();
        assert_eq!(from.port(), self.address.port());
        bytes.truncate(length);
        bytes
    }

    pub(crate) fn client_address(&self) -> SocketAddr {
        self.client.local_addr().unwrap()
    }
}
