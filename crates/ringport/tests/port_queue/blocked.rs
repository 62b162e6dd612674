//! A socket that is full: the pump takes over, sends keep their order, and threads send for themselves again.
//!
//! On Linux only: it takes devices whose other end a test holds.

use std::net::{Ipv4Addr, SocketAddr};

use ringport::{BackendChoice, Operation, Send, Status, UdpSocket};

use crate::common::rig::limits;
use crate::common::tap::{HERE, Tap};
use crate::common::{on_each_backend, until};
use crate::rig::Rig;

const SENDS: u64 = 60;

on_each_backend!(by crate::common::tap::in_a_network: a_full_socket);

fn a_full_socket(choice: BackendChoice, tap: &Tap) {
    sends_leave_in_order_once_there_is_room(choice, tap);
    sends_of_many_threads_wait_and_leave(choice, tap);
    sends_that_wait_can_be_cancelled(choice, tap);
    a_shared_slice_is_no_longer_sent_when_it_was(choice, tap);
    dropping_a_full_socket_leaves_nothing(choice);
}

/// A neighbour that has not been asked for yet.
fn neighbour(last: u8) -> SocketAddr {
    (Ipv4Addr::new(10, 9, 0, last), 9).into()
}

/// A rig whose socket takes a few sends and is full then.
fn small(choice: BackendChoice) -> Rig {
    let socket = UdpSocket::builder().send_buffer(1).bind((HERE, 0)).unwrap();
    Rig::with_socket(choice, limits(4, SENDS as u32), socket)
}

/// A socket that has taken what fits, and more sends behind it: plain, deferred and plain ones.
fn full(choice: BackendChoice, to: SocketAddr) -> Rig {
    let rig = small(choice);
    for token in 0..SENDS {
        let send = if token % 5 == 4 { Send::new().to(to).defer() } else { Send::new().to(to) };
        rig.requests.send_with(rig.filled(&[token as u8]), send, token).unwrap();
    }
    rig.requests.commit();
    assert!(rig.requests.counters().blocked > 0, "the socket took everything");
    rig
}

fn sends_leave_in_order_once_there_is_room(choice: BackendChoice, tap: &Tap) {
    let mut rig = full(choice, neighbour(2));
    rig.settled();
    let early = rig.queue.completed();
    assert!(early > 0 && early < SENDS as usize, "{early} left although the socket is full");
    let mut taken = rig.take(early);
    assert_eq!(u64::from(rig.requests.outstanding().sends), SENDS - early as u64);
    // The places that are free again: these line up behind the others.
    let more = early.min(20) as u64;
    for token in SENDS..SENDS + more {
        rig.requests.send_to(rig.filled(&[token as u8]), neighbour(2), token).unwrap();
    }
    // A full socket keeps nobody from receiving.
    rig.post(1000..1001);
    rig.client.send_to(b"in", (Ipv4Addr::LOCALHOST, 9)).unwrap();
    tap.answer_for(Ipv4Addr::new(10, 9, 0, 2));
    taken.extend(rig.take((SENDS + more) as usize - early));
    for (token, completion) in (0..).zip(&taken) {
        assert_eq!((completion.token(), completion.status()), (token, Status::Success));
        assert_eq!(completion.operation(), Operation::Send);
    }
    (0..SENDS + more).for_each(|token| assert_eq!(tap.datagram(), [token as u8]));
    // Threads send for themselves again: it is on the wire and complete when the call returns.
    until("the pump to give the socket back", || {
        let completed = rig.queue.completed();
        rig.requests.send_to(rig.filled(b"more"), neighbour(2), 2000).unwrap();
        let direct = rig.queue.completed() > completed;
        assert_eq!((rig.take_one().token(), tap.datagram()), (2000, b"more".to_vec()));
        direct.then_some(())
    });
}

fn sends_of_many_threads_wait_and_leave(choice: BackendChoice, tap: &Tap) {
    let mut rig = small(choice);
    let (requests, pool) = (&rig.requests, rig.pool.clone());
    std::thread::scope(|scope| {
        for thread in 0..4u64 {
            let pool = &pool;
            scope.spawn(move || {
                for number in 0..SENDS / 4 {
                    let token = thread * SENDS + number;
                    let bytes = [thread as u8, number as u8];
                    requests.send_to(pool.take_with(&bytes).unwrap(), neighbour(3), token).unwrap();
                }
            });
        }
    });
    assert!(rig.requests.counters().blocked > 0);
    tap.answer_for(Ipv4Addr::new(10, 9, 0, 3));
    let taken = rig.take(SENDS as usize);
    let mut next = [0; 4];
    for completion in &taken {
        let thread = (completion.token() / SENDS) as usize;
        assert_eq!((completion.token() % SENDS, completion.status()), (next[thread], Status::Success));
        next[thread] += 1;
    }
    let mut next = [0; 4];
    for _ in 0..SENDS {
        let datagram = tap.datagram();
        assert_eq!(datagram[1], next[usize::from(datagram[0])]);
        next[usize::from(datagram[0])] += 1;
    }
}

fn sends_that_wait_can_be_cancelled(choice: BackendChoice, tap: &Tap) {
    for round in 0..10 {
        let mut rig = full(choice, neighbour(100 + round));
        // More of them, behind those that the pump has.
        let early = rig.take(rig.queue.completed()).len() as u64;
        for token in SENDS..SENDS + early {
            rig.requests.send_to(rig.filled(b"behind"), neighbour(100 + round), token).unwrap();
        }
        rig.requests.cancel();
        let all = rig.take(SENDS as usize);
        for (token, completion) in (early..).zip(&all) {
            assert_eq!((completion.token(), completion.status()), (token, Status::Aborted));
        }
        drop(all);
        assert_eq!((rig.requests.outstanding().sends, rig.pool.figures().used), (0, 0));
        // What the socket took goes out; then it takes more, and completes it.
        tap.answer_for(Ipv4Addr::new(10, 9, 0, 100 + round));
        (0..early).for_each(|_| _ = tap.datagram());
        rig.requests.send_to(rig.filled(b"x"), neighbour(100 + round), 999).unwrap();
        assert_eq!((rig.take_one().token(), tap.datagram()), (999, b"x".to_vec()));
    }
}

/// Those that the pump sends are counted as those that threads send.
fn a_shared_slice_is_no_longer_sent_when_it_was(choice: BackendChoice, tap: &Tap) {
    let mut rig = small(choice);
    let news = rig.filled(b"news").freeze();
    for token in 0..SENDS {
        rig.requests.send_to(news.clone(), neighbour(4), token).unwrap();
    }
    assert!(rig.requests.counters().blocked > 0, "the socket took everything");
    assert_eq!(rig.pool.figures().sending, 1);
    tap.answer_for(Ipv4Addr::new(10, 9, 0, 4));
    assert!(rig.take(SENDS as usize).iter().all(|completion| completion.status() == Status::Success));
    (0..SENDS).for_each(|_| _ = tap.datagram());
    let figures = rig.pool.figures();
    assert_eq!((figures.used, figures.sending), (1, 0));
}

fn dropping_a_full_socket_leaves_nothing(choice: BackendChoice) {
    for round in 0..20 {
        let Rig { requests, queue, pool, socket, port, .. } = full(choice, neighbour(10 + round));
        let address = socket.local_addr().unwrap();
        if round % 2 == 0 {
            drop((requests, queue));
        } else {
            drop((queue, requests));
        }
        drop((port, socket));
        assert_eq!(pool.figures().used, 0);
        UdpSocket::bind(address).unwrap();
    }
}
