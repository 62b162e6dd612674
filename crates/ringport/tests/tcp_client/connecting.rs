//! Ways to a connection: pauses, names, several addresses, both families, and peers that are not there.

use std::net::TcpListener;
use std::time::Duration;

use ringport::client::ClientError;
use ringport::net::SocketError;
use ringport::server::tcp::Backoff;
use ringport::{BackendChoice, TcpClient};

use crate::common::nobody::nobody;
use crate::common::on_each_backend;
use crate::common::system::ECONNREFUSED;
use crate::rig::{Name, Peer, client, echo, soon};

on_each_backend!(
    it_is_refused_until_somebody_listens,
    addresses_are_tried_in_turn,
    both_families,
    who_is_not_there_is_named,
    a_peer_that_drops_each_connection_is_not_asked_faster,
    a_client_connects_when_it_is_used,
);

fn it_is_refused_until_somebody_listens(choice: BackendChoice) {
    let (socket, address) = nobody();
    let listening = socket.try_clone().unwrap();
    let name = Name::new(move |asked| {
        if asked == 4 {
            listening.listen(8).unwrap();
        }
        vec![address]
    });
    let builder = client(choice, name);
    let connecting = std::thread::spawn(move || {
        let mut client = builder.connect().unwrap();
        assert_eq!(client.counters().attempts, 5);
        assert_eq!(client.request(b"hello\n").unwrap().bytes(), &b"hello"[..]);
        client.close().unwrap();
    });
    // It blocks until there is a connection; before somebody listens it fails at once.
    let stream = crate::common::until("a connection", || socket.accept().ok()).0;
    echo(stream.into());
    connecting.join().unwrap();
}

fn addresses_are_tried_in_turn(choice: BackendChoice) {
    let (_socket, dead) = nobody();
    let peer = Peer::new([echo]);
    let client = client(choice, [dead, dead, peer.address].to_vec().leak() as &'static [_]).rounds(1);
    let mut client = client.connect().unwrap();
    assert_eq!((client.peer_addr(), client.counters().attempts), (Some(peer.address), 3));
    assert_eq!(client.request(b"hello\n").unwrap().bytes(), &b"hello"[..]);
    client.close().unwrap();
    peer.join();
}

fn both_families(choice: BackendChoice) {
    for address in ["127.0.0.1:0", "[::1]:0"] {
        let Ok(listener) = TcpListener::bind(address) else {
            eprintln!("skipped: this machine has no {address}");
            continue;
        };
        let peer = Peer::on(listener, [echo]);
        let mut client = client(choice, peer.address).connect().unwrap();
        assert_eq!(client.request(b"hello\n").unwrap().bytes(), &b"hello"[..]);
        assert_eq!(client.peer_addr(), Some(peer.address));
        client.close().unwrap();
        peer.join();
    }
}

fn who_is_not_there_is_named(choice: BackendChoice) {
    let (_socket, dead) = nobody();
    let error = client(choice, dead).rounds(3).connect().unwrap_err();
    let text = error.to_string();
    assert!(text.starts_with(&format!("no connection to {dead:?} after 3 attempts in ")), "{text}");
    let ClientError::Connect { peer, attempts: 3, last: Some(last), .. } = error else { panic!("{text}") };
    assert_eq!((peer, last.raw_os_error()), (Some(dead), Some(ECONNREFUSED)));

    // In time, whatever the number of rounds.
    let error = client(choice, dead).connect_timeout(Duration::from_millis(5)).connect().unwrap_err();
    assert!(matches!(error, ClientError::Connect { attempts: 1.., .. }), "{error}");

    let error = client(choice, "127.0.0.1").rounds(1).connect().unwrap_err();
    let ClientError::Connect { peer: None, attempts: 0, last: Some(last), .. } = error else { panic!() };
    assert!(matches!(*last, SocketError::BadAddress { .. }));
}

fn a_peer_that_drops_each_connection_is_not_asked_faster(choice: BackendChoice) {
    let peer = Peer::new([drop, drop, drop]);
    // Whoever connects a second time without a response waits longer than there is time.
    let hour = Duration::from_secs(3600);
    let pauses = Backoff::new(hour, 1.0, hour).unwrap();
    let time = Duration::from_millis(30);
    let mut client = client(choice, peer.address).backoff(pauses).connect_timeout(time).connect().unwrap();
    // It is lost, or was seen to be gone before anything was sent.
    client.request(b"hello\n").unwrap_err();
    let error = client.request(b"hello\n").unwrap_err();
    assert!(matches!(error, ClientError::Connect { attempts: 0, last: None, .. }), "{error}");
    assert!(error.to_string().contains("all of it a pause"), "{error}");
    assert_eq!(client.counters().attempts, 1);
    for _ in 0..2 {
        TcpClient::builder(peer.address).backend(choice).connect().unwrap();
    }
    peer.join();
}

fn a_client_connects_when_it_is_used(choice: BackendChoice) {
    let peer = Peer::new([echo]);
    let mut client = client(choice, peer.address).backoff(soon()).build().unwrap();
    assert_eq!((client.counters().attempts, client.is_connected(), client.peer_addr()), (0, false, None));
    assert!(matches!(client.receive(), Err(ClientError::NotConnected { .. })));
    client.send(b"hello\n").unwrap();
    client.connect().unwrap();
    assert_eq!(client.receive().unwrap().bytes(), &b"hello"[..]);
    assert_eq!(client.counters().attempts, 1);
    client.close().unwrap();
    peer.join();
}

#[test]
fn options_that_are_not_possible_are_named() {
    let refused = |error: Option<ClientError>| error.unwrap().to_string();
    let builder = || TcpClient::builder("127.0.0.1:9");
    assert_eq!(refused(builder().pipeline(0).build().err()), "pipeline is 0, allowed is 1 or more");
    assert!(refused(builder().slice_size(0).build().err()).contains("slice_size"));
    assert!(refused(builder().rounds(0).build().err()).contains("rounds"));
}
