//! A bound socket with its pool and queues, and a plain socket to talk to it.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use ringport::{Limits, UdpSocket};

use super::{Done, Pool, Queue, Requests, SendAs};
use crate::World;

/// The context of the scene's socket.
pub(crate) const CONTEXT: u64 = 77;

/// See the module. The fields are dropped in this order, which is as good as any.
pub(crate) struct Scene {
    pub(crate) requests: Requests,
    pub(crate) queue: Queue,
    pub(crate) pool: Pool,
    pub(crate) socket: UdpSocket,
    pub(crate) address: SocketAddr,
    pub(crate) client: std::net::UdpSocket,
    pub(crate) world: World,
}

/// So many receives and sends, of up to eight slices each.
pub(crate) fn limits(receives: u32, sends: u32) -> Limits {
    Limits { receives, receive_buffers: 8, sends, send_buffers: 8 }
}

/// A socket of the loopback interface.
pub(crate) fn bound() -> UdpSocket {
    UdpSocket::bind("127.0.0.1:0").unwrap()
}

/// A loopback address that nobody else uses, so that what is bound to it and freed stays free.
pub(crate) fn private() -> std::net::Ipv4Addr {
    static NEXT: AtomicU16 = AtomicU16::new(256);
    let [high, low] = NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    [127, 200, high, low].into()
}

/// A plain one.
pub(crate) fn plain() -> std::net::UdpSocket {
    std::net::UdpSocket::bind("127.0.0.1:0").unwrap()
}

impl Scene {
    /// With these limits, a completion queue with an event that just holds them, and slices of 256 bytes.
    pub(crate) fn new(world: &World, limits: Limits) -> Scene {
        Scene::with_socket(world, limits, bound())
    }

    pub(crate) fn with_socket(world: &World, limits: Limits, socket: UdpSocket) -> Scene {
        let size = (limits.receives + limits.sends) as usize;
        let queue = Queue::event(world, size).unwrap();
        Scene {
            requests: Requests::new(world, &socket, &queue, &queue, limits, CONTEXT).unwrap(),
            queue,
            pool: Pool::new(world, 256, 4 * size + 32).unwrap(),
            address: socket.local_addr().unwrap(),
            socket,
            client: plain(),
            world: world.clone(),
        }
    }

    /// Closes the request queue; the scene gets one that serves nobody, on a completion queue of its own.
    pub(crate) fn close_requests(&mut self) {
        let aside = Queue::polled(&self.world, 1).unwrap();
        let unused = Requests::new(&self.world, &bound(), &aside, &aside, limits(1, 0), 0).unwrap();
        std::mem::replace(&mut self.requests, unused).close();
    }

    /// Posts receives of one slice with these tokens.
    pub(crate) fn post(&self, tokens: std::ops::Range<u64>) {
        tokens.for_each(|token| self.requests.receive(self.pool.take(), token).unwrap());
    }

    /// Has the client send this datagram.
    pub(crate) fn arrive(&self, bytes: &[u8]) {
        self.client.send_to(bytes, self.address).unwrap();
    }

    pub(crate) fn client_address(&self) -> SocketAddr {
        self.client.local_addr().unwrap()
    }

    /// Sends this to the client.
    pub(crate) fn send(&self, bytes: &[u8], token: u64) {
        let to = SendAs::to(self.client_address());
        self.requests.send_as(to, self.pool.filled(bytes), token).unwrap();
    }

    /// What the client receives next.
    pub(crate) fn reply(&self) -> Vec<u8> {
        let mut bytes = vec![0; 65_536];
        self.client.set_read_timeout(Some(self.world.patience())).unwrap();
        let length = self.client.recv(&mut bytes).expect("a datagram for the client");
        bytes.truncate(length);
        bytes
    }

    /// On the loopback interface a datagram is there when its send returns, so what is not there was not sent.
    pub(crate) fn nothing_sent(&self) {
        self.client.set_nonblocking(true).unwrap();
        let nothing = self.client.recv(&mut [0; 8]).unwrap_err();
        assert_eq!(nothing.kind(), std::io::ErrorKind::WouldBlock);
        self.client.set_nonblocking(false).unwrap();
    }

    /// Dequeues until so many completions are there, or more.
    pub(crate) fn take(&mut self, count: usize) -> Vec<Done> {
        let mut taken = Vec::new();
        self.world.until("completions", || {
            taken.extend(self.queue.dequeue(256));
            (taken.len() >= count).then_some(())
        });
        taken
    }

    pub(crate) fn take_one(&mut self) -> Done {
        self.take(1).remove(0)
    }

    /// Arms the queue and sleeps until something that notifies is there.
    pub(crate) fn wait(&mut self) {
        self.world.note("waited", 1);
        self.queue.notify().unwrap();
        self.fired();
    }

    /// Sleeps until the armed notification fires.
    pub(crate) fn fired(&mut self) {
        let outcome = self.queue.wait(Some(self.world.patience())).unwrap();
        assert_eq!(outcome, ringport::WaitOutcome::Fired, "the wake-up was lost");
    }

    /// Nothing fires for a short while.
    pub(crate) fn stays_quiet(&mut self) {
        let outcome = self.queue.wait(Some(Duration::from_micros(300))).unwrap();
        assert_eq!(outcome, ringport::WaitOutcome::TimedOut);
    }
}
