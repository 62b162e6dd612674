//! TCP: connecting, accepting, receiving and sending.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};

use ringport::BackendChoice;
use ringport::net::Domain;
use ringport::port::OperationKind;

use crate::common::nobody::nobody;
use crate::common::on_each_backend;
use crate::common::system::{ECONNREFUSED, ECONNRESET, ENOTCONN, EPIPE};
use crate::setup::{connection, error, is_aborted, is_end, next, nothing, port, sorted};

on_each_backend!(
    connecting_and_accepting_meet,
    an_accept_waits_for_its_connection,
    a_connection_reset_before_it_is_taken_fails_no_accept,
    a_refused_connection_posts_its_error,
    bytes_come_in_the_order_of_the_receives,
    a_send_of_any_length_is_sent_completely,
    the_end_of_a_stream_is_a_result_of_its_own,
    a_reset_connection_posts_its_error,
    a_send_without_a_peer_posts_its_error,
    a_send_that_is_cancelled_half_way_says_how_much_went_out,
);

fn connecting_and_accepting_meet(choice: BackendChoice) {
    let port = port(choice);
    for (domain, host) in [(Domain::V4, "127.0.0.1:0"), (Domain::V6, "[::1]:0")] {
        let listener = port.associate_listener(TcpListener::bind(host).unwrap(), 1).unwrap();
        let client = port.stream(domain, 2).unwrap();
        client.connect(listener.local_addr().unwrap(), 11).unwrap();
        let connected = next(&port);
        assert_eq!((connected.key(), connected.context()), (2, 11));
        assert_eq!((connected.kind(), connected.result().unwrap()), (OperationKind::Connect, 0));
        assert_eq!(connected.peer(), Some(listener.local_addr().unwrap()));
        listener.accept(12).unwrap();
        let accepted = next(&port);
        assert_eq!((accepted.key(), accepted.context()), (1, 12));
        assert_eq!((accepted.kind(), accepted.result().unwrap()), (OperationKind::Accept, 0));
        assert_eq!(accepted.peer(), Some(client.local_addr().unwrap()));
        let mut server = accepted.into_stream().unwrap();
        client.send(b"hello".to_vec(), 13).unwrap();
        assert_eq!(next(&port).result().unwrap(), 5);
        // It is in blocking mode.
        let mut bytes = [0; 5];
        server.read_exact(&mut bytes).unwrap();
        assert_eq!(&bytes, b"hello");
    }
    nothing(&port);
}

fn an_accept_waits_for_its_connection(choice: BackendChoice) {
    let port = port(choice);
    let listener = port.associate_listener(TcpListener::bind("127.0.0.1:0").unwrap(), 1).unwrap();
    (0..3).for_each(|context| drop(listener.accept(context).unwrap()));
    nothing(&port);
    let address = listener.local_addr().unwrap();
    let clients: Vec<_> = (0..3).map(|_| TcpStream::connect(address).unwrap()).collect();
    for (client, done) in clients.iter().zip(sorted(&port, 3)) {
        assert_eq!(done.peer(), Some(client.local_addr().unwrap()));
        assert_eq!(done.into_stream().unwrap().peer_addr().unwrap(), client.local_addr().unwrap());
    }
}

fn a_connection_reset_before_it_is_taken_fails_no_accept(choice: BackendChoice) {
    let port = port(choice);
    let listener = port.associate_listener(TcpListener::bind("127.0.0.1:0").unwrap(), 1).unwrap();
    let address = listener.local_addr().unwrap();
    (0..3).for_each(|_| reset(TcpStream::connect(address).unwrap()));
    let client = TcpStream::connect(address).unwrap();
    (0..4).for_each(|context| drop(listener.accept(context).unwrap()));
    // Whether those that are gone are still given out differs between systems.
    let is_there = |stream: TcpStream| stream.peer_addr().ok() == client.local_addr().ok();
    while !is_there(next(&port).into_stream().expect("a connection")) {}
}

