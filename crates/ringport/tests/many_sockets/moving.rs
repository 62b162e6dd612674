//! Sockets move from queue to queue while datagrams come: each comes out once, of whichever queue, in order.

use ringport::queue::Polled;
use ringport::{BackendChoice, BufferPool, CompletionQueue, Completions, RequestQueue, Status, UdpSocket};

use crate::alone::alone_on_each_backend;
use crate::common::rig::{builder, bytes, limits, plain, pool};
use crate::common::{Random, until};
use crate::rig::socket;

alone_on_each_backend!(they_move_and_nothing_is_lost);

const SOCKETS: usize = 60;
const QUEUES: usize = 4;
const ROUNDS: u32 = 40;
const RECEIVES: u32 = 4;

struct One {
    socket: UdpSocket,
    requests: Option<RequestQueue>,
    on: usize,
    sent: u32,
    received: u32,
}

struct Moving {
    all: Vec<One>,
    queues: Vec<CompletionQueue<Polled>>,
    pool: BufferPool,
}

impl Moving {
    fn enter(&mut self, index: usize, on: usize) {
        let (one, queue) = (&mut self.all[index], &self.queues[on]);
        let each = limits(RECEIVES, 0);
        let requests = RequestQueue::new(&one.socket, queue, queue, each, index as u64).unwrap();
        (0..RECEIVES).for_each(|_| requests.receive(self.pool.take().unwrap(), 0).unwrap());
        (one.requests, one.on) = (Some(requests), on);
    }

    /// Takes all that one queue has.
    fn take(&mut self, on: usize) {
        let mut completions = Completions::with_capacity(32);
        while self.queues[on].dequeue(&mut completions) > 0 {
            for completion in completions.drain() {
                let one = &mut self.all[completion.socket_context() as usize];
                if completion.status() != Status::Success {
                    continue;
                }
                assert_eq!(bytes(&completion), one.received.to_le_bytes());
                one.received += 1;
                let Some(requests) = one.requests.as_ref().filter(|_| one.on == on) else { continue };
                requests.receive(self.pool.take().unwrap(), 0).unwrap();
            }
        }
    }
}

fn they_move_and_nothing_is_lost(choice: BackendChoice) -> Vec<BufferPool> {
    let places = SOCKETS * RECEIVES as usize;
    let one = |_| One { socket: socket(), requests: None, on: 0, sent: 0, received: 0 };
    let mut moving = Moving {
        all: (0..SOCKETS).map(one).collect(),
        queues: (0..QUEUES).map(|_| builder(choice, places).polled().unwrap()).collect(),
        pool: pool(64, 2 * places),
    };
    let client = plain();
    let mut random = Random::new(5);
    (0..SOCKETS).for_each(|index| moving.enter(index, index % QUEUES));
    for _ in 0..ROUNDS {
        for index in 0..SOCKETS {
            let one = &mut moving.all[index];
            client.send_to(&one.sent.to_le_bytes(), one.socket.local_addr().unwrap()).unwrap();
            one.sent += 1;
            if random.below(3) == 0 {
                // What the kernel gave it already stays with the queue that it leaves.
                one.requests = None;
                let left = one.on;
                moving.take(left);
                moving.enter(index, random.below(QUEUES));
            }
        }
        moving.take(random.below(QUEUES));
    }
    until("all that was sent", || {
        (0..QUEUES).for_each(|on| moving.take(on));
        moving.all.iter().all(|one| one.received == one.sent).then_some(())
    });
    let Moving { all, queues, pool } = moving;
    drop((all, queues));
    vec![pool]
}
