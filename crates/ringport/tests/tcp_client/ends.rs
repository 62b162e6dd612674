//! Connections that end: lost, replaced, half-closed, closed in order.

use std::io::{ErrorKind, Write};
use std::net::{Shutdown, TcpListener, TcpStream};

use ringport::BackendChoice;
use ringport::client::ClientError;

use crate::common::nobody::nobody;
use crate::common::{on_each_backend, until};
use crate::rig::{Name, Peer, accept, client, echo, end, take};

on_each_backend!(
    a_peer_that_dies_and_comes_back,
    what_is_lost_is_sent_again_if_that_is_wanted,
    a_connection_that_ended_in_silence_is_replaced,
    responses_before_the_end_are_given_first,
    a_reset_is_told,
    half_of_a_response_is_none,
    after_the_end_of_the_sends_responses_still_come,
    after_the_peers_end_nothing_is_waited_for,
    closing_waits_for_the_end,
);

/// Answers one line and reads another one, which it never answers.
fn dies(mut stream: TcpStream) {
    let line = take(&mut stream, 4);
    stream.write_all(&line).unwrap();
    take(&mut stream, 4);
}

fn a_peer_that_dies_and_comes_back(choice: BackendChoice) {
    let first = Peer::new([dies]);
    let (_socket, dead) = nobody();
    let address = first.address;
    // Asked for the first time it is the first, then nobody for three times, then another one.
    let second = TcpListener::bind("127.0.0.1:0").unwrap();
    let alive = second.local_addr().unwrap();
    let second = Peer::on(second, [echo]);
    let name = Name::new(move |asked| match asked {
        0 => vec![address],
        1..=3 => vec![dead],
        _ => vec![alive],
    });
    let mut client = client(choice, name).connect().unwrap();
    assert_eq!(client.request(b"one\n").unwrap().bytes(), &b"one"[..]);
    let error = client.request(b"two\n").unwrap_err();
    let ClientError::Lost { peer, unanswered: 1, reason } = error else { panic!("{error}") };
    assert_eq!((peer, reason.kind()), (address, ErrorKind::UnexpectedEof));
    assert_eq!((client.is_connected(), client.unanswered(), client.memory().used), (false, 0, 0));

    assert_eq!(client.request(b"three\n").unwrap().bytes(), &b"three"[..]);
    let counters = client.counters();
    assert_eq!((counters.attempts, counters.connections, counters.resent), (5, 2, 0));
    client.close().unwrap();
    first.join();
    second.join();
}

fn what_is_lost_is_sent_again_if_that_is_wanted(choice: BackendChoice) {
    let peer = Peer::new([dies, dies, echo]);
    let mut client = client(choice, peer.address).resend(true).connect().unwrap();
    for message in ["one\n", "two\n", "six\n", "ten\n"] {
        client.send(message.as_bytes()).unwrap();
    }
    // Each peer that dies answers one: of the four three are sent again, then two.
    for response in ["one", "two", "six", "ten"] {
        assert_eq!(client.receive().unwrap().bytes(), response.as_bytes());
    }
    let counters = client.counters();
    assert_eq!((counters.connections, counters.resent, counters.requests), (3, 5, 4));
    client.close().unwrap();
    peer.join();
}

fn a_connection_that_ended_in_silence_is_replaced(choice: BackendChoice) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut client = client(choice, listener.local_addr().unwrap()).connect().unwrap();
    for connection in 1..=3 {
        client.send(b"one\n").unwrap();
        client.flush().unwrap();
        let mut stream = accept(&listener);
        let port = stream.peer_addr().unwrap().port();
        take(&mut stream, 4);
        stream.write_all(b"one\n").unwrap();
        assert_eq!(client.receive().unwrap().bytes(), &b"one"[..]);
        assert_eq!(client.counters().connections, connection);
        drop(stream);
        until("the end has arrived", || ended(port).then_some(()));
    }
}

/// Whether the peer of this port of ours has ended.
fn ended(port: u16) -> bool {
    const CLOSE_WAIT: &str = "08";
    let local = format!("0100007F:{port:04X}");
    let connections = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let mut connections = connections.lines().map(|line| line.split_whitespace().skip(1));
    connections.any(|mut fields| fields.next() == Some(&local) && fields.nth(1) == Some(CLOSE_WAIT))
}

