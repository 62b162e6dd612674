//! Two queues on one port: one that answers, and one that is flooded. Each waits as it was told, whatever the other does.

use std::time::Duration;

use ringport::{BackendChoice, Completions, Operation, PortQueue, PortRequestQueue, Waiting};

use crate::common::flood::Flood;
use crate::common::on_each_backend;
use crate::common::rig::{builder, limits, plain};
use crate::common::system::rounds;
use crate::rig::{Rig, socket};

on_each_backend!(latency_beside_a_flood, lone_requests_beside_a_flood);

const REQUESTS: u64 = 3_000;
const FLOODED: u64 = 8;

/// The queue of the answers has a pump that never gathers.
fn latency_beside_a_flood(choice: BackendChoice) {
    assert_eq!(answer_beside_a_flood(choice, Waiting::Latency), 0);
}

/// It may gather, and finds out that nothing is to be had by it.
fn lone_requests_beside_a_flood(choice: BackendChoice) {
    let gathered = answer_beside_a_flood(choice, Waiting::Balanced);
    assert!(gathered < rounds(REQUESTS) / 10, "{gathered} of {}", rounds(REQUESTS));
}

/// Answers each of a client's requests in a queue that waits like `waiting`, while another on the same port is flooded
/// and gathers. Returns how often the first held something back.
fn answer_beside_a_flood(choice: BackendChoice, waiting: Waiting) -> u64 {
    let mut rig = Rig::new(choice, limits(8, 8));
    rig.set_aside(choice);
    rig.queue = builder(choice, 16).waiting(waiting).on(&rig.port, 1).unwrap();
    rig.requests = PortRequestQueue::new(&rig.socket, &rig.queue, &rig.queue, limits(8, 8), 0).unwrap();
    rig.post(0..8);

    let (flooded, throughput) = (socket(), Waiting::Throughput { at_most: Duration::from_micros(100) });
    let flooded_queue: PortQueue = builder(choice, 64).waiting(throughput).on(&rig.port, FLOODED).unwrap();
    let drain = PortRequestQueue::new(&flooded, &flooded_queue, &flooded_queue, limits(64, 0), 0).unwrap();
    (0..64).for_each(|_| drain.receive(rig.marked(0), 0).unwrap());

    let flood = Flood::new(&plain(), flooded.local_addr().unwrap());
    let (client, to) = (rig.client.try_clone().unwrap(), rig.address);
    let asking = std::thread::spawn(move || {
        let mut answer = [0; 8];
        for request in 0..rounds(REQUESTS) {
            client.send_to(&request.to_le_bytes(), to).unwrap();
            assert_eq!(client.recv(&mut answer).unwrap(), 8, "the answer to {request}");
            assert_eq!(answer, request.to_le_bytes());
        }
    });
    let mut some = Completions::with_capacity(64);
    let (mut answered, mut drained) = (0, 0);
    // The flood goes on until the last request has its answer.
    while answered < rounds(REQUESTS) {
        let mut ready = rig.ready();
        let key = ready.key();
        ready.dequeue(&mut some);
        for completion in some.drain().filter(|completion| completion.operation() == Operation::Receive) {
            let buffer = completion.into_unique().unwrap();
            if key == FLOODED {
                drain.receive(buffer, 0).unwrap();
                drained += 1;
            } else {
                rig.requests.send_to(buffer, rig.client.local_addr().unwrap(), 0).unwrap();
                rig.post(0..1);
                answered += 1;
            }
        }
        ready.notify();
    }
    asking.join().unwrap();
    drop(flood);
    assert!(drained > 0, "it was no flood");
    rig.queue.gathered()
}
