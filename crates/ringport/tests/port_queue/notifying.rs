//! One packet an armed notification: when it comes, when it does not, and what it carries.

use ringport::{BackendChoice, Receive, Send};

use crate::common::on_each_backend;
use crate::common::rig::{bytes, limits, tokens};
use crate::common::system::rounds;
use crate::rig::{KEY, Rig, is_silent};

on_each_backend!(
    a_new_queue_is_armed,
    one_packet_comes_for_many_completions,
    arming_sends_the_packet_at_once_when_something_is_there,
    arming_an_empty_queue_waits_for_the_next_completion,
    silent_requests_send_no_packet_and_can_be_dequeued,
    a_silent_send_behind_a_receive_hides_nothing,
    no_wake_up_is_lost_in_thousands_of_rounds,
    every_packet_brings_something,
);

fn a_new_queue_is_armed(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(4, 1));
    assert!(rig.queue.is_armed() && is_silent(&rig.port));
    rig.post(0..1);
    rig.arrive(b"x");
    let mut ready = rig.ready();
    assert_eq!((ready.key(), rig.queue.packets(), rig.queue.is_armed()), (KEY, 1, false));
    assert_eq!(tokens(&rig.dequeue(&mut ready)), [0]);
    assert!(rig.dequeue(&mut ready).is_empty());
}

fn one_packet_comes_for_many_completions(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(8, 1));
    rig.post(0..8);
    (0..8).for_each(|byte| rig.arrive(&[byte]));
    rig.completed(8);
    assert_eq!((rig.port.counters().queued, rig.queue.packets()), (1, 1));
    let mut ready = rig.ready();
    // While the right is out, nothing else comes, whatever completes.
    assert_eq!(rig.dequeue(&mut ready).len(), 8);
    rig.post(8..16);
    (0..8).for_each(|byte| rig.arrive(&[byte]));
    rig.completed(16);
    assert!(is_silent(&rig.port));
    assert_eq!(rig.dequeue(&mut ready).len(), 8);
    ready.notify();
    rig.nothing_more();
    assert_eq!(rig.queue.packets(), 1);
}

fn arming_sends_the_packet_at_once_when_something_is_there(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(8, 1));
    rig.post(0..4);
    (0..4).for_each(|byte| rig.arrive(&[byte]));
    rig.completed(4);
    for packet in 1..5 {
        let ready = rig.ready();
        // Nothing is taken.
        ready.notify();
        assert_eq!((rig.queue.packets(), rig.port.counters().queued), (packet + 1, 1));
    }
    assert_eq!(tokens(&rig.take(4)), [0, 1, 2, 3]);
}

fn arming_an_empty_queue_waits_for_the_next_completion(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(8, 1));
    rig.post(0..2);
    rig.arrive(b"one");
    assert_eq!(bytes(&rig.take_one()), b"one");
    rig.nothing_more();
    rig.arrive(b"two");
    assert_eq!(bytes(&rig.take_one()), b"two");
    assert_eq!(rig.queue.packets(), 2);
}

fn silent_requests_send_no_packet_and_can_be_dequeued(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(4, 4));
    let to = rig.client_address();
    for token in 0..3 {
        rig.requests.receive_with(rig.marked(0), Receive::new().dont_notify(), token).unwrap();
        rig.arrive(b"x");
    }
    rig.requests.send_with(rig.filled(b"y"), Send::new().to(to).dont_notify(), 3).unwrap();
    rig.completed(4);
    assert_eq!((rig.queue.packets(), rig.queue.is_armed()), (0, true));
    assert!(is_silent(&rig.port));
    // The next one that notifies brings all of them.
    rig.requests.send_to(rig.filled(b"z"), to, 4).unwrap();
    let mut ready = rig.ready();
    let mut taken = tokens(&rig.dequeue(&mut ready));
    taken.sort_unstable();
    assert_eq!(taken, [0, 1, 2, 3, 4]);
    // They do not send one either when the queue is armed with them in it.
    rig.requests.send_with(rig.filled(b"y"), Send::new().to(to).dont_notify(), 5).unwrap();
    ready.notify();
    rig.nothing_more();
    assert_eq!(rig.queue.packets(), 1);
    assert_eq!((rig.requests.outstanding().receives, rig.requests.outstanding().sends), (0, 1));
}

/// Threads send silently, with all their might, while single datagrams arrive: each of these brings its packet.
fn a_silent_send_behind_a_receive_hides_nothing(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(2, 64));
    let sink = crate::common::rig::plain();
    let to = sink.local_addr().unwrap();
    let over = std::sync::atomic::AtomicBool::new(false);
    let (requests, pool) = (&rig.requests, rig.pool.clone());
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !over.load(std::sync::atomic::Ordering::Relaxed) {
                    let silent = Send::new().to(to).dont_notify();
                    if requests.send_with(pool.take_with(b"s").unwrap(), silent, 99).is_err() {
                        std::thread::yield_now();
                    }
                }
            });
        }
        // Under Wine each call is a message to a server, which three threads keep busy.
        for round in 0..if cfg!(windows) { 200 } else { 2000u64 } {
            requests.receive(pool.take().unwrap(), round).unwrap();
            rig.client.send_to(b"r", rig.address).unwrap();
            let mut found = false;
            while !found {
                let mut ready = crate::rig::ready(&rig.port);
                ready.dequeue(&mut rig.completions);
                assert!(!rig.completions.is_empty(), "a packet for nothing");
                found = rig.completions.drain().any(|completion| completion.token() == round);
            }
        }
        over.store(true, std::sync::atomic::Ordering::Relaxed);
    });
}

fn no_wake_up_is_lost_in_thousands_of_rounds(choice: BackendChoice) {
    let rig = Rig::new(choice, limits(4, 4));
    let to = rig.address;
    let (pool, port) = (rig.pool.clone(), rig.port.clone());
    rig.post(0..1);
    rig.requests.send_to(rig.filled(b"go"), to, 99).unwrap();
    // Each datagram sends the next one, by whichever of two threads has the packet.
    let count = std::sync::atomic::AtomicU64::new(0);
    let requests = &rig.requests;
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut some = ringport::Completions::with_capacity(8);
                while let Ok(packet) = port.wait(Some(crate::common::PATIENCE)) {
                    let ringport::Packet::Ready(mut ready) = packet else { break };
                    ready.dequeue(&mut some);
                    for completion in some.drain() {
                        if completion.operation() == ringport::Operation::Receive {
                            let round = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                            if round == rounds(10_000) {
                                (0..2).for_each(|_| port.post(0, 0).unwrap());
                            } else {
                                requests.receive(pool.take().unwrap(), 0).unwrap();
                                requests.send_to(pool.take_with(b"go").unwrap(), to, 99).unwrap();
                            }
                        }
                    }
                }
            });
        }
    });
    assert_eq!(count.into_inner(), rounds(10_000) + 1, "a wake-up was lost");
}

fn every_packet_brings_something(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(16, 64));
    let sink = crate::common::rig::plain();
    let to = sink.local_addr().unwrap();
    let (requests, pool) = (&rig.requests, rig.pool.clone());
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                for _ in 0..1000 {
                    while requests.send_to(pool.take_with(b"s").unwrap(), to, 0).is_err() {
                        std::thread::yield_now();
                    }
                }
            });
        }
        let mut taken = 0;
        while taken < 3000 {
            let mut ready = crate::rig::ready(&rig.port);
            let count = ready.dequeue(&mut rig.completions);
            assert!(count > 0, "a packet for nothing");
            taken += count;
            rig.completions.clear();
        }
    });
}
