//! Bad input and hostile networks: told, counted, survived.

use std::sync::{Mutex, mpsc};
use std::time::Duration;

use ringport::server::{SendError, ServerError};

use crate::child::{is_child, passes, rerun};
use crate::lonely::{becomes_free, lonely_port};
use crate::nobody::{deaf, deafen};
use crate::ways::{client, next, ways};

#[test]
fn a_datagram_larger_than_its_slice_is_told_and_nothing_is_lost_after_it() {
    for way in ways() {
        let (tell, told) = mpsc::channel();
        let handler = move |datagram: ringport::Datagram<'_>| {
            tell.send((datagram.truncated(), datagram.payload().to_vec())).unwrap();
        };
        let server = way.server().slice_size(16).start(handler).unwrap();
        let client = client();
        for round in 0..20u8 {
            let size = if round % 3 == 0 { 1000 } else { 16 };
            client.send_to(&vec![round; size], server.local_addr()).unwrap();
        }
        let mut seen: Vec<_> = (0..20).map(|_| told.recv().unwrap()).collect();
        // Two threads on one socket may finish out of order.
        seen.sort_by_key(|(_, payload)| payload[0]);
        for (round, (truncated, payload)) in (0u8..).zip(seen) {
            assert_eq!((truncated, payload), (round % 3 == 0, vec![round; 16]), "{way}");
        }
        let total = server.stop().unwrap().counters.total;
        assert_eq!((total.datagrams, total.bytes, total.truncated), (20, 320, 7), "{way}");
    }
}

#[test]
fn an_empty_datagram_is_a_datagram() {
    for way in ways() {
        let server = way.start(|datagram| {
            assert_eq!(datagram.payload(), b"");
            datagram.reply();
        });
        let client = client();
        for _ in 0..150 {
            client.send_to(b"", server.local_addr()).unwrap();
            assert_eq!(next(&client).0, b"", "{way}");
        }
        assert_eq!(server.stop().unwrap().counters.total.datagrams, 150, "{way}");
    }
}

#[test]
fn a_server_that_answers_the_dead_lives_on() {
    for way in ways() {
        let (close, closed) = mpsc::channel::<()>();
        let closed = Mutex::new(closed);
        let dead = deaf();
        let anybody = dead.local_addr().unwrap();
        let server = way.start(move |datagram| {
            if datagram.payload() == b"from the dead" {
                closed.lock().unwrap().recv().unwrap();
                datagram.send_copy(anybody, b"anybody?").unwrap();
            }
            datagram.reply();
        });
        let gone = client();
        for _ in 0..10 {
            gone.send_to(b"from the dead", server.local_addr()).unwrap();
        }
        deafen(&gone);
        (0..10).for_each(|_| close.send(()).unwrap());
        let client = client();
        for _ in 0..10 {
            client.send_to(b"alive", server.local_addr()).unwrap();
            assert_eq!(next(&client).0, b"alive", "{way}");
        }
        let total = server.stop().unwrap().counters.total;
        assert_eq!((total.datagrams, total.copies), (20, 10), "{way}");
        assert_eq!(total.replies_sent + total.replies_dropped, 20, "{way}");
    }
}

#[test]
fn a_panicking_handler_stops_the_server_and_is_named() {
    for way in ways() {
        let server = way.bind(&lonely_port()).start(|datagram| {
            assert_ne!(datagram.payload(), b"boom", "the handler met a bomb");
            datagram.reply();
        });
        let server = server.unwrap();
        let address = server.local_addr();
        let client = client();
        client.send_to(b"before", address).unwrap();
        assert_eq!(next(&client).0, b"before", "{way}");
        client.send_to(b"boom", address).unwrap();
        let Err(ServerError::HandlerPanicked { message, .. }) = server.join() else {
            panic!("{way}: the panic was not told");
        };
        assert!(message.contains("the handler met a bomb"), "{way}: {message}");
        // Everything was given back, the port included.
        becomes_free(address);
    }
}

#[test]
fn a_reply_promised_before_a_panic_in_the_same_batch_still_leaves() {
    for way in ways() {
        let client = client();
        let server = way.server();
        // All three are in the socket before the server runs, so they come as one batch where there are any.
        for payload in [b"good", b"also", b"boom"] {
            client.send_to(payload, server.local_addr()).unwrap();
        }
        let server = if way.design.takes_threads() { server.threads(1) } else { server };
        let ended = server.run(|datagram| {
            assert_ne!(datagram.payload(), b"boom");
            datagram.reply();
        });
        assert!(matches!(ended, Err(ServerError::HandlerPanicked { thread: 0, .. })), "{way}");
        assert_eq!((next(&client).0, next(&client).0), (b"good".to_vec(), b"also".to_vec()), "{way}");
    }
}

#[test]
fn an_answer_longer_than_its_slice_is_refused_and_the_datagram_let_go() {
    for way in ways() {
        let server = way
            .server()
            .slice_size(32)
            .start(|mut datagram| {
                let refused = match datagram.payload() {
                    b"len" => datagram.reply_len(33),
                    b"with" => datagram.reply_with(&[0; 33]),
                    _ => {
                        datagram.slice_mut().fill(7);
                        datagram.reply_len(32)
                    }
                };
                assert!(matches!(refused, Ok(()) | Err(SendError::TooLong(_))));
            })
            .unwrap();
        let client = client();
        for _ in 0..100 {
            client.send_to(b"len", server.local_addr()).unwrap();
            client.send_to(b"with", server.local_addr()).unwrap();
            client.send_to(b"fits", server.local_addr()).unwrap();
            assert_eq!(next(&client).0, [7; 32], "{way}");
        }
        let total = server.stop().unwrap().counters.total;
        assert_eq!((total.datagrams, total.replies_promised), (300, 100), "{way}");
    }
}

#[test]
fn asking_what_the_kernel_allows_does_not_interrupt_the_thread_that_asks() {
    const NAME: &str = "faults::asking_what_the_kernel_allows_does_not_interrupt_the_thread_that_asks";
    if is_child() {
        // In a process of its own, because it is tried once a process.
        let waiting = client();
        waiting.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        let _ = ringport::backend::features();
        let error = waiting.recv(&mut [0; 1]).unwrap_err();
        let expected =
            if cfg!(windows) { std::io::ErrorKind::TimedOut } else { std::io::ErrorKind::WouldBlock };
        assert_eq!(error.kind(), expected, "{error}");
        return;
    }
    for _ in 0..8 {
        passes(&mut rerun(NAME));
    }
}
