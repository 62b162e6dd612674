//! Slices that handlers keep: lent from the pool, given back from anywhere, waited for when all are out.

use std::sync::mpsc;

use ringport::Buffer;
use ringport::server::{Running, SendError};

use crate::until::until;
use crate::ways::{Way, client, next, registered_ways, ways};

/// A server that keeps every datagram whose payload begins with `k` and echoes the others.
fn keeper(way: Way, pending: usize) -> (Running, mpsc::Receiver<Buffer>) {
    let (give, take) = mpsc::channel();
    let server = way.server().pending(pending);
    let server = if way.design.takes_threads() { server.threads(1) } else { server };
    let running = server.start(move |datagram| {
        if datagram.payload().starts_with(b"k") {
            give.send(datagram.keep()).unwrap();
        } else {
            datagram.reply();
        }
    });
    (running.unwrap(), take)
}

#[test]
fn what_is_kept_stays_as_it_was() {
    for way in ways() {
        let (server, kept) = keeper(way, 8);
        let client = client();
        let mut buffers = Vec::new();
        for round in 0..10u8 {
            client.send_to(&[b'k', round], server.local_addr()).unwrap();
            buffers.push(kept.recv().unwrap());
        }
        for round in 0..50u8 {
            client.send_to(&[b'e', round], server.local_addr()).unwrap();
            assert_eq!(next(&client).0, [b'e', round], "{way}");
        }
        // They outlive the server, too.
        server.stop().unwrap();
        for (round, buffer) in (0u8..).zip(&buffers) {
            assert_eq!(buffer[..], [b'k', round], "{way}");
        }
    }
}

#[test]
fn a_server_without_a_slice_goes_on_when_one_comes_back() {
    for way in registered_ways() {
        let (server, kept) = keeper(way, 4);
        let client = client();
        // Eight regions of four slices, and every one of them is kept in the end.
        let mut buffers = Vec::new();
        for round in 0..32u8 {
            client.send_to(&[b'k', round], server.local_addr()).unwrap();
            buffers.push(kept.recv().unwrap());
        }
        client.send_to(b"echo after all", server.local_addr()).unwrap();
        client.send_to(b"and another", server.local_addr()).unwrap();
        let waits = || server.handle().counters().total.pool_waits;
        until("four receives that wait", || (waits() >= 4).then_some(()));
        assert_eq!(waits(), 4, "{way}: the last four receives had to wait for a slice");
        // Given back here, on another thread than the server's.
        buffers.truncate(6);
        assert_eq!(next(&client).0, b"echo after all", "{way}");
        assert_eq!(next(&client).0, b"and another", "{way}");
        drop(buffers);
        let total = server.stop().unwrap().counters.total;
        assert_eq!((total.datagrams, total.replies_sent), (34, 2), "{way}");
    }
}

#[test]
fn a_blocking_server_without_a_slice_goes_on_when_one_comes_back() {
    for way in ways().into_iter().filter(|way| !way.design.is_registered()) {
        let (server, kept) = keeper(way, 4);
        let client = client();
        let mut buffers = Vec::new();
        while server.handle().counters().total.pool_waits == 0 {
            client.send_to(b"keep", server.local_addr()).unwrap();
            match kept.recv_timeout(std::time::Duration::from_millis(20)) {
                Ok(buffer) => buffers.push(buffer),
                Err(_) => continue,
            }
        }
        let held = buffers.len() as u64;
        drop(buffers);
        client.send_to(b"echo", server.local_addr()).unwrap();
        // What was sent while it waited is kept first.
        assert_eq!(next(&client).0, b"echo", "{way}");
        assert!(server.stop().unwrap().counters.total.datagrams > held, "{way}");
    }
}

#[test]
fn copies_go_out_up_to_their_limit_and_more_are_refused_and_counted() {
    for way in registered_ways() {
        let target = client();
        let address = target.local_addr().unwrap();
        let (tell, told) = mpsc::channel();
        let server = way.server().pending(2).max_results(1);
        let server = if way.design.takes_threads() { server.threads(1) } else { server };
        let server = server
            .start(move |datagram| {
                let long = matches!(datagram.send_copy(address, &[0; 5000]), Err(SendError::TooLong(_)));
                // They are committed at the end of the batch, so none can leave in between.
                let sent: Vec<_> = (0..5).map(|_| datagram.send_copy(address, b"copy").is_ok()).collect();
                tell.send((sent, long)).unwrap();
            })
            .unwrap();
        target.send_to(b"go", server.local_addr()).unwrap();
        assert_eq!(told.recv().unwrap(), (vec![true, true, false, false, false], true), "{way}");
        assert_eq!((next(&target).0, next(&target).0), (b"copy".to_vec(), b"copy".to_vec()), "{way}");
        let total = server.stop().unwrap().counters.total;
        assert_eq!((total.copies, total.copies_dropped), (5, 3), "{way}: the refused ones count");
    }
}
