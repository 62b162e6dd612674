//! Connections made: by whichever thread asks, finished by the pump, with the sends behind them.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use ringport::net::Domain;
use ringport::queue::PortQueue;
use ringport::{
    BackendChoice, Completion, CompletionPort, Operation, PortRequestQueue, Status, StreamListener,
    StreamSocket,
};

use crate::common::nobody::nobody;
use crate::common::on_each_backend;
use crate::common::system::ECONNREFUSED;
use crate::connection::patient;
use crate::packets::is_silent;
use crate::rig::{LIMITS, is_over, pool, port, take};
use crate::sending::LARGE;

on_each_backend!(
    sends_and_the_end_posted_behind_it_follow,
    receives_may_be_posted_before,
    a_refusal_fails_it_and_the_sends_behind_it,
    a_refusal_is_told_whoever_meets_it_first,
    a_socket_may_connect_again,
    receives_go_on_while_a_send_behind_it_waits,
    it_may_be_cancelled,
);

/// A socket that is not connected, on a queue of its own.
struct Unconnected {
    requests: PortRequestQueue<StreamSocket>,
    port: CompletionPort,
    queue: PortQueue,
}

fn unconnected(choice: BackendChoice) -> Unconnected {
    let (port, queue) = port(choice);
    let socket = StreamSocket::new(Domain::V4).unwrap();
    let requests = PortRequestQueue::new(&socket, &queue, &queue, LIMITS, 7).unwrap();
    Unconnected { requests, port, queue }
}

fn sends_and_the_end_posted_behind_it_follow(choice: BackendChoice) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let pool = pool(8);
    for _ in 0..20 {
        let Unconnected { requests, port, queue } = unconnected(choice);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                requests.connect(address, 1).unwrap();
                requests.send(pool.take_with(b"hello ").unwrap(), 2).unwrap();
                requests.send(pool.take_with(b"there").unwrap(), 3).unwrap();
                requests.finish(4).unwrap();
            });
        });
        let done: Vec<_> =
            take(&port, 4).iter().map(|done| (done.operation(), done.token(), done.status())).collect();
        let operations = [Operation::Connect, Operation::Send, Operation::Send, Operation::Finish];
        let expected = (1..).zip(operations).map(|(token, operation)| (operation, token, Status::Success));
        assert!(done.into_iter().eq(expected));
        let mut text = String::new();
        patient(listener.accept().unwrap().0).read_to_string(&mut text).unwrap();
        assert_eq!(text, "hello there");
        drop((requests, queue));
    }
}

fn receives_may_be_posted_before(choice: BackendChoice) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (pool, Unconnected { requests, port, queue }) = (pool(8), unconnected(choice));
    for token in 10..14 {
        requests.receive(pool.take().unwrap(), token).unwrap();
    }
    requests.counters();
    assert!(is_silent(&port));
    requests.connect(listener.local_addr().unwrap(), 1).unwrap();
    assert_eq!(take(&port, 1)[0].operation(), Operation::Connect);
    listener.accept().unwrap().0.write_all(b"hello").unwrap();
    let done = take(&port, 4);
    assert!(done.iter().map(|done| done.token()).eq(10..14));
    assert_eq!(done.iter().map(|done| done.bytes()).sum::<usize>(), 5);
    drop(queue);
}

fn a_refusal_fails_it_and_the_sends_behind_it(choice: BackendChoice) {
    let (pool, Unconnected { requests, port, queue }) = (pool(8), unconnected(choice));
    let (_nobody, dead) = nobody();
    requests.connect(dead, 1).unwrap();
    requests.send(pool.take_with(b"hello").unwrap(), 2).unwrap();
    let done = take(&port, 2);
    assert_eq!((done[0].token(), done[0].status()), (1, Status::Failed(ECONNREFUSED)));
    assert_eq!(done[1].token(), 2);
    assert!(is_over(done[1].status()), "{done:?}");
    drop((done, queue));
    assert_eq!(pool.free(), 8);
}

