//! Tiny completion queues, driven to their edge, and past the edge of the kernel's own.
//!
//! ```text
//!   requests ≤ size ──► kernel's ring (at least 256 entries) ──► dequeue
//!                              │ more than it holds at once: ends of requests count, too
//!                              └► kept by the kernel, in order, until there is room again
//! ```

use ringport::queue::Event;
use ringport::{
    BackendChoice, BufferPool, Completion, CompletionQueue, Completions, RequestQueue, Status, UdpSocket,
    WaitOutcome,
};

use crate::alone::alone_on_each_backend;
use crate::common::rig::{Rig, builder, bytes, limits, plain, pool};
use crate::common::{PATIENCE, until};

alone_on_each_backend!(
    a_queue_of_one_place_serves_ten_thousand,
    the_kernels_queue_overflows_and_nothing_is_lost,
    sockets_are_closed_while_the_kernels_queue_overflows,
    the_queue_is_closed_while_the_kernels_overflows,
);

/// Sockets, and receives on each, for which the kernel makes more entries than the smallest of its queues has room
/// for, which is 256: one a datagram, and one when a request ends because another datagram finds no buffer.
const SOCKETS: usize = 84;
const EACH: usize = 3;
/// How often all receives are posted.
const ROUNDS: usize = 4;

fn a_queue_of_one_place_serves_ten_thousand(choice: BackendChoice) -> Vec<BufferPool> {
    let mut rig = Rig::new(choice, limits(1, 0));
    for number in 0..10_000u64 {
        rig.post(number..number + 1);
        // The next place is free when this one was dequeued, and not before.
        assert!(rig.requests.receive(rig.marked(0), 0).is_err());
        rig.arrive(&number.to_le_bytes());
        // Another one waits in the socket, not in the queue.
        if number % 100 == 0 {
            rig.arrive(b"waits");
        }
        let completion = rig.take_one();
        assert_eq!((completion.token(), bytes(&completion)), (number, &number.to_le_bytes()[..]));
        drop(completion);
        rig.take_none();
        if number % 100 == 0 {
            rig.post(number..number + 1);
            assert_eq!(bytes(&rig.take_one()), b"waits");
        }
    }
    vec![rig.pool.clone()]
}

/// A queue with sockets that all have more datagrams than receives, and nothing dequeued so far.
struct Flood {
    sockets: Vec<RequestQueue>,
    queue: CompletionQueue<Event>,
    pool: BufferPool,
}

impl Flood {
    fn new(choice: BackendChoice) -> Flood {
        let queue = builder(choice, SOCKETS * EACH).event().unwrap();
        let pool = pool(64, SOCKETS * EACH);
        let client = plain();
        let sockets: Vec<_> = (0..SOCKETS)
            .map(|number| {
                let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
                for index in 0..=ROUNDS * EACH {
                    client.send_to(&[number as u8, index as u8], socket.local_addr().unwrap()).unwrap();
                }
                RequestQueue::new(&socket, &queue, &queue, limits(EACH as u32, 0), number as u64).unwrap()
            })
            .collect();
        let flood = Flood { sockets, queue, pool };
        flood.post();
        flood
    }

    /// Posts as many receives as there may be.
    fn post(&self) {
        for requests in &self.sockets {
            for token in 0..EACH as u64 {
                requests.receive(self.pool.take().unwrap(), token).unwrap();
            }
        }
    }

    /// Has the kernel complete all receives and takes one completion; over io_uring its queue has overflown then.
    fn overflow(&mut self, one: &mut Completions) {
        until("the first completion", || (self.queue.dequeue(one) == 1).then_some(()));
        #[cfg(target_os = "linux")]
        crate::kernel_queue::has_overflown(self.queue.backend());
    }
}

fn the_kernels_queue_overflows_and_nothing_is_lost(choice: BackendChoice) -> Vec<BufferPool> {
    let mut flood = Flood::new(choice);
    let mut one = Completions::with_capacity(1);
    flood.overflow(&mut one);
    let mut taken: Vec<_> = one.drain().collect();
    let mut some = Completions::with_capacity(32);
    for round in 0..ROUNDS {
        if round > 0 {
            flood.post();
        }
        until("all completions", || {
            // By looking and by waiting in turn: by neither is one lost that the kernel keeps.
            if round % 2 == 1 && taken.len() < SOCKETS * EACH {
                flood.queue.notify().unwrap();
                assert_eq!(flood.queue.wait(Some(PATIENCE)).unwrap(), WaitOutcome::Fired);
            }
            flood.queue.dequeue(&mut some);
            taken.extend(some.drain());
            (taken.len() >= SOCKETS * EACH).then_some(())
        });
        assert_eq!(flood.queue.dequeue(&mut some), 0, "{some:?}");
        // By socket, and otherwise as they came.
        taken.sort_by_key(Completion::socket_context);
        for (number, completion) in taken.drain(..).enumerate() {
            let (socket, index) = (number / EACH, number % EACH);
            assert_eq!((completion.socket_context(), completion.token()), (socket as u64, index as u64));
            assert_eq!(completion.status(), Status::Success);
            assert_eq!(bytes(&completion), [socket as u8, (round * EACH + index) as u8]);
        }
    }
    vec![flood.pool.clone()]
}

fn sockets_are_closed_while_the_kernels_queue_overflows(choice: BackendChoice) -> Vec<BufferPool> {
    let mut flood = Flood::new(choice);
    flood.overflow(&mut Completions::with_capacity(1));
    flood.sockets.clear();
    // Each request completes all the same: aborted, or with its data.
    let mut all = Completions::with_capacity(SOCKETS * EACH);
    let mut count = 1;
    until("the other completions", || {
        count += flood.queue.dequeue(&mut all);
        all.clear();
        (count >= SOCKETS * EACH).then_some(())
    });
    assert_eq!((count, flood.queue.reserved(), flood.queue.leaked()), (SOCKETS * EACH, 0, 0));
    vec![flood.pool.clone()]
}

fn the_queue_is_closed_while_the_kernels_overflows(choice: BackendChoice) -> Vec<BufferPool> {
    let mut flood = Flood::new(choice);
    flood.overflow(&mut Completions::with_capacity(1));
    let Flood { sockets, queue, pool } = flood;
    drop(queue);
    drop(sockets);
    vec![pool]
}
