//! A socket that sends, by a request queue of either kind, and plain sockets that receive.
//!
//! ```text
//!   rig.post(..) ──► RequestQueue or PortRequestQueue ──► rig.peers[n] ──► rig.received(n)
//!   rig.take(n)  ◄──┘
//! ```

use std::net::{SocketAddr, UdpSocket as Plain};

use ringport::queue::{Event, PortQueue, PostError, RequestCounters, SendBuffer};
use ringport::{
    BackendChoice, BufferMut, BufferPool, ChainMut, Completion, CompletionPort, CompletionQueue, Completions,
    Limits, PortRequestQueue, RequestQueue, Send, UdpSocket,
};

use crate::common::rig::{builder, pool};
use crate::common::{PATIENCE, until};
use crate::packets::ready;

/// Which kind of queue, on which backend.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Way {
    pub(crate) backend: BackendChoice,
    pub(crate) on_port: bool,
}

/// Makes four tests of each function that takes a [`Way`].
macro_rules! on_each_way {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            fn on_port(backend: ringport::BackendChoice) {
                super::$name($crate::rig::Way { backend, on_port: true });
            }

            fn own(backend: ringport::BackendChoice) {
                super::$name($crate::rig::Way { backend, on_port: false });
            }

            $crate::common::on_each_backend!(own, on_port);
        }
    )+};
}
pub(crate) use on_each_way;

enum Queue {
    Own(RequestQueue, CompletionQueue<Event>),
    /// The queue lives as long as its handle.
    OnPort(PortRequestQueue, CompletionPort, #[expect(dead_code)] PortQueue),
}

/// See the module.
pub(crate) struct Rig {
    queue: Queue,
    completions: Completions,
    pub(crate) pool: BufferPool,
    pub(crate) socket: UdpSocket,
    pub(crate) peers: Vec<Plain>,
}

/// As many sends as a test needs.
const SENDS: u32 = 600;

pub(crate) fn peer(address: &str) -> Plain {
    let socket = Plain::bind(address).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket2::SockRef::from(&socket).set_recv_buffer_size(4 << 20).unwrap();
    socket
}

impl Rig {
    /// With so many peers on the loopback interface.
    pub(crate) fn new(way: Way, peers: usize) -> Rig {
        Rig::at(way, "127.0.0.1:0", peers)
    }

    /// With all sockets bound to this address.
    pub(crate) fn at(way: Way, address: &str, peers: usize) -> Rig {
        let peers = (0..peers).map(|_| peer(address)).collect();
        Rig::with_socket(way, UdpSocket::bind(address).unwrap(), peers)
    }

    pub(crate) fn with_socket(way: Way, socket: UdpSocket, peers: Vec<Plain>) -> Rig {
        let limits = Limits { receives: 0, receive_buffers: 0, sends: SENDS, send_buffers: 8 };
        let builder = builder(way.backend, SENDS as usize);
        let queue = if way.on_port {
            let port = CompletionPort::new(1).unwrap();
            let queue = builder.on(&port, 0).unwrap();
            Queue::OnPort(PortRequestQueue::new(&socket, &queue, &queue, limits, 0).unwrap(), port, queue)
        } else {
            let queue = builder.event().unwrap();
            Queue::Own(RequestQueue::new(&socket, &queue, &queue, limits, 0).unwrap(), queue)
        };
        let completions = Completions::with_capacity(SENDS as usize);
        Rig { queue, completions, pool: pool(66_000, SENDS as usize + 8), socket, peers }
    }

    pub(crate) fn try_post<B: SendBuffer>(
        &self,
        buffer: B,
        send: Send<'_>,
        token: u64,
    ) -> Result<(), PostError> {
        let posted = match &self.queue {
            Queue::Own(requests, _) => requests.send_with(buffer, send, token),
            Queue::OnPort(requests, ..) => requests.send_with(buffer, send, token),
        };
        posted.map_err(|refused| refused.error)
    }

    pub(crate) fn post(&self, bytes: &[u8], send: Send<'_>, token: u64) {
        self.try_post(self.filled(bytes), send, token).unwrap();
    }

    pub(crate) fn filled(&self, bytes: &[u8]) -> BufferMut {
        self.pool.take_with(bytes).unwrap()
    }

    /// The bytes in slices of these lengths.
    pub(crate) fn chain(&self, parts: &[&[u8]]) -> ChainMut {
        let mut chain = ChainMut::new();
        parts.iter().for_each(|part| chain.push(self.filled(part)));
        chain
    }

    pub(crate) fn commit(&self) {
        match &self.queue {
            Queue::Own(requests, _) => requests.commit(),
            Queue::OnPort(requests, ..) => requests.commit(),
        }
    }

    pub(crate) fn counters(&self) -> RequestCounters {
        match &self.queue {
            Queue::Own(requests, _) => requests.counters(),
            Queue::OnPort(requests, ..) => requests.counters(),
        }
    }

    /// System calls that were made for sends.
    pub(crate) fn system_calls(&self) -> u64 {
        match &self.queue {
            Queue::Own(_, queue) => queue.system_calls(),
            Queue::OnPort(requests, ..) => requests.system_calls(),
        }
    }

    /// Dequeues exactly so many completions.
    pub(crate) fn take(&mut self, count: usize) -> Vec<Completion> {
        let Rig { queue, completions, .. } = self;
        let mut taken = Vec::new();
        until("completions", || {
            match queue {
                Queue::Own(_, queue) => _ = queue.dequeue(completions),
                Queue::OnPort(_, port, _) => _ = ready(port).dequeue(completions),
            }
            taken.extend(completions.drain());
            (taken.len() >= count).then_some(())
        });
        assert_eq!(taken.len(), count, "{taken:?}");
        taken
    }

    pub(crate) fn address(&self, peer: usize) -> SocketAddr {
        self.peers[peer].local_addr().unwrap()
    }

    pub(crate) fn to(&self, peer: usize) -> Send<'static> {
        Send::new().to(self.address(peer))
    }

    /// The next datagram of a peer.
    pub(crate) fn received(&self, peer: usize) -> Vec<u8> {
        let mut bytes = vec![0; 65_536];
        let length = self.peers[peer].recv(&mut bytes).unwrap();
        bytes.truncate(length);
        bytes
    }

    /// A peer receives these bytes cut into datagrams of `size`, and nothing else.
    pub(crate) fn receives_cut(&self, peer: usize, bytes: &[u8], size: usize) {
        for datagram in bytes.chunks(size) {
            assert!(self.received(peer) == datagram, "not the bytes that were sent, or cut elsewhere");
        }
        self.receives_nothing(peer);
    }

    /// On the loopback interface a datagram is there when its send returns.
    pub(crate) fn receives_nothing(&self, peer: usize) {
        let socket = &self.peers[peer];
        socket.set_nonblocking(true).unwrap();
        assert!(socket.recv(&mut [0; 8]).is_err(), "a datagram that nobody sent");
        socket.set_nonblocking(false).unwrap();
    }
}

/// Bytes of which no two pieces are the same.
pub(crate) fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index ^ index >> 8).wrapping_mul(31) as u8).collect()
}
