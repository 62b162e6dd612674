//! Several threads share what is kept.

use std::thread;

use ringport_testing::offered;

use crate::rig::{Served, array, on_each_backend};

on_each_backend!(no_increment_is_lost, pairs_are_seen_as_a_whole);

const DESIGNS: [&str; 3] = ["sharded-event-polled", "registered-port", "hybrid"];

fn no_increment_is_lost(backend: &str) {
    for design in offered(&DESIGNS) {
        let server = Served::start(backend, &["--design", design, "--threads", "4"]);
        thread::scope(|scope| {
            for _ in 0..8 {
                let mut client = server.client();
                scope.spawn(move || {
                    client.send(array(&[b"INCR", b"count"]).repeat(500));
                    (0..500).for_each(|_| assert!(client.line().starts_with(':')));
                });
            }
        });
        server.client().ask("GET count", "$4\r\n4000\r\n");
    }
}

fn pairs_are_seen_as_a_whole(backend: &str) {
    for design in offered(&DESIGNS) {
        let server = Served::start(backend, &["--design", design, "--threads", "4"]);
        server.client().ask("MSET a 0 b 0", "+OK\r\n");
        thread::scope(|scope| {
            for writer in 1..4 {
                let mut client = server.client();
                scope.spawn(move || {
                    let value = writer.to_string();
                    (0..300).for_each(|_| client.ask(&format!("MSET a {value} b {value}"), "+OK\r\n"));
                });
            }
            let mut client = server.client();
            scope.spawn(move || {
                for _ in 0..300 {
                    client.send("MGET a b\r\n");
                    client.expect("*2\r\n");
                    assert_eq!(client.bulk(), client.bulk());
                }
            });
        });
    }
}