/// A receive may take the error of the socket before the connect asks for it.
fn a_refusal_is_told_whoever_meets_it_first(choice: BackendChoice) {
    let (pool, (_nobody, dead)) = (pool(8), nobody());
    for round in 0..200 {
        let Unconnected { requests, port, queue } = unconnected(choice);
        requests.receive(pool.take().unwrap(), 1).unwrap();
        if round % 2 == 0 {
            requests.counters();
        }
        requests.connect(dead, 2).unwrap();
        if round % 3 == 0 {
            requests.receive(pool.take().unwrap(), 3).unwrap();
        }
        // The receives fail with it, or wait on.
        requests.counters();
        let mut done = Vec::new();
        while !done.iter().any(|done: &Completion| done.operation() == Operation::Connect) {
            done.extend(crate::rig::take_some(&port));
        }
        let refused = Status::Failed(ECONNREFUSED);
        assert!(done.iter().all(|done| done.status() == refused), "round {round}: {done:?}");
        drop((requests, queue));
    }
}

fn a_socket_may_connect_again(choice: BackendChoice) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (pool, (_nobody, dead)) = (pool(8), nobody());
    for _ in 0..50 {
        let Unconnected { requests, port, queue } = unconnected(choice);
        requests.receive(pool.take().unwrap(), 1).unwrap();
        requests.connect(dead, 2).unwrap();
        requests.counters();
        requests.connect(listener.local_addr().unwrap(), 3).unwrap();
        // Meanwhile a thread waits at the port: on Windows what comes next may begin there.
        let listener = listener.try_clone().unwrap();
        let peer = std::thread::spawn(move || {
            let mut peer = listener.accept().unwrap().0;
            peer.write_all(b"hello").unwrap();
            peer
        });
        let mut taken = Vec::new();
        while taken.len() < 3 {
            taken.extend(crate::rig::take_some(&port));
            // The receive may have met the refusal.
            if let Some(at) = taken.iter().position(|done| done.token() == 1 && done.bytes() == 0) {
                taken.remove(at);
                requests.receive(pool.take().unwrap(), 1).unwrap();
            }
        }
        let by = |token| taken.iter().find(|done| done.token() == token).unwrap();
        assert_eq!((by(1).bytes(), by(3).status()), (5, Status::Success));
        drop((peer.join().unwrap(), requests, queue));
    }
}

fn receives_go_on_while_a_send_behind_it_waits(choice: BackendChoice) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (small, large) = (pool(8), crate::sending::large(8));
    let Unconnected { requests, port, queue } = unconnected(choice);
    requests.receive(small.take().unwrap(), 10).unwrap();
    requests.counters();
    requests.connect(listener.local_addr().unwrap(), 0).unwrap();
    for token in 1..9 {
        requests.send(large.take_with(&vec![token as u8; LARGE]).unwrap(), token).unwrap();
    }
    // The peer reads nothing before its greeting has arrived.
    let mut peer = patient(listener.accept().unwrap().0);
    peer.write_all(b"greeting").unwrap();
    let mut taken: Vec<(Operation, u64, Status)> = Vec::new();
    while !taken.iter().any(|(operation, ..)| *operation == Operation::Receive) {
        let done = crate::rig::take_some(&port);
        taken.extend(done.iter().map(|done| (done.operation(), done.token(), done.status())));
    }
    assert!(taken.len() < 10, "all fitted into the socket");
    // Meanwhile a thread waits at the port, as above.
    let reader = std::thread::spawn(move || peer.read_exact(&mut vec![0; 8 * LARGE]));
    let left = 10 - taken.len();
    taken.extend(take(&port, left).iter().map(|done| (done.operation(), done.token(), done.status())));
    reader.join().unwrap().unwrap();
    assert!(taken.iter().all(|(.., status)| *status == Status::Success));
    drop((requests, queue));
    assert_eq!(large.figures().used, 0);
}

fn it_may_be_cancelled(choice: BackendChoice) {
    // Its queue is full with one, so the system does not answer the next.
    let listener = StreamListener::builder().backlog(0).bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let _first = TcpStream::connect(address).unwrap();
    let (pool, Unconnected { requests, port, queue }) = (pool(8), unconnected(choice));
    requests.connect(address, 1).unwrap();
    requests.send(pool.take_with(b"hello").unwrap(), 2).unwrap();
    requests.counters();
    assert!(is_silent(&port));
    requests.cancel();
    let done = take(&port, 2);
    assert!(done.iter().all(|done| done.status() == Status::Aborted), "{done:?}");
    drop((done, requests, queue));
    assert_eq!(pool.free(), 8);
}
