//! A socket that is full: sends wait, keep their order, and leave by themselves once there is room.
//!
//! On Linux only: it takes devices whose other end a test holds.

use std::net::{Ipv4Addr, SocketAddr};

use ringport::queue::Polled;
use ringport::{BackendChoice, CompletionQueue, Completions, RequestQueue, Send, Status, UdpSocket};

use crate::common::rig::{Rig, fired, limits};
use crate::common::system::descriptors;
use crate::common::tap::{HERE, Tap};
use crate::common::{on_each_backend, until};

const SENDS: u64 = 60;

on_each_backend!(by crate::common::tap::in_a_network: a_full_socket);

fn a_full_socket(choice: BackendChoice, tap: &Tap) {
    sends_leave_in_order_for_one_who_sleeps(choice, tap);
    sends_leave_in_order_for_one_who_polls(choice, tap);
    sends_that_wait_can_be_cancelled(choice);
    dropping_a_full_socket_leaves_nothing(choice);
}

/// A neighbour that has not been asked for yet.
fn neighbour(last: u8) -> SocketAddr {
    (Ipv4Addr::new(10, 9, 0, last), 9).into()
}

/// A socket that has taken what fits, and more sends behind it: plain, deferred and plain ones.
fn full(choice: BackendChoice, to: SocketAddr) -> Rig {
    let socket = UdpSocket::builder().send_buffer(1).bind((HERE, 0)).unwrap();
    let rig = Rig::with_socket(choice, limits(4, SENDS as u32), socket);
    for token in 0..SENDS {
        let send = if token % 5 == 4 { Send::new().to(to).defer() } else { Send::new().to(to) };
        rig.requests.send_with(rig.filled(&[token as u8]), send, token).unwrap();
    }
    rig.requests.commit();
    assert!(rig.requests.counters().blocked > 0, "the socket took everything");
    rig
}

/// Takes completions in small batches, whose room never grows; the tokens go on from `next`.
fn take<N>(queue: &mut CompletionQueue<N>, next: &mut u64) {
    let mut few = Completions::with_capacity(3);
    assert_eq!(queue.dequeue(&mut few), few.len());
    assert!(few.len() <= 3, "more than the batch holds");
    assert_eq!(few.capacity(), 3);
    for completion in few.drain() {
        assert_eq!((completion.token(), completion.status()), (*next, Status::Success));
        *next += 1;
    }
}

fn all_on_the_wire(tap: &Tap) {
    (0..SENDS).for_each(|token| assert_eq!(tap.datagram(), [token as u8]));
}

fn sends_leave_in_order_for_one_who_sleeps(choice: BackendChoice, tap: &Tap) {
    let mut rig = full(choice, neighbour(2));
    rig.post(1000..1002);
    let mut next = 0;
    (0..40).for_each(|_| take(&mut rig.queue, &mut next));
    assert!(next < SENDS, "all left although the socket is full");
    assert_eq!(u64::from(rig.requests.outstanding().sends), SENDS - next);
    rig.queue.notify().unwrap();
    tap.answer_for(Ipv4Addr::new(10, 9, 0, 2));
    fired(&mut rig.queue);
    take(&mut rig.queue, &mut next);
    while next < SENDS {
        // Those that did not fit into the batch end the next sleep.
        rig.queue.notify().unwrap();
        fired(&mut rig.queue);
        take(&mut rig.queue, &mut next);
    }
    all_on_the_wire(tap);
    // The socket takes sends at once again.
    rig.requests.send_to(rig.filled(b"more"), neighbour(2), 2000).unwrap();
    assert_eq!(rig.take_one().token(), 2000);
    assert_eq!(tap.datagram(), b"more");
}

fn sends_leave_in_order_for_one_who_polls(choice: BackendChoice, tap: &Tap) {
    let rig = full(choice, neighbour(3));
    drop(rig.requests);
    let mut queue: CompletionQueue<Polled> = CompletionQueue::builder(100).backend(choice).polled().unwrap();
    let socket = UdpSocket::builder().send_buffer(1).bind((HERE, 0)).unwrap();
    let requests = RequestQueue::new(&socket, &queue, &queue, limits(1, SENDS as u32), 0).unwrap();
    requests.receive(rig.pool.take().unwrap(), 1000).unwrap();
    for token in 0..SENDS {
        requests.send_to(rig.pool.take_with(&[token as u8]).unwrap(), neighbour(4), token).unwrap();
    }
    assert!(requests.counters().blocked > 0);
    let mut next = 0;
    (0..40).for_each(|_| take(&mut queue, &mut next));
    assert!(next < SENDS);
    tap.answer_for(Ipv4Addr::new(10, 9, 0, 4));
    until("the rest", || {
        take(&mut queue, &mut next);
        (next == SENDS).then_some(())
    });
    all_on_the_wire(tap);
}

fn sends_that_wait_can_be_cancelled(choice: BackendChoice) {
    let mut rig = full(choice, neighbour(5));
    rig.requests.cancel();
    let all = rig.take(SENDS as usize);
    let sent = all.iter().take_while(|completion| completion.status() == Status::Success).count();
    assert!(sent > 0 && sent < SENDS as usize, "{sent}");
    for (token, completion) in (0..).zip(&all) {
        let status = if token < sent as u64 { Status::Success } else { Status::Aborted };
        assert_eq!((completion.token(), completion.status()), (token, status));
    }
    drop(all);
    assert_eq!((rig.requests.outstanding().sends, rig.pool.figures().used), (0, 0));
    // Another destination: the socket is still full of what it took, and takes more once that is gone.
    rig.requests.send_to(rig.filled(b"x"), neighbour(6), 100).unwrap();
    rig.requests.cancel();
    rig.take(1);
}

fn dropping_a_full_socket_leaves_nothing(choice: BackendChoice) {
    let before = descriptors();
    for round in 0..20 {
        let Rig { requests, queue, pool, socket, .. } = full(choice, neighbour(10 + round));
        let address = socket.local_addr().unwrap();
        if round % 2 == 0 {
            drop((requests, queue));
        } else {
            drop((queue, requests));
        }
        assert_eq!(pool.figures().used, 0);
        drop((pool, socket));
        UdpSocket::bind(address).unwrap();
    }
    assert_eq!(descriptors(), before);
}
