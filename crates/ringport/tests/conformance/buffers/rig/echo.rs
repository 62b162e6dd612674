//! A socket that echoes, without the lists that other handles of the rig make.

use std::net::UdpSocket as Plain;

use ringport::queue::Polled;
use ringport::{
    BufferPool, Completion, CompletionQueue, Completions, Lock, Operation, Receive, RequestQueue, Send,
    UdpSocket,
};

use crate::World;
use crate::rig::{bound, limits, plain};

/// See the module. Receives and sends complete in one queue.
pub(in crate::buffers) struct Echo {
    world: World,
    side: Side,
    queue: CompletionQueue<Polled>,
    batch: Completions,
    client: Plain,
    _socket: UdpSocket,
}

/// What answers.
struct Side {
    requests: RequestQueue,
    pool: BufferPool,
}

impl Side {
    fn post(&self) {
        self.requests.receive_with(self.pool.take().unwrap(), Receive::new().addresses(), 0).unwrap();
    }

    fn answer(&self, received: Completion) {
        let to = Send::new().to(received.peer().unwrap());
        self.requests.send_with(received.into_unique().unwrap(), to, 0).unwrap();
        self.post();
    }
}

impl Echo {
    pub(in crate::buffers) fn new(world: &World) -> Echo {
        let (socket, client) = (bound(), plain());
        client.connect(socket.local_addr().unwrap()).unwrap();
        client.set_read_timeout(Some(world.patience())).unwrap();
        let queue = CompletionQueue::builder(64).backend(world.backend.choice).polled().unwrap();
        let requests = RequestQueue::new(&socket, &queue, &queue, limits(16, 16), 0).unwrap();
        let pool = BufferPool::builder().slice_size(256).slices_per_region(64).regions(1..=1);
        let side = Side { requests, pool: pool.lock(Lock::Off).build().unwrap() };
        (0..8).for_each(|_| side.post());
        let batch = Completions::with_capacity(16);
        Echo { world: world.clone(), side, queue, batch, client, _socket: socket }
    }

    /// One datagram there and back.
    pub(in crate::buffers) fn exchange(&mut self) {
        let Echo { world, side, queue, batch, client, .. } = self;
        client.send(&[7; 100]).unwrap();
        let mut sent = false;
        world.until("the answer", || {
            queue.dequeue(batch);
            for completion in batch.drain() {
                match completion.operation() {
                    Operation::Send => sent = true,
                    _ => side.answer(completion),
                }
            }
            sent.then_some(())
        });
        if world.breaks("buffers::objects::no_datagram_allocates") {
            drop(std::hint::black_box(Box::new(client.recv(&mut [0; 128]))));
        } else {
            client.recv(&mut [0; 128]).unwrap();
        }
    }
}
