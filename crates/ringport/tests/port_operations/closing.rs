//! Closing handles and ports with operations in flight: each operation ends, and nothing leaks.

use std::net::TcpListener;

use ringport::port::PortWaitError;
use ringport::{BackendChoice, CompletionPort, UdpSocket};

use crate::common::child::no_child_starts;
use crate::common::lonely::{is_free, lonely};
use crate::common::system::{descriptors, threads};
use crate::common::{on_each_backend, until};
use crate::setup::{connection, file, first_is_done, is_aborted, next, nothing, pool, port, socket, sorted};

on_each_backend!(
    closing_a_handle_posts_a_packet_for_each_operation,
    dropping_the_last_handle_closes_it,
    closing_the_port_frees_all_buffers,
    dropping_the_port_closes_it,
    the_address_is_free_at_once,
    threads_that_wait_return_when_it_is_closed,
);

fn closing_a_handle_posts_a_packet_for_each_operation(choice: BackendChoice) {
    let (port, pool, socket) = (port(choice), pool(), socket());
    let datagrams = port.associate_udp(&socket, 1).unwrap();
    let (_client, stream) = connection(&port);
    let listener = port.associate_listener(TcpListener::bind("127.0.0.1:0").unwrap(), 1).unwrap();
    datagrams.receive(vec![0; 8], 99).unwrap();
    for context in 0..5 {
        datagrams.receive(pool.take().unwrap(), context).unwrap();
        stream.receive(pool.take().unwrap(), context + 5).unwrap();
        listener.accept(context + 10).unwrap();
    }
    first_is_done(&port, &socket, 99);
    datagrams.close();
    stream.close();
    listener.close();
    let done = sorted(&port, 15);
    assert!(done.iter().enumerate().all(|(index, done)| is_aborted(done) && done.context() == index as u64));
    nothing(&port);
}

fn dropping_the_last_handle_closes_it(choice: BackendChoice) {
    let port = port(choice);
    let (client, stream) = connection(&port);
    stream.receive(vec![0; 8], 1).unwrap();
    let clone = stream.clone();
    drop(stream);
    nothing(&port);
    drop(clone);
    assert!(is_aborted(&next(&port)));
    assert_eq!(std::io::Read::read(&mut &client, &mut [0; 8]).unwrap(), 0);
}

fn closing_the_port_frees_all_buffers(choice: BackendChoice) {
    let (port, pool, socket) = (port(choice), pool(), socket());
    let datagrams = port.associate_udp(&socket, 1).unwrap();
    let (_client, stream) = connection(&port);
    let written = port.associate_file(file(b""), 1).unwrap();
    datagrams.receive(vec![0; 8], 99).unwrap();
    datagrams.receive(pool.take().unwrap(), 0).unwrap();
    first_is_done(&port, &socket, 99);
    for context in 0..10 {
        datagrams.receive(pool.take().unwrap(), context).unwrap();
        stream.receive(pool.take().unwrap(), context).unwrap();
        written.write_at(pool.take_with(b"text").unwrap(), context * 4, context).unwrap();
    }
    port.close();
    let figures = pool.figures();
    assert_eq!(figures.free, figures.slices, "{figures:?}");
    assert!(matches!(port.wait(None), Err(PortWaitError::Closed)));
}

fn dropping_the_port_closes_it(choice: BackendChoice) {
    let (pool, socket) = (pool(), socket());
    let associated = {
        let port = port(choice);
        let associated = port.associate_udp(&socket, 1).unwrap();
        associated.receive(pool.take().unwrap(), 1).unwrap();
        associated
    };
    assert_eq!(pool.figures().receiving, 0);
    assert!(associated.receive(pool.take().unwrap(), 1).is_err());
}

fn the_address_is_free_at_once(choice: BackendChoice) {
    let port = port(choice);
    for _ in 0..50 {
        let socket = UdpSocket::bind((lonely(), 0)).unwrap();
        let address = socket.local_addr().unwrap();
        let associated = port.associate_udp(&socket, 1).unwrap();
        associated.receive_from(vec![0; 8], 1).unwrap();
        drop(socket);
        drop(associated);
        let no_copies = no_child_starts();
        assert!(is_free(address));
        drop(no_copies);
        assert!(is_aborted(&next(&port)));
    }
}

fn threads_that_wait_return_when_it_is_closed(choice: BackendChoice) {
    for _ in 0..20 {
        let (port, socket) = (port(choice), socket());
        let associated = port.associate_udp(&socket, 1).unwrap();
        associated.receive(vec![0; 8], 1).unwrap();
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let port = port.clone();
                std::thread::spawn(move || matches!(port.wait(None), Err(PortWaitError::Closed)))
            })
            .collect();
        port.close();
        assert!(threads.into_iter().all(|thread| thread.join().unwrap()));
    }
}

on_each_backend!(by crate::common::in_a_child: nothing_is_left_open);

/// Descriptors and threads of this process.
fn open() -> (usize, usize) {
    (descriptors(), threads())
}

fn one_life(choice: BackendChoice, round: usize) {
    let (port, socket) = (port(choice), socket());
    let (_client, stream) = connection(&port);
    let datagrams = port.associate_udp(&socket, 1).unwrap();
    let written = port.associate_file(file(b"text"), 1).unwrap();
    let listener = port.associate_listener(TcpListener::bind("127.0.0.1:0").unwrap(), 1).unwrap();
    let client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    for context in 0..10 {
        datagrams.receive(vec![0; 8], context).unwrap();
        stream.receive(vec![0; 8], context).unwrap();
        written.write_at(vec![0; 4096], context * 4096, context).unwrap();
        // One of them has a connection, which nobody takes out of its packet.
        listener.accept(context).unwrap();
    }
    drop(client);
    match round % 3 {
        0 => port.close(),
        1 => drop(port),
        _ => drop::<(CompletionPort, _)>((port, stream)),
    }
}

fn nothing_is_left_open(choice: BackendChoice) {
    one_life(choice, 0);
    let before = open();
    for round in 0..30 {
        one_life(choice, round);
        // A thread that was waited for is listed for a moment still.
        until("nothing to be left", || (open() == before).then_some(()));
    }
}
