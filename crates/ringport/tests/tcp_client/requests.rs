//! Requests and responses: one at a time, many at a time, cut in pieces, longer than slices, and what is none.

use std::io::Write;

use ringport::BackendChoice;
use ringport::client::ClientError;
use ringport::server::tcp::framing::{FramingError, LengthPrefix};

use crate::common::on_each_backend;
use crate::rig::{Peer, client, echo, end, take};

on_each_backend!(
    each_request_has_its_response,
    responses_come_in_order_of_the_requests,
    a_response_in_pieces_is_one,
    messages_longer_than_all_slices,
    a_response_that_is_too_long_ends_the_connection,
    what_is_not_taken_stays_with_the_peer,
    a_request_does_not_get_the_response_of_another,
    no_more_requests_than_the_pipeline_takes,
    kept_responses_outlive_the_client,
    slices_that_are_missing_are_named,
);

fn each_request_has_its_response(choice: BackendChoice) {
    let peer = Peer::new([echo]);
    let mut client = client(choice, peer.address).connect().unwrap();
    assert_eq!((client.peer_addr(), client.is_connected()), (Some(peer.address), true));
    for length in 0..=100 {
        let line = vec![b'x'; length];
        let response = client.request(&[&line[..], b"\n"].concat()).unwrap();
        assert_eq!((response.bytes().as_ref(), response.len()), (&line[..], length));
        assert_eq!(response.is_empty(), length == 0);
    }
    let counters = client.counters();
    assert_eq!((counters.attempts, counters.connections), (1, 1));
    assert_eq!((counters.requests, counters.responses), (101, 101));
    assert_eq!((counters.sent, counters.received), (5151, 5151));
    assert_eq!((client.memory().used, client.unanswered()), (0, 0));
    client.close().unwrap();
    peer.join();
}

fn responses_come_in_order_of_the_requests(choice: BackendChoice) {
    let peer = Peer::new([echo]);
    let mut client = client(choice, peer.address).connect().unwrap();
    for round in 0..20 {
        for number in 0..30 {
            client.send(format!("{round}-{number}\n").as_bytes()).unwrap();
        }
        assert_eq!(client.unanswered(), 30);
        client.flush().unwrap();
        for number in 0..30 {
            assert_eq!(client.receive().unwrap().bytes(), format!("{round}-{number}").as_bytes());
        }
    }
    assert_eq!(client.unanswered(), 0);
    client.close().unwrap();
    peer.join();
}

fn a_response_in_pieces_is_one(choice: BackendChoice) {
    let peer = Peer::new([|mut stream| {
        take(&mut stream, 6);
        for byte in [&[b'x'; 100][..], b"\nnext\n"].concat() {
            stream.write_all(&[byte]).unwrap();
            std::thread::yield_now();
        }
        end(&mut stream);
    }]);
    let mut client = client(choice, peer.address).connect().unwrap();
    assert_eq!(client.request(b"hello\n").unwrap().bytes(), &[b'x'; 100][..]);
    // One that nobody asked for.
    assert_eq!(client.receive().unwrap().bytes(), &b"next"[..]);
    assert_eq!(client.memory().used, 0);
    drop(client);
    peer.join();
}

fn messages_longer_than_all_slices(choice: BackendChoice) {
    const LENGTH: usize = 1 << 20;
    let peer = Peer::new([|mut stream| {
        let message = take(&mut stream, 4 + LENGTH);
        stream.write_all(&message).unwrap();
        end(&mut stream);
    }]);
    let client = client(choice, peer.address).framing(LengthPrefix::four_bytes(LENGTH)).slice_size(4096);
    let mut client = client.connect().unwrap();
    let bytes: Vec<u8> = (0..LENGTH).map(|at| (at * 7) as u8).collect();
    let message = [&(LENGTH as u32).to_be_bytes()[..], &bytes].concat();
    let response = client.request(&message).unwrap();
    assert!(response.bytes() == bytes && response.received().contiguous().is_none());
    drop(response);
    assert_eq!(client.memory().used, 0);
    client.close().unwrap();
    peer.join();
}

