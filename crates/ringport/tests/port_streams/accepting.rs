//! Connections taken through a port, and served on by the queue that took them.

use std::io::{Read, Write};
use std::net::TcpStream;

use ringport::{BackendChoice, Limits, Operation, PortRequestQueue, Receive, Status, StreamListener};

use crate::common::on_each_backend;
use crate::connection::patient;
use crate::packets::is_silent;
use crate::rig::{LIMITS, pool, port, take};

on_each_backend!(
    each_accept_takes_one_connection,
    connections_wait_for_an_accept,
    an_accepted_connection_is_served_by_the_same_queue,
    cancelled_accepts_are_accepts,
);

const ACCEPTS: Limits = Limits { receives: 4, receive_buffers: 1, sends: 0, send_buffers: 0 };

fn each_accept_takes_one_connection(choice: BackendChoice) {
    let listener = StreamListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (port, queue) = port(choice);
    let requests = PortRequestQueue::new(&listener, &queue, &queue, ACCEPTS, 7).unwrap();
    for round in 0..5 {
        (0..4).for_each(|token| requests.accept(token).unwrap());
        assert!(requests.accept(4).is_err(), "they are bounded");
        let clients: Vec<_> = (0..4).map(|_| TcpStream::connect(address).unwrap()).collect();
        for (token, (done, client)) in take(&port, 4).into_iter().zip(&clients).enumerate() {
            assert_eq!((done.operation(), done.token()), (Operation::Accept, token as u64), "round {round}");
            let socket = done.into_stream().unwrap();
            assert_eq!(socket.peer_addr().unwrap(), client.local_addr().unwrap());
        }
    }
}

fn connections_wait_for_an_accept(choice: BackendChoice) {
    let listener = StreamListener::bind("127.0.0.1:0").unwrap();
    let (port, queue) = port(choice);
    let requests = PortRequestQueue::new(&listener, &queue, &queue, ACCEPTS, 7).unwrap();
    requests.accept(0).unwrap();
    let clients: Vec<_> =
        (0..6).map(|_| TcpStream::connect(listener.local_addr().unwrap()).unwrap()).collect();
    for (token, client) in (1..).zip(&clients) {
        let socket = take(&port, 1).remove(0).into_stream().unwrap();
        assert_eq!(socket.peer_addr().unwrap(), client.local_addr().unwrap());
        requests.counters();
        assert!(is_silent(&port));
        requests.accept(token).unwrap();
    }
}

fn an_accepted_connection_is_served_by_the_same_queue(choice: BackendChoice) {
    let listener = StreamListener::bind("127.0.0.1:0").unwrap();
    let ((port, queue), pool) = (port(choice), pool(8));
    let accepts = PortRequestQueue::new(&listener, &queue, &queue, ACCEPTS, 1).unwrap();
    accepts.accept(0).unwrap();
    let mut client = patient(TcpStream::connect(listener.local_addr().unwrap()).unwrap());
    client.write_all(b"hello").unwrap();
    let socket = take(&port, 1).remove(0).into_stream().unwrap();
    let requests = PortRequestQueue::new(&socket, &queue, &queue, LIMITS, 8).unwrap();
    requests.receive_pooled(&pool, Receive::new(), 1).unwrap();
    let received = take(&port, 1).remove(0);
    assert_eq!(received.socket_context(), 8);
    requests.send(received.into_unique().unwrap(), 2).unwrap();
    let mut got = [0; 5];
    client.read_exact(&mut got).unwrap();
    assert_eq!((&got, take(&port, 1)[0].token()), (b"hello", 2));
}

fn cancelled_accepts_are_accepts(choice: BackendChoice) {
    let listener = StreamListener::bind("127.0.0.1:0").unwrap();
    let (port, queue) = port(choice);
    let requests = PortRequestQueue::new(&listener, &queue, &queue, ACCEPTS, 7).unwrap();
    (0..4).for_each(|token| requests.accept(token).unwrap());
    requests.cancel();
    let done = take(&port, 4);
    let cancelled = (Status::Aborted, Operation::Accept);
    assert!(done.iter().all(|done| (done.status(), done.operation()) == cancelled));
    requests.accept(5).unwrap();
    let _client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    assert!(take(&port, 1).remove(0).into_stream().is_some());
}
