//! Pooled receives where the kernel takes the slices: from one group for all connections, in post order, and never
//! more than what is posted.

use std::io::Write;
use std::net::Shutdown;

use ringport::{
    BackendChoice, BufferPool, ChainMut, Completions, Receive, RequestQueue, Status, StreamSocket,
};

use crate::common::on_each_backend;
use crate::common::system::ECONNRESET;
use crate::common::system::unread;
use crate::rig::{LIMITS, Rig, SLICE, bytes, connection, none, pool, queue, rig, take};

on_each_backend!(
    bytes_fill_receives_in_post_order,
    bytes_leave_the_socket_only_where_a_receive_is_posted,
    several_receives_complete_by_one_call,
    idle_connections_share_a_few_slices,
    what_needs_memory_of_its_own_goes_between,
    the_end_and_a_reset_complete_every_receive,
    cancelled_the_bytes_stay_for_the_next,
    few_places_are_never_overrun,
    a_dry_pool_goes_on_when_a_slice_returns,
    memory_is_home_after_everything_was_dropped,
    receives_may_be_posted_before_the_connection_is_made,
);

/// Enough for a group to be made.
const SLICES: usize = 1024;
/// What a group has.
const GROUP: usize = 64;

/// How many slices the group of a pool holds on this backend.
fn group(choice: BackendChoice) -> usize {
    let features = ringport::backend::features();
    let has =
        features.iter().any(|feature| feature.feature.starts_with("recv that takes") && feature.present);
    if choice == BackendChoice::Uring && has { GROUP } else { 0 }
}

fn large(choice: BackendChoice) -> Rig {
    Rig { pool: pool(SLICES), ..rig(choice) }
}

fn post(rig: &Rig, tokens: std::ops::Range<u64>) {
    for token in tokens {
        rig.requests.receive_pooled(&rig.pool, Receive::new(), token).unwrap();
    }
}

fn bytes_fill_receives_in_post_order(choice: BackendChoice) {
    let mut rig = large(choice);
    let (mut sent, mut got, mut next) = (0u64, 0u64, 0u64);
    post(&rig, 0..8);
    let mut random = crate::common::Random::new(5);
    while next < 5000 {
        let some: Vec<u8> = (0..random.below(10 * SLICE)).map(|at| (sent as usize + at) as u8).collect();
        rig.peer.write_all(&some).unwrap();
        sent += some.len() as u64;
        while got < sent {
            for done in rig.take(1) {
                assert_eq!(done.token(), next);
                for byte in bytes(done) {
                    assert_eq!(byte, got as u8);
                    got += 1;
                }
                post(&rig, next + 8..next + 9);
                next += 1;
            }
        }
        assert_eq!(got, sent);
    }
}

fn bytes_leave_the_socket_only_where_a_receive_is_posted(choice: BackendChoice) {
    let mut rig = large(choice);
    for count in [1, 2, 3, 8, 8, 5, 1] {
        rig.peer.write_all(&[1; 20 * SLICE]).unwrap();
        let mut token = 0;
        while token < 20 {
            let some = count.min(20 - token);
            post(&rig, token..token + some);
            let done = rig.take(some as usize);
            assert!(done.iter().all(|done| done.bytes() == SLICE), "full ones: the bytes are all there");
            token += some;
            rig.none();
            let left = unread(&rig.socket);
            assert_eq!(left, (20 - token as usize) * SLICE, "what nobody asked for stays in the socket");
        }
    }
}

fn several_receives_complete_by_one_call(choice: BackendChoice) {
    if choice == BackendChoice::Rio {
        return eprintln!(
            "skipped: what Registered I/O receives is dequeued without a call, when it is there"
        );
    }
    let mut rig = large(choice);
    let mut completions = Completions::with_capacity(8);
    let mut calls = u64::MAX;
    for _ in 0..20 {
        post(&rig, 0..8);
        rig.none();
        rig.peer.write_all(&[1; 8 * SLICE]).unwrap();
        let before = rig.queue.system_calls();
        rig.queue.dequeue(&mut completions);
        if completions.len() == 8 {
            calls = calls.min(rig.queue.system_calls() - before);
        }
        let missing = 8 - completions.len();
        completions.clear();
        rig.take(missing);
    }
    assert!(calls <= 2, "{calls} calls for eight completions");
}

