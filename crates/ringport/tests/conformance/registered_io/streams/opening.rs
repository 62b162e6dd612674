//! How connections come about.

use std::net::{TcpListener, TcpStream};

use ringport::net::Domain;
use ringport::{Operation, StreamListener, StreamSocket};

use crate::World;
use crate::rig::{Pool, Queue, Requests, SendAs, limits};

pub(super) fn an_accept_brings_its_connection(world: &World) {
    let listener = StreamListener::bind("127.0.0.1:0").unwrap();
    let mut queue = Queue::polled(world, 4).unwrap();
    let accepts = Requests::new(world, &listener, &queue, &queue, limits(2, 0), 0).unwrap();
    let address = listener.local_addr().unwrap();
    let clients: Vec<_> = (0..3).map(|_| TcpStream::connect(address).unwrap()).collect();
    for (token, client) in (0..).zip(clients) {
        accepts.accept(token).unwrap();
        let done = world.until("a connection", || queue.dequeue(8).pop());
        assert_eq!((done.operation, done.token), (Operation::Accept, token));
        let socket = done.stream.expect("a connection");
        assert_eq!(socket.peer_addr().unwrap(), client.local_addr().unwrap());
        assert!(queue.dequeue(8).is_empty(), "more connections than accepts");
    }
}

pub(super) fn sends_wait_for_the_connection(world: &World) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let socket = StreamSocket::new(Domain::V4).unwrap();
    let mut queue = Queue::polled(world, 8).unwrap();
    let requests = Requests::new(world, &socket, &queue, &queue, limits(0, 8), 0).unwrap();
    let pool = Pool::new(world, 64, 4).unwrap();
    requests.connect(listener.local_addr().unwrap(), 1).unwrap();
    requests.send_as(SendAs::default(), pool.filled(b"hello"), 2).unwrap();
    let mut done = Vec::new();
    world.until("connection and send", || {
        // Both at once or one after the other: their order is what counts.
        done.extend(queue.dequeue(8));
        (done.len() >= 2).then_some(())
    });
    let order: Vec<_> = done.iter().map(|done| done.operation).collect();
    assert_eq!(order, [Operation::Connect, Operation::Send]);
}
