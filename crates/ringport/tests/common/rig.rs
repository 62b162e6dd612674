//! A bound socket with its pool and queues, and a plain socket to talk to it.

use std::net::SocketAddr;

use ringport::queue::{CompletionQueueBuilder, Event};
use ringport::{
    BackendChoice, BufferMut, BufferPool, Completion, CompletionQueue, Completions, Limits, Lock,
    RequestQueue, UdpSocket,
};

use super::{PATIENCE, until};

/// See the module. The fields are dropped in this order, which is as good as any.
pub(crate) struct Rig {
    pub(crate) requests: RequestQueue,
    pub(crate) queue: CompletionQueue<Event>,
    pub(crate) completions: Completions,
    pub(crate) pool: BufferPool,
    pub(crate) socket: UdpSocket,
    pub(crate) address: SocketAddr,
    pub(crate) client: std::net::UdpSocket,
}

/// So many receives and sends, of up to eight slices each.
pub(crate) fn limits(receives: u32, sends: u32) -> Limits {
    Limits { receives, receive_buffers: 8, sends, send_buffers: 8 }
}

/// A pool that locks nothing and grows only when a test says so.
pub(crate) fn pool(slice_size: usize, slices: usize) -> BufferPool {
    let builder = BufferPool::builder().slice_size(slice_size).slices_per_region(slices);
    builder.regions(1..=1).lock(Lock::Off).build().unwrap()
}

pub(crate) fn builder(choice: BackendChoice, size: usize) -> CompletionQueueBuilder {
    CompletionQueue::builder(size).backend(choice)
}

/// A plain socket of the loopback interface whose receives end after a time.
pub(crate) fn plain() -> std::net::UdpSocket {
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket
}

impl Rig {
    /// A rig with these limits, a completion queue that just holds them, and slices of 256 bytes.
    pub(crate) fn new(choice: BackendChoice, limits: Limits) -> Rig {
        Rig::with_socket(choice, limits, UdpSocket::bind("127.0.0.1:0").unwrap())
    }

    pub(crate) fn with_socket(choice: BackendChoice, limits: Limits, socket: UdpSocket) -> Rig {
        let size = (limits.receives + limits.sends) as usize;
        let queue = builder(choice, size).event().unwrap();
        assert_eq!(ringport::BackendChoice::from(queue.backend()), choice);
        Rig {
            requests: RequestQueue::new(&socket, &queue, &queue, limits, 77).unwrap(),
            queue,
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
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let aside = builder(choice, 1).polled().unwrap();
        self.requests = RequestQueue::new(&socket, &aside, &aside, limits(1, 0), 0).unwrap();
    }

    /// Dequeues until exactly so many completions are there.
    pub(crate) fn take(&mut self, count: usize) -> Vec<Completion> {
        let mut taken = Vec::new();
        until("completions", || {
            self.queue.dequeue(&mut self.completions);
            taken.extend(self.completions.drain());
            (taken.len() >= count).then_some(())
        });
        assert_eq!(taken.len(), count, "{taken:?}");
        taken
    }

    /// Dequeues one completion.
    pub(crate) fn take_one(&mut self) -> Completion {
        self.take(1).pop().unwrap()
    }

    /// Nothing is there to dequeue.
    pub(crate) fn take_none(&mut self) {
        assert_eq!(self.queue.dequeue(&mut self.completions), 0, "{:?}", self.completions);
    }

    /// Sleeps until something that notifies is there.
    pub(crate) fn wait(&mut self) {
        self.queue.notify().unwrap();
        fired(&mut self.queue);
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

/// The filled bytes of a completed receive into one slice.
pub(crate) fn bytes(completion: &Completion) -> &[u8] {
    completion.buffer().expect("a single slice")
}

pub(crate) fn tokens(completions: &[Completion]) -> Vec<u64> {
    completions.iter().map(Completion::token).collect()
}

/// Sleeps until the armed notification fires; one that is only found when the time is over was lost.
pub(crate) fn fired(queue: &mut CompletionQueue<Event>) {
    let start = std::time::Instant::now();
    assert_eq!(queue.wait(Some(PATIENCE)).unwrap(), ringport::WaitOutcome::Fired);
    assert!(start.elapsed() < PATIENCE, "the wake-up was lost");
}
