//! Peers that are silent, that do not read, and that do not end.

use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use ringport::BackendChoice;
use ringport::client::ClientError;
use ringport::net::SocketError;

use crate::common::on_each_backend;
use crate::common::system::ETIMEDOUT;
use crate::rig::{Peer, client, echo, end, take};

on_each_backend!(
    a_silent_peer_is_not_waited_for,
    who_waits_for_a_message_may_wait_again,
    a_peer_that_does_not_read,
    a_peer_that_does_not_end,
    a_peer_that_does_not_take_the_connection,
);

const SHORT: Duration = Duration::from_millis(30);

fn a_silent_peer_is_not_waited_for(choice: BackendChoice) {
    fn silent(mut stream: TcpStream) {
        take(&mut stream, 4);
        // The client closes, for the response might come yet.
        end(&mut stream);
    }
    let peer = Peer::new([silent, echo]);
    let mut client = client(choice, peer.address).request_timeout(SHORT).connect().unwrap();
    let error = client.request(b"one\n").unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("a response took longer than 30ms") && text.contains(&peer.address.to_string()),
        "{text}"
    );
    assert!(
        matches!(error, ClientError::TimedOut { peer: named, time: SHORT, unanswered: 1, .. } if named == peer.address)
    );
    assert_eq!((client.is_connected(), client.unanswered(), client.memory().used), (false, 0, 0));
    drop(client);
    drop(TcpStream::connect(peer.address).unwrap());
    peer.join();
}

fn who_waits_for_a_message_may_wait_again(choice: BackendChoice) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut client = client(choice, address).request_timeout(SHORT).connect().unwrap();
    client.send(b"one\n").unwrap();
    for _ in 0..3 {
        assert!(matches!(client.receive(), Err(ClientError::TimedOut { unanswered: 1, .. })));
    }
    let peer = Peer::on(listener, [echo]);
    let response = crate::common::until("a response", || {
        client.receive().ok().map(|response| response.bytes().to_vec())
    });
    assert_eq!((response, client.counters().connections), (b"one".to_vec(), 1));
    drop(client);
    peer.join();
}

fn a_peer_that_does_not_read(choice: BackendChoice) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut client = client(choice, address).request_timeout(SHORT).slice_size(4096).connect().unwrap();
    let error = loop {
        if let Err(error) = client.send(&[b'x'; 20_000]) {
            break error;
        }
    };
    let text = error.to_string();
    assert!(matches!(error, ClientError::TimedOut { doing: "sending", .. }), "{text}");
    assert_eq!((client.is_connected(), client.unanswered(), client.memory().used), (false, 0, 0));
}

fn a_peer_that_does_not_end(choice: BackendChoice) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let client = client(choice, address).request_timeout(SHORT).connect().unwrap();
    let error = client.close().unwrap_err();
    assert!(error.to_string().starts_with("the end of the connection took longer than 30ms"), "{error}");
}

fn a_peer_that_does_not_take_the_connection(choice: BackendChoice) {
    // A queue of connections that is full: the system answers no more of them.
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.bind(&std::net::SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    socket.listen(0).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    let _first = TcpStream::connect(address).unwrap();
    let error = client(choice, address).connect_timeout(SHORT).connect().unwrap_err();
    let ClientError::Connect { attempts: 1, last: Some(last), .. } = error else { panic!("{error}") };
    assert!(matches!(*last, SocketError::System { .. }) && last.raw_os_error() == Some(ETIMEDOUT), "{last}");
}