fn idle_connections_share_a_few_slices(choice: BackendChoice) {
    const CONNECTIONS: usize = 1000;
    let limits = ringport::Limits { receives: 4, receive_buffers: 1, sends: 0, send_buffers: 0 };
    let mut queue = ringport::CompletionQueue::builder(4 * CONNECTIONS).backend(choice).polled().unwrap();
    let pool = pool(SLICES);
    let mut ends = Vec::new();
    for context in 0..CONNECTIONS as u64 {
        let (socket, peer) = connection();
        let requests = RequestQueue::new(&socket, &queue, &queue, limits, context).unwrap();
        (0..4).for_each(|token| requests.receive_pooled(&pool, Receive::new(), token).unwrap());
        ends.push((requests, peer));
    }
    none(&mut queue);
    assert_eq!(pool.free(), SLICES - group(choice), "of four thousand receives posted");
    for (number, (_, peer)) in ends.iter_mut().enumerate() {
        peer.write_all(&number.to_le_bytes()).unwrap();
    }
    let mut seen = vec![false; CONNECTIONS];
    for _ in 0..CONNECTIONS {
        let done = take(&mut queue, 1).remove(0);
        let number = done.socket_context() as usize;
        assert_eq!(done.into_unique().unwrap()[..], number.to_le_bytes());
        assert!(!std::mem::replace(&mut seen[number], true));
    }
    assert_eq!(pool.free(), SLICES - group(choice));
    drop(ends);
    drop(queue);
    assert_eq!(pool.free(), SLICES);
}

