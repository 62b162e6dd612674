//! Receives posted by threads that never drain, at any time, whatever the pump is doing.

use std::sync::atomic::{AtomicUsize, Ordering};

use ringport::{BackendChoice, Completions, Waiting};

use crate::common::on_each_backend;
use crate::common::rig::{bytes, limits};
use crate::common::system::rounds;
use crate::rig::Rig;

on_each_backend!(
    a_receive_posted_while_the_pump_sleeps_dry_is_taken_up,
    receives_of_many_threads_all_complete,
    a_lone_request_is_answered_whatever_the_pump_gathers,
    an_unbound_socket_posts_and_sends,
);

fn a_receive_posted_while_the_pump_sleeps_dry_is_taken_up(choice: BackendChoice) {
    for limit in [1, 2, 256] {
        let mut rig = Rig::new(choice, limits(limit, 1));
        for round in 0..500u64 {
            // The datagram is there first, and nothing but the post can bring it.
            rig.arrive(&round.to_le_bytes());
            rig.post(round..round + 1);
            let completion = rig.take_one();
            assert_eq!((completion.token(), bytes(&completion)), (round, &round.to_le_bytes()[..]));
        }
        for round in 0..500u64 {
            rig.post(round..round + 1);
            rig.arrive(&round.to_le_bytes());
            assert_eq!(rig.take_one().token(), round);
        }
    }
}

fn receives_of_many_threads_all_complete(choice: BackendChoice) {
    const THREADS: u64 = 4;
    const EACH: u64 = 2000;
    let mut rig = Rig::new(choice, limits(64, 1));
    let (requests, pool) = (&rig.requests, rig.pool.clone());
    let posted = AtomicUsize::new(0);
    let mut tokens = Vec::new();
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (posted, pool) = (&posted, &pool);
            scope.spawn(move || {
                for number in 0..EACH {
                    let mut buffer = pool.take().unwrap();
                    while let Err(refused) = requests.receive(buffer, thread * EACH + number) {
                        buffer = refused.buffer;
                        std::thread::yield_now();
                    }
                    posted.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let mut sent = 0;
        while tokens.len() < (THREADS * EACH) as usize {
            while sent < posted.load(Ordering::Relaxed) && sent < tokens.len() + 48 {
                rig.client.send_to(b"x", rig.address).unwrap();
                sent += 1;
            }
            if tokens.len() < sent {
                let mut ready = crate::rig::ready(&rig.port);
                ready.dequeue(&mut rig.completions);
                tokens.extend(rig.completions.drain().map(|completion| completion.token()));
            } else {
                std::thread::yield_now();
            }
        }
    });
    for thread in 0..THREADS {
        let of = tokens.iter().filter(|token| **token / EACH == thread);
        assert!(
            of.copied().eq(thread * EACH..(thread + 1) * EACH),
            "the posts of one thread keep their order"
        );
    }
    assert_eq!((rig.requests.outstanding().receives, rig.pool.figures().used), (0, 0));
}

/// With gathering on and off, a client that asks again only when it has the answer is answered each time.
fn a_lone_request_is_answered_whatever_the_pump_gathers(choice: BackendChoice) {
    for waiting in [Waiting::Latency, Waiting::Balanced] {
        let mut rig = Rig::new(choice, limits(32, 8));
        let queue = crate::common::rig::builder(choice, 64).waiting(waiting);
        rig.queue = queue.on(&rig.port, 1).unwrap();
        rig.set_aside(choice);
        rig.requests =
            ringport::PortRequestQueue::new(&rig.socket, &rig.queue, &rig.queue, limits(32, 8), 0).unwrap();
        rig.post(0..32);
        let mut some = Completions::with_capacity(8);
        let mut buffer = [0; 64];
        // First a burst, so that gathering begins where it is allowed.
        for round in 0..rounds(3000) {
            let burst = if round < rounds(1000) { 8 } else { 1 };
            (0..burst).for_each(|_| rig.arrive(&round.to_le_bytes()));
            let mut answered = 0;
            while answered < burst {
                let mut ready = rig.ready();
                ready.dequeue(&mut some);
                for completion in some.drain() {
                    if completion.operation() == ringport::Operation::Receive {
                        let buffer = completion.into_unique().unwrap();
                        rig.requests.send_to(buffer, rig.client_address(), 0).unwrap();
                        rig.post(0..1);
                        answered += 1;
                    }
                }
            }
            for _ in 0..burst {
                let length = rig.client.recv(&mut buffer).unwrap();
                assert_eq!(buffer[..length], round.to_le_bytes());
            }
        }
    }
}

fn an_unbound_socket_posts_and_sends(choice: BackendChoice) {
    if cfg!(windows) {
        return eprintln!("skipped: Windows receives with bound sockets only");
    }
    let socket = ringport::UdpSocket::unbound(ringport::net::Domain::V4).unwrap();
    let mut rig = Rig::with_socket(choice, limits(4, 4), socket);
    rig.post(0..2);
    // Its first send binds it.
    rig.requests.send_to(rig.filled(b"hello"), rig.client_address(), 9).unwrap();
    assert_eq!(rig.take_one().token(), 9);
    let mut buffer = [0; 16];
    let (length, from) = rig.client.recv_from(&mut buffer).unwrap();
    rig.client.send_to(b"answer", from).unwrap();
    assert_eq!((length, bytes(&rig.take_one())), (5, &b"answer"[..]));
}
