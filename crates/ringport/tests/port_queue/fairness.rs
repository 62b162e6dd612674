//! Several queues on one port: a hot one does not keep the others from being served.

use ringport::queue::PortQueue;
use ringport::{BackendChoice, BufferPool, CompletionPort, Completions, PortRequestQueue};

use crate::common::on_each_backend;
use crate::common::rig::{builder, limits, plain, pool};
use crate::common::until;
use crate::rig::{is_silent, ready, socket};

on_each_backend!(
    a_packet_brings_no_more_than_its_cap,
    a_quiet_queue_comes_through_beside_a_hot_one,
    queues_on_one_port_are_told_apart_by_their_keys,
);

struct One {
    requests: PortRequestQueue,
    queue: PortQueue,
}

struct Several {
    all: Vec<One>,
    port: CompletionPort,
    pool: BufferPool,
    client: std::net::UdpSocket,
}

impl Several {
    fn new(choice: BackendChoice, count: u64, cap: usize) -> Several {
        let port = CompletionPort::new(1).unwrap();
        let one = |key| {
            let queue = builder(choice, 64).results_per_packet(cap).on(&port, key).unwrap();
            let requests = PortRequestQueue::new(&socket(), &queue, &queue, limits(32, 1), key).unwrap();
            One { requests, queue }
        };
        Several { all: (0..count).map(one).collect(), port, pool: pool(64, 256), client: plain() }
    }

    /// Posts and fills so many receives of one of them.
    fn fill(&self, index: usize, count: usize) {
        let One { requests, queue } = &self.all[index];
        let before = queue.completed();
        for token in 0..count {
            requests.receive(self.pool.take().unwrap(), token as u64).unwrap();
            self.client.send_to(b"x", requests.socket().local_addr().unwrap()).unwrap();
        }
        until("its completions", || (queue.completed() == before + count).then_some(()));
        requests.counters();
    }
}

fn a_packet_brings_no_more_than_its_cap(choice: BackendChoice) {
    let several = Several::new(choice, 1, 5);
    several.fill(0, 17);
    let mut room = Completions::with_capacity(64);
    let mut brought = Vec::new();
    while brought.iter().sum::<usize>() < 17 {
        let mut ready = ready(&several.port);
        brought.push(std::iter::from_fn(|| Some(ready.dequeue(&mut room)).filter(|count| *count > 0)).sum());
        // In what order it is dequeued, in small steps or large ones, makes no difference to the cap.
        assert!(brought.last().is_some_and(|count| *count <= 5), "{brought:?}");
        ready.notify();
    }
    assert_eq!(brought, [5, 5, 5, 2]);
    assert!(is_silent(&several.port));
    several.fill(0, 6);
    let mut one = Completions::with_capacity(1);
    let mut ready = ready(&several.port);
    let taken = std::iter::from_fn(|| {
        one.clear();
        Some(ready.dequeue(&mut one)).filter(|count| *count > 0)
    });
    assert_eq!(taken.sum::<usize>(), 5);
}

fn a_quiet_queue_comes_through_beside_a_hot_one(choice: BackendChoice) {
    let several = Several::new(choice, 2, 4);
    let mut room = Completions::with_capacity(64);
    for _ in 0..50 {
        // The hot one always has more than one packet may bring.
        several.fill(0, 24);
        several.fill(1, 1);
        let mut keys = Vec::new();
        while keys.last() != Some(&1) {
            let mut ready = ready(&several.port);
            keys.push(ready.key());
            assert!(ready.dequeue(&mut room) > 0);
            room.clear();
            ready.notify();
        }
        assert_eq!(keys, [0, 1], "the quiet one waits behind one packet of the other, no more");
        while !is_silent(&several.port) {
            // That look has taken a packet and dropped it, so the queue is armed again and has sent another.
            let mut ready = ready(&several.port);
            ready.dequeue(&mut room);
            room.clear();
        }
    }
}

fn queues_on_one_port_are_told_apart_by_their_keys(choice: BackendChoice) {
    let several = Several::new(choice, 4, usize::MAX);
    let mut room = Completions::with_capacity(64);
    for round in 0..20 {
        for index in 0..4 {
            several.fill((index + round) % 4, 3);
        }
        for index in 0..4 {
            let mut ready = ready(&several.port);
            assert_eq!(ready.key(), ((index + round) % 4) as u64, "packets come in order");
            assert_eq!(ready.dequeue(&mut room), 3);
            assert!(room.drain().all(|completion| completion.socket_context() == ready.key()));
        }
        assert!(is_silent(&several.port));
    }
}
