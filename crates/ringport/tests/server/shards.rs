//! Threads: spread, names, processors.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::thread;

use ringport::{Design, UdpServer};

use crate::designs::is_offered;
use crate::ways::{client, next, ways};

#[test]
fn many_peers_are_spread_over_the_shards_and_each_stays_on_its_own() {
    for way in ways().into_iter().filter(|way| way.design.is_sharded()) {
        let homes: Arc<Mutex<HashMap<_, usize>>> = Arc::default();
        let record = Arc::clone(&homes);
        let server = way.server().threads(3);
        let server = server.start(move |datagram| {
            let thread = datagram.thread();
            let before = record.lock().unwrap().insert(datagram.peer(), thread);
            assert!(before.is_none_or(|before| before == thread), "a peer moved between threads");
            datagram.reply();
        });
        let server = server.unwrap();
        let clients: Vec<_> = (0..64).map(|_| client()).collect();
        for _ in 0..3 {
            for client in &clients {
                client.send_to(b"x", server.local_addr()).unwrap();
                assert_eq!(next(client), (b"x".to_vec(), server.local_addr()), "{way}");
            }
        }
        let counters = server.stop().unwrap().counters;
        assert_eq!(counters.total.datagrams, 192, "{way}");
        // That one of three gets none of 64 happens once in a hundred thousand million times.
        assert_eq!(counters.active_threads(), 3, "{way}");
        let shares: f64 = (0..3).map(|thread| counters.share(thread)).sum();
        assert!((shares - 1.0).abs() < 1e-9, "{way}: {shares}");
    }
}

#[test]
fn designs_have_a_thread_a_processor_two_or_one_by_default() {
    let processors = thread::available_parallelism().unwrap().get();
    for (design, expected) in [
        (Design::ShardedEvent, processors),
        (Design::ShardedBlocking, processors),
        (Design::Hybrid, 2 * processors),
        (Design::Port, 2 * processors),
        (Design::Port1, 1),
        (Design::Event, 1),
        (Design::Blocking, 1),
    ] {
        if !is_offered(&design) {
            continue;
        }
        let server = UdpServer::bind("127.0.0.1:0").unwrap().design(design).pending(8);
        let server = server.start(|datagram| datagram.reply()).unwrap();
        assert_eq!(server.stop().unwrap().counters.threads.len(), expected, "{design}");
    }
}

#[test]
fn handlers_of_each_thread_have_state_of_their_own() {
    for way in ways() {
        let server = way.server().start_with(|thread| {
            let mut number = 0u32;
            move |datagram: ringport::Datagram<'_>| {
                assert_eq!(datagram.thread(), thread);
                number += 1;
                datagram.reply_with(&number.to_ne_bytes()).unwrap();
            }
        });
        let server = server.unwrap();
        let client = client();
        let mut sum = 0;
        for _ in 0..50 {
            client.send_to(b"count", server.local_addr()).unwrap();
            sum += u32::from_ne_bytes(next(&client).0.try_into().unwrap());
        }
        let counters = server.stop().unwrap().counters;
        // Each thread counted on its own from 1.
        let expected: u64 = counters.threads.iter().map(|t| t.datagrams * (t.datagrams + 1) / 2).sum();
        assert_eq!(u64::from(sum), expected, "{way}");
    }
}
