//! Receives: bytes fill them in post order, each completes with what there is.

use std::io::Write;
use std::time::Instant;

use ringport::queue::CompletedBuffer;
use ringport::{BackendChoice, ChainMut, Completions, Limits, Operation, Receive, RequestQueue, Status};

use crate::common::{PATIENCE, on_each_backend};
use crate::rig::{LIMITS, SLICE, bytes, connection, pool, queue, rig};

on_each_backend!(
    a_receive_completes_with_what_there_is,
    bytes_fill_receives_in_post_order,
    bytes_that_came_before_wait_for_a_receive,
    as_many_receives_as_may_be_posted_lose_nothing,
    a_chain_is_filled_slice_by_slice,
    addresses_are_of_datagrams,
    many_connections_are_each_served,
);

fn a_receive_completes_with_what_there_is(choice: BackendChoice) {
    let mut rig = rig(choice);
    rig.requests.receive(rig.pool.take().unwrap(), 1).unwrap();
    rig.none();
    rig.peer.write_all(b"hello").unwrap();
    let done = rig.take(1).remove(0);
    assert_eq!((done.operation(), done.status(), done.bytes()), (Operation::Receive, Status::Success, 5));
    assert_eq!((done.token(), bytes(done)), (1, b"hello".to_vec()));
}

fn bytes_fill_receives_in_post_order(choice: BackendChoice) {
    let mut rig = rig(choice);
    let sent: Vec<u8> = (0..100u8).collect();
    for round in 0..20 {
        for token in 0..8 {
            rig.requests.receive(rig.pool.take().unwrap(), token).unwrap();
        }
        rig.peer.write_all(&sent).unwrap();
        let (mut got, mut next) = (Vec::new(), 0);
        while got.len() < sent.len() {
            let done = rig.take(1).remove(0);
            assert_eq!(done.token(), next, "round {round}");
            next += 1;
            got.extend(bytes(done));
        }
        assert_eq!(got, sent);
        rig.requests.cancel();
        rig.take(8 - next as usize);
    }
}

/// A connection that brings more than its receives take is read by vectors: of those receives, and no others.
fn as_many_receives_as_may_be_posted_lose_nothing(choice: BackendChoice) {
    let sent: Vec<u8> = (0..12 * SLICE as u8).collect();
    for receives in [1, 2, 4, 8] {
        let (socket, mut peer) = connection();
        let (mut queue, pool) = (queue(choice), pool(64));
        let limits = Limits { receives, ..LIMITS };
        let requests = RequestQueue::new(&socket, &queue, &queue, limits, 7).unwrap();
        for token in 0..u64::from(receives) {
            requests.receive_pooled(&pool, Receive::new(), token).unwrap();
        }
        peer.write_all(&sent).unwrap();
        let (mut got, mut completions) = (Vec::new(), Completions::with_capacity(16));
        let start = Instant::now();
        while got.len() < sent.len() {
            queue.dequeue(&mut completions);
            for done in completions.drain() {
                got.extend(bytes(done));
                requests.receive_pooled(&pool, Receive::new(), 0).unwrap();
            }
            assert!(start.elapsed() < PATIENCE, "{receives} receives: {} bytes came", got.len());
        }
        assert_eq!(got, sent, "{receives} receives");
    }
}

fn bytes_that_came_before_wait_for_a_receive(choice: BackendChoice) {
    let mut rig = rig(choice);
    rig.requests.receive(rig.pool.take().unwrap(), 0).unwrap();
    rig.peer.write_all(&[7; 3 * SLICE]).unwrap();
    rig.take(1);
    rig.none();
    for token in 1..3 {
        rig.requests.receive(rig.pool.take().unwrap(), token).unwrap();
        assert_eq!(bytes(rig.take(1).remove(0)), [7; SLICE]);
    }
}

fn a_chain_is_filled_slice_by_slice(choice: BackendChoice) {
    let mut rig = rig(choice);
    let chain: ChainMut = (0..3).map(|_| rig.pool.take().unwrap()).collect();
    rig.requests.receive(chain, 1).unwrap();
    rig.requests.receive(rig.pool.take().unwrap(), 2).unwrap();
    let sent: Vec<u8> = (0..2 * SLICE as u8 + 3).collect();
    rig.peer.write_all(&sent).unwrap();
    let done = rig.take(1).remove(0);
    assert_eq!((done.token(), done.bytes()), (1, sent.len()));
    let CompletedBuffer::ChainMut(chain) = done.into_buffer() else { panic!("a chain was posted") };
    let lengths: Vec<usize> = chain.buffers().iter().map(|buffer| buffer.len()).collect();
    assert_eq!(lengths, [SLICE, SLICE, 3]);
    assert!(chain.buffers().iter().flat_map(|buffer| buffer.iter()).eq(&sent));
}

fn addresses_are_of_datagrams(choice: BackendChoice) {
    let rig = rig(choice);
    let refused = rig.requests.receive_with(rig.pool.take().unwrap(), Receive::new().addresses(), 1);
    assert!(refused.unwrap_err().error.to_string().contains("addresses"));
    assert_eq!(rig.requests.outstanding().receives, 0);
}

fn many_connections_are_each_served(choice: BackendChoice) {
    use ringport::{CompletionQueue, Completions, RequestQueue};
    const COUNT: usize = 200;
    let limits = ringport::Limits { receives: 1, receive_buffers: 1, sends: 0, send_buffers: 0 };
    let mut queue = CompletionQueue::builder(COUNT).backend(choice).event().unwrap();
    let pool = crate::rig::pool(COUNT);
    let mut ends = Vec::new();
    for context in 0..COUNT as u64 {
        let (socket, peer) = crate::rig::connection();
        let requests = RequestQueue::new(&socket, &queue, &queue, limits, context).unwrap();
        requests.receive(pool.take().unwrap(), 0).unwrap();
        ends.push((requests, peer));
    }
    for round in 0..5u8 {
        for (_, peer) in &mut ends {
            peer.write_all(&[round]).unwrap();
        }
        let mut left = COUNT;
        let mut completions = Completions::with_capacity(COUNT);
        while left > 0 {
            let taken = queue.dequeue(&mut completions);
            if taken == 0 {
                queue.notify().unwrap();
                queue.wait(Some(crate::common::PATIENCE)).unwrap();
            }
            for done in completions.drain() {
                left -= 1;
                let requests = &ends[done.socket_context() as usize].0;
                let buffer = done.into_unique().unwrap();
                assert_eq!(buffer[..], [round]);
                requests.receive(buffer, 0).unwrap();
            }
        }
    }
}
