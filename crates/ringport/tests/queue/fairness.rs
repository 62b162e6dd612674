//! Many sockets on one completion queue, and both directions of one: none keeps the others from being served.

use ringport::{BackendChoice, BufferPool, ChainMut, Completions, Operation, RequestQueue, UdpSocket};

use crate::common::rig::{Rig, builder, limits, plain, pool};
use crate::common::{on_each_backend, until};

on_each_backend!(
    a_socket_without_receives_does_not_hide_the_others,
    a_socket_that_always_has_data_does_not_starve_the_others,
    a_socket_with_chains_does_not_starve_the_others,
    steady_sends_do_not_keep_receives_from_completing,
);

struct Two {
    queue: ringport::CompletionQueue<ringport::queue::Polled>,
    all: Vec<RequestQueue>,
    client: std::net::UdpSocket,
    pool: BufferPool,
    /// Slices of each receive.
    slices: usize,
}

impl Two {
    fn new(choice: BackendChoice, slices: usize) -> Two {
        let queue = builder(choice, 64).polled().unwrap();
        let socket = |context| {
            let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
            RequestQueue::new(&socket, &queue, &queue, limits(8, 1), context).unwrap()
        };
        Two {
            all: vec![socket(0), socket(1), socket(2)],
            queue,
            client: plain(),
            pool: pool(64, 128),
            slices,
        }
    }

    fn post(&self, index: usize) {
        let mut slices = (0..self.slices).map(|_| self.pool.take().unwrap());
        match self.slices {
            1 => self.all[index].receive(slices.next().unwrap(), 0).unwrap(),
            _ => self.all[index].receive(slices.collect::<ChainMut>(), 0).unwrap(),
        }
    }

    fn arrive(&self, index: usize) {
        self.client.send_to(b"x", self.all[index].socket().local_addr().unwrap()).unwrap();
    }

    /// Dequeues one at a time until this socket was served.
    fn served(&mut self, index: u64, mut after_each: impl FnMut(&Two, u64)) {
        let mut one = Completions::with_capacity(1);
        until("the other socket", || {
            self.queue.dequeue(&mut one);
            let context = one.drain().next()?.socket_context();
            after_each(self, context);
            (context == index).then_some(())
        });
    }
}

fn a_socket_without_receives_does_not_hide_the_others(choice: BackendChoice) {
    let mut two = Two::new(choice, 1);
    // Readable, and known to be, with nothing posted.
    two.post(0);
    (0..5).for_each(|_| two.arrive(0));
    two.served(0, |_, _| ());
    for round in 0..10 {
        let index = 1 + round % 2;
        two.post(index);
        two.arrive(index);
        two.served(index as u64, |_, _| ());
    }
    two.post(0);
    two.served(0, |_, _| ());
}

fn a_socket_that_always_has_data_does_not_starve_the_others(choice: BackendChoice) {
    one_is_always_busy(choice, 1);
}

fn a_socket_with_chains_does_not_starve_the_others(choice: BackendChoice) {
    one_is_always_busy(choice, 2);
}

fn one_is_always_busy(choice: BackendChoice, slices: usize) {
    let mut two = Two::new(choice, slices);
    for busy in 0..3 {
        let idle = (busy + 1) % 3;
        two.post(idle);
        for _ in 0..8 {
            two.post(busy);
            two.arrive(busy);
            two.arrive(busy);
        }
        let mut one = Completions::with_capacity(1);
        until("the busy one", || Some(two.queue.dequeue(&mut one)).filter(|count| *count > 0));
        assert_eq!(one.drain().next().unwrap().socket_context(), busy as u64);
        two.post(busy);
        two.arrive(busy);
        two.arrive(idle);
        let mut before = 0;
        two.served(idle as u64, |two, context| {
            if context == busy as u64 {
                before += 1;
                two.post(busy);
                two.arrive(busy);
            }
        });
        assert!(before < 1000, "{before} completions of the busy socket went before");
        // Empty it again.
        two = Two::new(choice, slices);
    }
}

/// Whoever sends in every turn and never waits finds in every turn that sends have completed. What arrives
/// is received all the same.
fn steady_sends_do_not_keep_receives_from_completing(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(4, 4));
    rig.post(0..4);
    let to = rig.client_address();
    let turn = |rig: &mut Rig| {
        rig.requests.send_to(rig.filled(b"out"), to, 99).unwrap();
        rig.queue.dequeue(&mut rig.completions);
        rig.completions.drain().any(|completion| completion.operation() == Operation::Receive)
    };
    // The end of the queue was found.
    (0..3).for_each(|_| assert!(!turn(&mut rig)));
    rig.arrive(b"in");
    assert!((0..8).any(|_| turn(&mut rig)), "a datagram in the socket was not received in eight turns");
}
