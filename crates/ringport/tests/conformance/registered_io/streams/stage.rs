//! A connection with its queues, and a plain socket at its other end.

use std::io::{Read, Write};
use std::net::TcpStream;

use ringport::StreamSocket;

use crate::World;
use crate::rig::{Done, Pool, Queue, Requests, connection, limits};

/// See the module. The fields are dropped in this order.
pub(crate) struct Stage {
    pub(crate) requests: Requests<StreamSocket>,
    pub(crate) queue: Queue,
    pub(crate) pool: Pool,
    pub(crate) socket: StreamSocket,
    pub(crate) peer: TcpStream,
    pub(crate) world: World,
}

impl Stage {
    /// With eight receives and eight sends, and slices of 256 bytes.
    pub(crate) fn new(world: &World) -> Stage {
        let (socket, peer) = connection();
        peer.set_nodelay(true).unwrap();
        peer.set_read_timeout(Some(world.patience())).unwrap();
        let queue = Queue::event(world, 16).unwrap();
        let requests = Requests::new(world, &socket, &queue, &queue, limits(8, 8), 7).unwrap();
        Stage {
            requests,
            queue,
            pool: Pool::new(world, 256, 128).unwrap(),
            socket,
            peer,
            world: world.clone(),
        }
    }

    pub(crate) fn post(&self, tokens: std::ops::Range<u64>) {
        tokens.for_each(|token| self.requests.receive(self.pool.take(), token).unwrap());
    }

    /// Has the peer send these bytes.
    pub(crate) fn arrive(&mut self, bytes: &[u8]) {
        self.peer.write_all(bytes).unwrap();
    }

    /// What the peer receives until the end.
    pub(crate) fn all_that_was_sent(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.peer.read_to_end(&mut bytes).expect("the end of the stream");
        bytes
    }

    /// Dequeues until so many completions are there, or more.
    pub(crate) fn take(&mut self, count: usize) -> Vec<Done> {
        let mut taken = Vec::new();
        self.world.until("completions", || {
            taken.extend(self.queue.dequeue(64));
            (taken.len() >= count).then_some(())
        });
        taken
    }

    /// Looks a few times, and finds that nothing completes. Over loopback what was sent is there.
    pub(crate) fn none(&mut self) {
        for _ in 0..4 {
            let done = self.queue.dequeue(64);
            assert!(done.is_empty(), "{done:?}");
            std::thread::yield_now();
        }
    }
}