fn a_refused_connection_posts_its_error(choice: BackendChoice) {
    let port = port(choice);
    let (_nobody, address) = nobody();
    let client = port.stream(Domain::V4, 2).unwrap();
    client.connect(address, 1).unwrap();
    let done = next(&port);
    assert_eq!((error(&done), done.bytes()), (Some(ECONNREFUSED), 0));
    nothing(&port);
}

fn bytes_come_in_the_order_of_the_receives(choice: BackendChoice) {
    let port = port(choice);
    let (mut client, stream) = connection(&port);
    (0..10).for_each(|context| drop(stream.receive(Vec::with_capacity(3), context).unwrap()));
    client.write_all(b"abcdefghijklmnopqrstuvwxyz0123").unwrap();
    let done = sorted(&port, 10);
    let bytes: Vec<u8> = done.iter().flat_map(|done| done.received().to_vec()).collect();
    assert_eq!(bytes, b"abcdefghijklmnopqrstuvwxyz0123");
    assert!(done.iter().all(|done| done.key() == 9 && done.peer().is_none()));
}

fn a_send_of_any_length_is_sent_completely(choice: BackendChoice) {
    let port = port(choice);
    let (mut client, stream) = connection(&port);
    let long: Vec<u8> = (0..8_000_000u32).map(|number| (number >> 3) as u8).collect();
    stream.send(long.clone(), 1).unwrap();
    stream.send(b"the end".to_vec(), 2).unwrap();
    let reader = std::thread::spawn(move || {
        let mut bytes = vec![0; 8_000_007];
        client.read_exact(&mut bytes).unwrap();
        bytes
    });
    let lengths: Vec<_> = sorted(&port, 2).iter().map(|done| done.result().unwrap()).collect();
    assert_eq!(lengths, [8_000_000, 7]);
    let bytes = reader.join().unwrap();
    assert!(bytes.starts_with(&long) && bytes.ends_with(b"the end"));
}

fn the_end_of_a_stream_is_a_result_of_its_own(choice: BackendChoice) {
    let port = port(choice);
    let (client, stream) = connection(&port);
    stream.receive(vec![0; 8], 1).unwrap();
    stream.receive(vec![0; 8], 2).unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    assert!(sorted(&port, 2).iter().all(is_end));
    stream.receive(vec![0; 8], 3).unwrap();
    assert!(is_end(&next(&port)));
}

fn a_reset_connection_posts_its_error(choice: BackendChoice) {
    let port = port(choice);
    let (client, stream) = connection(&port);
    stream.receive(vec![0; 8], 1).unwrap();
    reset(client);
    assert_eq!(error(&next(&port)), Some(ECONNRESET));
}

fn reset(client: TcpStream) {
    socket2::SockRef::from(&client).set_linger(Some(std::time::Duration::ZERO)).unwrap();
}

fn a_send_without_a_peer_posts_its_error(choice: BackendChoice) {
    let port = port(choice);
    let stream = port.stream(Domain::V4, 1).unwrap();
    stream.send(b"to whom?".to_vec(), 1).unwrap();
    let told = error(&next(&port));
    // Windows says that it is not connected, Wine that it was reset.
    let is_expected =
        told == Some(EPIPE) || cfg!(windows) && [Some(ENOTCONN), Some(ECONNRESET)].contains(&told);
    assert!(is_expected, "{told:?}");
    stream.receive(vec![0; 8], 2).unwrap();
    assert_eq!(error(&next(&port)), Some(ENOTCONN));
}

fn a_send_that_is_cancelled_half_way_says_how_much_went_out(choice: BackendChoice) {
    let port = port(choice);
    let (mut client, stream) = connection(&port);
    let long = vec![5; 32_000_000];
    let operation = stream.send(long, 1).unwrap().pending().unwrap();
    stream.cancel(operation).unwrap();
    let done = next(&port);
    assert!(is_aborted(&done));
    assert!(done.bytes() > 0 && done.bytes() < 32_000_000, "{}", done.bytes());
    stream.close();
    let mut bytes = Vec::new();
    client.read_to_end(&mut bytes).unwrap();
    assert_eq!(bytes.len(), done.bytes());
    nothing(&port);
}
