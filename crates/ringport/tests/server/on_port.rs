//! Designs on a port: order, queues, threads that block, threads that fall.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex, mpsc};
use std::thread;

use ringport::server::ServerError;
use ringport::{Datagram, Design, UdpServer};

use crate::designs::is_offered;
use crate::lonely::{becomes_free, lonely_port};
use crate::system::lacked_by_wine;
use crate::until::until;
use crate::ways::{Way, client, next, ways};

/// Of an ordered server. A socket of Windows has one, and its port for itself.
const QUEUES: usize = if cfg!(windows) { 1 } else { 2 };

/// The ways with a port and several threads.
fn threaded() -> impl Iterator<Item = Way> {
    ways().into_iter().filter(|way| way.design.is_on_port() && way.design.takes_threads())
}

/// Those of them with completion queues.
fn queued() -> impl Iterator<Item = Way> {
    threaded().filter(|way| way.design.is_registered())
}

/// Sends `count` numbered datagrams from each of `peers` sockets, as fast as they are answered: every peer has up to
/// `window` of them on their way. Returns when all are answered, in whichever order.
fn converse(address: SocketAddr, peers: usize, count: u64, window: u64) {
    thread::scope(|scope| {
        for _ in 0..peers {
            scope.spawn(move || {
                let client = client();
                let mut sent = 0;
                for answered in 0..count {
                    while sent < count && sent - answered < window {
                        client.send_to(&sent.to_ne_bytes(), address).unwrap();
                        sent += 1;
                    }
                    next(&client);
                }
            });
        }
    });
}

fn number(datagram: &Datagram<'_>) -> u64 {
    u64::from_ne_bytes(datagram.payload().try_into().unwrap())
}

#[test]
fn with_eight_threads_no_peer_sees_its_datagrams_overtake_each_other_when_ordered() {
    for way in queued() {
        // By peer: the number that is due. Each is an atomic of its own, so no lock keeps them in order.
        let due: Arc<Mutex<HashMap<SocketAddr, Arc<AtomicU64>>>> = Arc::default();
        let inversions = Arc::new(AtomicUsize::new(0));
        let (seen, wrong) = (Arc::clone(&due), Arc::clone(&inversions));
        let server = way.server().threads(8).concurrency(8).ordered(true).queues(QUEUES).max_results(8);
        let server = server.start(move |datagram| {
            let count = Arc::clone(seen.lock().unwrap().entry(datagram.peer()).or_default());
            let expected = count.load(Ordering::Relaxed);
            // Something another thread could overtake us in.
            (0..number(&datagram) % 64).for_each(|_| thread::yield_now());
            let before = count.swap(number(&datagram) + 1, Ordering::Relaxed);
            if before != expected || before != number(&datagram) {
                wrong.fetch_add(1, Ordering::Relaxed);
            }
            datagram.reply();
        });
        let server = server.unwrap();
        converse(server.local_addr(), 8, 300, 24);
        let counters = server.stop().unwrap().counters;
        assert_eq!(inversions.load(Ordering::Relaxed), 0, "{way}");
        assert_eq!(counters.total.datagrams, 2400, "{way}");
    }
}

#[test]
fn replies_to_a_peer_leave_in_the_order_of_its_datagrams_when_ordered() {
    for way in queued() {
        let server = way.server().threads(8).concurrency(8).ordered(true).max_results(8);
        let server = server.start(|datagram| datagram.reply()).unwrap();
        let clients: Vec<_> = (0..4).map(|_| client()).collect();
        for round in 0..50u64 {
            for step in 0..8 {
                for client in &clients {
                    client.send_to(&(round * 8 + step).to_ne_bytes(), server.local_addr()).unwrap();
                }
            }
            for client in &clients {
                for step in 0..8 {
                    assert_eq!(next(client).0, (round * 8 + step).to_ne_bytes(), "{way}");
                }
            }
        }
        server.stop().unwrap();
    }
}