fn a_response_that_is_too_long_ends_the_connection(choice: BackendChoice) {
    fn endless(mut stream: std::net::TcpStream) {
        take(&mut stream, 6);
        // The client goes away in the middle of it.
        while stream.write_all(&[b'x'; 64]).is_ok() {}
    }
    let peer = Peer::new([endless, echo]);
    let mut client = client(choice, peer.address).connect().unwrap();
    let error = client.request(b"hello\n").unwrap_err();
    assert_eq!(
        error.to_string().split(": ").next(),
        Some(&*format!("{} sent what is no message", peer.address))
    );
    let ClientError::Malformed { source, .. } = error else { panic!("{error}") };
    assert_eq!(source, FramingError::NoDelimiter { maximum: 100 });
    assert_eq!((client.is_connected(), client.unanswered(), client.memory().used), (false, 0, 0));
    assert_eq!(client.request(b"short\n").unwrap().bytes(), &b"short"[..]);
    client.close().unwrap();
    peer.join();
}

fn what_is_not_taken_stays_with_the_peer(choice: BackendChoice) {
    fn many(mut stream: std::net::TcpStream) {
        take(&mut stream, 6);
        for number in 0..10_000 {
            stream.write_all(format!("{number}\n").as_bytes()).unwrap();
        }
        end(&mut stream);
    }
    let peer = Peer::new([many]);
    let mut client = client(choice, peer.address).connect().unwrap();
    client.send(b"hello\n").unwrap();
    for number in 0..10_000 {
        assert_eq!(client.receive().unwrap().bytes(), number.to_string().as_bytes());
        assert!(client.memory().used <= 3, "the slices of the longest response, and one");
    }
    client.close().unwrap();
    peer.join();
}

fn a_request_does_not_get_the_response_of_another(choice: BackendChoice) {
    let peer = Peer::new([echo]);
    let mut client = client(choice, peer.address).connect().unwrap();
    client.send(b"one\n").unwrap();
    assert!(matches!(client.request(b"two\n"), Err(ClientError::Unanswered { unanswered: 1 })));
    assert_eq!(client.receive().unwrap().bytes(), &b"one"[..]);
    assert_eq!(client.request(b"two\n").unwrap().bytes(), &b"two"[..]);
    client.close().unwrap();
    peer.join();
}

fn no_more_requests_than_the_pipeline_takes(choice: BackendChoice) {
    let peer = Peer::new([echo]);
    let mut client = client(choice, peer.address).pipeline(2).connect().unwrap();
    client.send(b"one\n").unwrap();
    client.send(b"two\n").unwrap();
    assert!(matches!(client.send(b"three\n"), Err(ClientError::TooManyUnanswered { limit: 2 })));
    assert_eq!(client.receive().unwrap().bytes(), &b"one"[..]);
    client.send(b"three\n").unwrap();
    assert_eq!(client.receive().unwrap().bytes(), &b"two"[..]);
    assert_eq!(client.receive().unwrap().bytes(), &b"three"[..]);
    client.close().unwrap();
    peer.join();
}

fn kept_responses_outlive_the_client(choice: BackendChoice) {
    let peer = Peer::new([echo]);
    let mut client = client(choice, peer.address).spare_slices(2).connect().unwrap();
    let long = [b'x'; 100];
    let kept = client.request(&[&long[..], b"\n"].concat()).unwrap().keep();
    assert!((2..=3).contains(&kept.buffers().len()), "{kept:?}");
    assert_eq!(client.memory().used, kept.buffers().len());
    assert_eq!(client.request(b"next\n").unwrap().bytes(), &b"next"[..]);
    drop(client);
    peer.join();
    assert_eq!(kept.to_vec(), long);
    // The last slice of the pool comes home to nobody.
    drop(kept);
}

fn slices_that_are_missing_are_named(choice: BackendChoice) {
    let peer = Peer::new([echo]);
    let mut client = client(choice, peer.address).connect().unwrap();
    let mut kept = Vec::new();
    let error = loop {
        match client.request(b"mine\n") {
            Ok(response) => kept.push(response.keep()),
            Err(error) => break error,
        }
    };
    // Three to receive into, four to send from.
    assert!(matches!(error, ClientError::NoSlices { slices: 7 }), "{error}");
    assert_eq!((kept.len(), client.memory().used), (7, 7));
    drop(kept);
    assert_eq!(client.memory().used, 0);
    drop(client);
    peer.join();
}