fn what_needs_memory_of_its_own_goes_between(choice: BackendChoice) {
    let mut rig = large(choice);
    let mut random = crate::common::Random::new(9);
    for round in 0..200u64 {
        let mut total = 0;
        for token in 0..8 {
            total += SLICE;
            match random.below(5) {
                0 => rig.requests.receive(rig.pool.take().unwrap(), token).unwrap(),
                1 => {
                    let chain: ChainMut = (0..3).map(|_| rig.pool.take().unwrap()).collect();
                    rig.requests.receive_with(chain, Receive::new().wait_all(), token).unwrap();
                    total += 2 * SLICE;
                }
                2 => rig.requests.receive_pooled(&rig.pool, Receive::new().wait_all(), token).unwrap(),
                _ => rig.requests.receive_pooled(&rig.pool, Receive::new(), token).unwrap(),
            }
        }
        let sent: Vec<u8> = (0..total).map(|at| (at as u64 + round) as u8).collect();
        if round % 2 == 0 {
            rig.none();
        }
        rig.peer.write_all(&sent).unwrap();
        let mut got = Vec::new();
        for (token, done) in (0..).zip(rig.take(8)) {
            assert_eq!(done.token(), token, "round {round}");
            match done.into_buffer() {
                ringport::queue::CompletedBuffer::Unique(buffer) => got.extend_from_slice(&buffer),
                ringport::queue::CompletedBuffer::ChainMut(chain) => {
                    chain.buffers().iter().for_each(|buffer| got.extend_from_slice(buffer));
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(got, sent, "round {round}");
    }
}

fn the_end_and_a_reset_complete_every_receive(choice: BackendChoice) {
    for reset in [false, true] {
        let mut rig = large(choice);
        post(&rig, 0..8);
        rig.none();
        rig.peer.write_all(b"last").unwrap();
        assert_eq!(bytes(rig.take(1).remove(0)), b"last");
        let Rig { mut queue, peer, requests, pool, .. } = rig;
        if reset {
            let peer = StreamSocket::from(peer);
            peer.reset_on_close().unwrap();
            drop(peer);
        } else {
            peer.shutdown(Shutdown::Write).unwrap();
        }
        let done = take(&mut queue, 7);
        assert!(done.iter().map(|done| done.token()).eq(1..8));
        let status = if reset { Status::Failed(ECONNRESET) } else { Status::Success };
        assert!(done.iter().all(|done| done.status() == status && done.bytes() == 0), "{done:?}");
        assert!(done.into_iter().all(|done| done.into_unique().is_none()), "no slice of the pool");
        requests.receive_pooled(&pool, Receive::new(), 9).unwrap();
        assert_eq!(take(&mut queue, 1)[0].status(), status);
    }
}

fn cancelled_the_bytes_stay_for_the_next(choice: BackendChoice) {
    let mut rig = large(choice);
    for round in 0..50u8 {
        post(&rig, 0..8);
        rig.none();
        if round % 2 == 0 {
            rig.peer.write_all(&[round; 5]).unwrap();
        }
        rig.requests.cancel();
        let done = rig.take(8);
        assert!(done.iter().map(|done| done.token()).eq(0..8));
        let got: usize = done.iter().map(|done| done.bytes()).sum();
        let expected = if round % 2 == 0 { 5 } else { 0 };
        if got < expected {
            post(&rig, 8..9);
            assert_eq!(bytes(rig.take(1).remove(0)), [round; 5]);
        }
    }
    let Rig { requests, queue, pool, .. } = rig;
    drop((requests, queue));
    assert_eq!(pool.free(), SLICES);
}

/// One request of the kernel may complete more than whoever dequeues has room for.
fn few_places_are_never_overrun(choice: BackendChoice) {
    let mut rig = large(choice);
    for round in 0..20 {
        post(&rig, 0..8);
        rig.none();
        rig.peer.write_all(&[1; 8 * SLICE]).unwrap();
        let mut completions = Completions::with_capacity(3);
        let mut tokens = Vec::new();
        while tokens.len() < 8 {
            rig.queue.dequeue(&mut completions);
            assert!(completions.len() <= 3, "round {round}");
            tokens.extend(completions.drain().map(|done| done.token()));
        }
        assert!(tokens.into_iter().eq(0..8), "round {round}");
    }
}

fn a_dry_pool_goes_on_when_a_slice_returns(choice: BackendChoice) {
    let mut rig = large(choice);
    post(&rig, 0..1);
    rig.peer.write_all(&[0]).unwrap();
    rig.take(1);
    let mut held: Vec<_> = std::iter::from_fn(|| rig.pool.take().ok()).collect();
    // The group has what it has; then nothing is left.
    let mut taken = Vec::new();
    for number in 0..group(choice) as u8 {
        post(&rig, 1..2);
        rig.peer.write_all(&[number]).unwrap();
        taken.extend(rig.take(1));
    }
    post(&rig, 1..2);
    rig.peer.write_all(b"dry").unwrap();
    rig.none();
    assert_eq!(unread(&rig.socket), 3);
    drop(held.pop());
    assert_eq!(bytes(rig.take(1).remove(0)), b"dry");
    drop((taken, held));
    for number in 0..200u8 {
        post(&rig, 1..2);
        rig.peer.write_all(&[number]).unwrap();
        assert_eq!(bytes(rig.take(1).remove(0)), [number]);
    }
}

fn memory_is_home_after_everything_was_dropped(choice: BackendChoice) {
    for order in 0..4 {
        let rig = large(choice);
        post(&rig, 0..4);
        let mut rig = rig;
        rig.none();
        rig.peer.write_all(b"some").unwrap();
        let Rig { requests, queue, pool, socket, peer } = rig;
        let watch: BufferPool = pool.clone();
        match order {
            0 => drop((requests, queue, pool)),
            1 => drop((queue, requests, pool)),
            2 => drop((pool, peer, queue, requests)),
            _ => drop((socket, pool, requests, queue)),
        }
        assert_eq!(watch.free(), SLICES, "order {order}");
    }
}

fn receives_may_be_posted_before_the_connection_is_made(choice: BackendChoice) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let socket = StreamSocket::new(ringport::net::Domain::V4).unwrap();
    let (mut queue, pool) = (queue(choice), pool(SLICES));
    let requests = RequestQueue::new(&socket, &queue, &queue, LIMITS, 7).unwrap();
    (0..4).for_each(|token| requests.receive_pooled(&pool, Receive::new(), token).unwrap());
    none(&mut queue);
    requests.connect(listener.local_addr().unwrap(), 9).unwrap();
    assert_eq!(take(&mut queue, 1)[0].token(), 9);
    none(&mut queue);
    listener.accept().unwrap().0.write_all(b"hello").unwrap();
    assert_eq!(bytes(take(&mut queue, 1).remove(0)), b"hello");
}