#[test]
fn sockets_go_to_the_queue_with_the_least_load_and_the_skew_is_told() {
    if cfg!(windows) {
        return eprintln!("skipped: Windows does not spread peers over sockets that share a port");
    }
    for way in queued() {
        let server = way.server().queues(4).start(|datagram| datagram.reply()).unwrap();
        let handle = server.handle();
        let sockets: Vec<_> = handle.counters().queues.iter().map(|queue| queue.sockets).collect();
        assert_eq!(sockets, [1, 1, 1, 1], "{way}");
        assert_eq!(handle.counters().skew(), 1.0, "{way}: nothing came yet");
        let clients: Vec<_> = (0..64).map(|_| client()).collect();
        for client in &clients {
            client.send_to(b"x", server.local_addr()).unwrap();
            assert_eq!(next(client), (b"x".to_vec(), server.local_addr()), "{way}");
        }
        // One peer more than all others together: its queue has more to do, whichever that is.
        for _ in 0..200 {
            clients[0].send_to(b"y", server.local_addr()).unwrap();
            next(&clients[0]);
        }
        let counters = server.stop().unwrap().counters;
        assert_eq!(counters.total.datagrams, 264, "{way}");
        let mut completions: Vec<_> = counters.queues.iter().map(|queue| queue.completions).collect();
        completions.sort_unstable();
        // That one of four gets none of 64 peers happens once in 25 million times.
        assert!(completions[0] > 0 && completions[3] >= 200, "{way}: {completions:?}");
        let sum: u64 = completions.iter().sum();
        assert!(sum >= 264, "{way}");
        assert!((counters.skew() - completions[3] as f64 * 4.0 / sum as f64).abs() < 1e-9, "{way}");
        assert!(counters.skew() > 2.0, "{way}: {}", counters.skew());
    }
}

#[test]
fn what_only_queues_have_is_refused_where_there_are_none() {
    for design in [Design::Event, Design::Port, Design::Blocking, Design::ShardedEvent] {
        if !is_offered(&design) {
            continue;
        }
        let refused = UdpServer::bind("127.0.0.1:0").unwrap().design(design).queues(2).start(|_| ());
        assert!(matches!(refused, Err(ServerError::Option { option: "queues", .. })), "{design}");
    }
    let one = UdpServer::bind("127.0.0.1:0").unwrap().design(Design::RegisteredPort1).threads(2);
    assert!(one.start(|_| ()).unwrap_err().to_string().contains("choose registered-port"));
}

#[test]
fn a_thread_that_blocks_lets_another_one_go_on() {
    for way in threaded() {
        for declared in [true, false] {
            let meet = Arc::new(Barrier::new(2));
            let meeting = Arc::clone(&meet);
            // One may run at a time, so the two can only meet when the first no longer counts. A batch of one, so that
            // nobody waits for a datagram in his own hands.
            let server = way.server().threads(3).concurrency(1).max_results(1).threshold(1);
            let server = server.start(move |datagram| {
                if declared {
                    datagram.blocking(|| meeting.wait());
                } else {
                    meeting.wait();
                }
                datagram.reply();
            });
            let server = server.unwrap();
            let clients = [client(), client()];
            for _ in 0..5 {
                for client in &clients {
                    client.send_to(b"meet", server.local_addr()).unwrap();
                }
                clients.iter().for_each(|client| _ = next(client));
            }
            assert_eq!(server.stop().unwrap().counters.total.replies_sent, 10, "{way}, declared: {declared}");
        }
    }
}

#[test]
fn when_a_handler_panics_the_other_threads_handle_what_was_received() {
    for way in threaded() {
        let (enter, entered) = mpsc::channel();
        let (release, released) = mpsc::channel::<()>();
        let released = Mutex::new(released);
        // A batch of one, so that the datagrams behind the bomb are not in its hands.
        let server = way.bind(&lonely_port()).threads(4).concurrency(4).max_results(1).threshold(1);
        let server = server.start(move |datagram| {
            if datagram.payload() == b"boom" {
                enter.send(()).unwrap();
                let _ = released.lock().unwrap().recv();
                panic!("the bomb went off");
            }
            datagram.reply();
        });
        let server = server.unwrap();
        let address = server.local_addr();
        let client = client();
        client.send_to(b"boom", address).unwrap();
        entered.recv().unwrap();
        for round in 0..100u8 {
            client.send_to(&[round], address).unwrap();
        }
        drop(release);
        for round in 0..100u8 {
            // Several threads answer, in any order.
            assert_eq!(next(&client).0.len(), 1, "{way}: {round}");
        }
        assert!(matches!(server.join(), Err(ServerError::HandlerPanicked { .. })), "{way}");
        becomes_free(address);
    }
}

#[test]
fn with_little_to_do_few_threads_work() {
    if lacked_by_wine("order of the threads that wait on a completion port") {
        return;
    }
    for way in queued().filter(|way| way.design.to_string().starts_with("hybrid")) {
        // On a busy machine a thread that is interrupted leaves the rest to others: then it is tried again.
        until(&format!("{way}: few threads that do nearly all"), || {
            let server = way.server().threads(8).concurrency(8).start(|datagram| datagram.reply()).unwrap();
            let client = client();
            for round in 0..500u32 {
                client.send_to(&round.to_ne_bytes(), server.local_addr()).unwrap();
                next(&client);
            }
            let counters = server.stop().unwrap().counters;
            let mut shares: Vec<_> = (0..8).map(|thread| counters.share(thread)).collect();
            shares.sort_by(f64::total_cmp);
            (shares[6] + shares[7] >= 0.9).then_some(())
        });
    }
}