fn responses_before_the_end_are_given_first(choice: BackendChoice) {
    fn two(mut stream: TcpStream) {
        let lines = take(&mut stream, 12);
        stream.write_all(&lines[..8]).unwrap();
    }
    let peer = Peer::new([two]);
    let mut client = client(choice, peer.address).connect().unwrap();
    for message in [b"one\n", b"two\n", b"six\n"] {
        client.send(message).unwrap();
    }
    assert_eq!(client.receive().unwrap().bytes(), &b"one"[..]);
    assert_eq!(client.receive().unwrap().bytes(), &b"two"[..]);
    assert!(matches!(client.receive(), Err(ClientError::Lost { unanswered: 1, .. })));
    assert!(matches!(client.receive(), Err(ClientError::NotConnected { .. })), "it is told once");
    peer.join();
}

fn a_reset_is_told(choice: BackendChoice) {
    fn reset(mut stream: TcpStream) {
        take(&mut stream, 4);
        socket2::SockRef::from(&stream).set_linger(Some(std::time::Duration::ZERO)).unwrap();
    }
    let peer = Peer::new([reset, echo]);
    let mut client = client(choice, peer.address).connect().unwrap();
    let error = client.request(b"one\n").unwrap_err();
    let ClientError::Lost { unanswered: 1, reason, .. } = error else { panic!("{error}") };
    assert_eq!(reason.kind(), ErrorKind::ConnectionReset);
    assert_eq!(client.request(b"two\n").unwrap().bytes(), &b"two"[..]);
    client.close().unwrap();
    peer.join();
}

fn half_of_a_response_is_none(choice: BackendChoice) {
    fn half(mut stream: TcpStream) {
        take(&mut stream, 4);
        stream.write_all(b"on").unwrap();
    }
    let peer = Peer::new([half, echo]);
    let mut client = client(choice, peer.address).connect().unwrap();
    assert!(matches!(client.request(b"one\n"), Err(ClientError::Lost { unanswered: 1, .. })));
    // Nothing of it is left in the way of the next one.
    assert_eq!(client.request(b"two\n").unwrap().bytes(), &b"two"[..]);
    client.close().unwrap();
    peer.join();
}

fn after_the_end_of_the_sends_responses_still_come(choice: BackendChoice) {
    fn late(mut stream: TcpStream) {
        take(&mut stream, 4);
        end(&mut stream);
        stream.write_all(b"late\n").unwrap();
    }
    let peer = Peer::new([late, echo]);
    let mut client = client(choice, peer.address).connect().unwrap();
    client.send(b"one\n").unwrap();
    client.finish().unwrap();
    client.finish().unwrap();
    assert!(matches!(client.send(b"two\n"), Err(ClientError::Finished { .. })));
    assert_eq!(client.receive().unwrap().bytes(), &b"late"[..]);
    assert!(matches!(client.receive(), Err(ClientError::Lost { unanswered: 0, .. })));
    assert_eq!(client.request(b"two\n").unwrap().bytes(), &b"two"[..]);
    client.close().unwrap();
    peer.join();
}

fn after_the_peers_end_nothing_is_waited_for(choice: BackendChoice) {
    fn silent(mut stream: TcpStream) {
        // A client that sees the end before it sends would connect again.
        take(&mut stream, 4);
        stream.shutdown(Shutdown::Write).unwrap();
        end(&mut stream);
    }
    let peer = Peer::new([silent]);
    let mut client = client(choice, peer.address).connect().unwrap();
    client.send(b"one\n").unwrap();
    assert!(matches!(client.receive(), Err(ClientError::Lost { unanswered: 1, .. })));
    drop(client);
    peer.join();
}

fn closing_waits_for_the_end(choice: BackendChoice) {
    fn talks(mut stream: TcpStream) {
        take(&mut stream, 4);
        end(&mut stream);
        for _ in 0..100 {
            stream.write_all(&[b'x'; 1000]).unwrap();
        }
    }
    let peer = Peer::new([talks]);
    let mut client = client(choice, peer.address).connect().unwrap();
    client.send(b"one\n").unwrap();
    // What was not flushed leaves, too; and what the peer sends is read to its end, or its write would fail.
    client.close().unwrap();
    peer.join();
}
