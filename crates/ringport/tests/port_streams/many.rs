//! Many connections on one queue, served by several threads.

use std::io::{Read, Write};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use ringport::port::PortWaitError;
use ringport::{
    BackendChoice, BufferPool, Completion, CompletionPort, Completions, Limits, Operation, Packet,
    PortRequestQueue, Receive, Status, StreamSocket,
};

use crate::common::on_each_backend;
use crate::common::rig::{builder, pool};
use crate::connection::connection;

on_each_backend!(
    five_hundred_connections_are_each_answered_in_order,
    five_hundred_connections_share_the_slices_of_a_large_pool,
);

const CONNECTIONS: usize = 500;
const ROUNDS: u64 = 8;
const MESSAGE: usize = 64;
const LIMITS: Limits = Limits { receives: 2, receive_buffers: 1, sends: 4, send_buffers: 1 };

fn five_hundred_connections_are_each_answered_in_order(choice: BackendChoice) {
    // Fewer slices than connections: they come and go. Each receive waits for a whole message.
    let received = answer_all(choice, 64, Receive::new().wait_all());
    assert_eq!(received, ROUNDS * CONNECTIONS as u64);
}

/// Enough slices for the kernel to choose among them, where it can; receives bring what there is.
fn five_hundred_connections_share_the_slices_of_a_large_pool(choice: BackendChoice) {
    assert!(answer_all(choice, 1024, Receive::new()) >= ROUNDS * CONNECTIONS as u64);
}

/// Sends back what comes on each connection; returns how many receives there were.
fn answer_all(choice: BackendChoice, slices: usize, options: Receive) -> u64 {
    let port = CompletionPort::new(4).unwrap();
    let queue = builder(choice, CONNECTIONS * 6).on(&port, 1).unwrap();
    let pool = pool(MESSAGE, slices);
    let (mut ends, mut peers) = (Vec::new(), Vec::new());
    for context in 0..CONNECTIONS as u64 {
        let (socket, peer) = connection();
        let requests = PortRequestQueue::new(&socket, &queue, &queue, LIMITS, context).unwrap();
        requests.receive_pooled(&pool, options, 0).unwrap();
        ends.push(requests);
        peers.push(peer);
    }
    let (answered, over) = (AtomicU64::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut completions = Completions::with_capacity(64);
                while !over.load(Ordering::Relaxed) {
                    let mut ready = match port.wait(Some(std::time::Duration::from_millis(50))) {
                        Ok(Packet::Ready(ready)) => ready,
                        Err(PortWaitError::TimedOut) => continue,
                        other => panic!("{other:?}"),
                    };
                    ready.dequeue(&mut completions);
                    ready.notify();
                    for done in completions.drain() {
                        answered.fetch_add(answer(&ends, &pool, options, done), Ordering::Relaxed);
                    }
                }
            });
        }
        for round in 0..ROUNDS {
            for (number, peer) in peers.iter_mut().enumerate() {
                let mut message = [round as u8; MESSAGE];
                message[..8].copy_from_slice(&(number as u64).to_le_bytes());
                // In two pieces for some, so that the answer needs both.
                let cut = if number % 3 == 0 { 20 } else { MESSAGE };
                peer.write_all(&message[..cut]).unwrap();
                peer.write_all(&message[cut..]).unwrap();
            }
            for (number, peer) in peers.iter_mut().enumerate() {
                let mut got = [0; MESSAGE];
                peer.read_exact(&mut got).unwrap();
                assert_eq!(got[..8], (number as u64).to_le_bytes());
                assert!(got[8..].iter().all(|byte| *byte == round as u8));
            }
        }
        over.store(true, Ordering::Relaxed);
    });
    drop((ends, queue, port));
    assert_eq!(pool.figures().used, 0);
    answered.into_inner()
}

/// Sends back what a receive has brought; returns how many it were.
fn answer(
    ends: &[PortRequestQueue<StreamSocket>],
    pool: &BufferPool,
    options: Receive,
    done: Completion,
) -> u64 {
    assert_eq!(done.status(), Status::Success);
    if done.operation() != Operation::Receive {
        return 0;
    }
    let requests = &ends[done.socket_context() as usize];
    requests.send(done.into_unique().unwrap(), 1).unwrap();
    requests.receive_pooled(pool, options, 0).unwrap();
    1
}
