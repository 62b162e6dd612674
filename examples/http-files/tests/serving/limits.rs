//! Bounds: of time, of connections, of what a peer that does not read can hold.

use std::fs;
use std::io::{Read, Write};
use std::time::Duration;

use ringport_testing::timed_out;

use crate::rig::{Client, Served, on_each_backend, pattern};

on_each_backend!(
    a_slow_head_is_answered_with_408,
    bytes_that_trickle_win_no_time,
    a_silent_connection_is_closed,
    an_idle_connection_is_closed,
    those_above_the_most_connections_wait,
    a_peer_that_does_not_read_is_not_read_from,
    a_peer_that_never_reads_is_dropped,
    a_file_that_shrinks_ends_its_connection_only,
    a_server_out_of_descriptors_serves_again,
);

fn a_slow_head_is_answered_with_408(backend: &str) {
    let served = Served::start(backend, &["--head-time", "200ms"]);
    let mut client = served.client();
    client.send("GET / HTTP/1.1\r\nHos");
    let answer = client.answer(false);
    assert_eq!((answer.status, answer.field("connection")), (408, Some("close")));
    client.assert_end();
}

fn bytes_that_trickle_win_no_time(backend: &str) {
    let served = Served::start(backend, &["--head-time", "200ms"]);
    let mut client = served.client();
    client.stream.get_ref().set_read_timeout(Some(Duration::from_millis(20))).unwrap();
    // A byte of an endless head, again and again, till the server has had enough.
    let mut first = [0; 12];
    let length = loop {
        let _ = client.stream.get_mut().write_all(b"a");
        match client.stream.get_mut().read(&mut first) {
            Ok(length) => break length,
            Err(error) => assert!(timed_out(error.kind()), "{error}"),
        }
    };
    assert_eq!(first.get(..length), Some(&b"HTTP/1.1 408"[..]));
}

fn a_silent_connection_is_closed(backend: &str) {
    let served = Served::start(backend, &["--head-time", "200ms"]);
    served.client().assert_end();
}

fn an_idle_connection_is_closed(backend: &str) {
    let served = Served::start(backend, &["--idle-time", "200ms"]);
    let mut client = served.client();
    client.ask("GET", "/", "");
    assert_eq!(client.answer(false).status, 200);
    client.assert_end();
}

fn those_above_the_most_connections_wait(backend: &str) {
    let served = Served::start(backend, &["--connections", "2"]);
    let mut clients = [served.client(), served.client()];
    for client in &mut clients {
        client.ask("GET", "/", "");
        assert_eq!(client.answer(false).status, 200);
    }
    let mut third = served.client();
    third.ask("GET", "/sub/", "");
    third.stream.get_ref().set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    let early = third.stream.get_mut().read(&mut [0; 1]);
    assert!(timed_out(early.unwrap_err().kind()), "there is no room for it");
    third.stream.get_ref().set_read_timeout(Some(crate::rig::PATIENCE)).unwrap();
    drop(clients);
    assert_eq!(third.answer(false).body, b"<h1>below</h1>");
}

fn a_peer_that_does_not_read_is_not_read_from(backend: &str) {
    // As long as the slowest machine takes: the test does not wait for it.
    let served = Served::start(backend, &["--stall-time", "5m"]);
    let mut client = served.client();
    client.stream.get_ref().set_write_timeout(Some(Duration::from_millis(500))).unwrap();
    let requests = b"GET /part.bin HTTP/1.1\r\nHost: a\r\n\r\n".repeat(64);
    // 35 bytes each, for 100,000 bytes back: were they read without end, this would go on for ever.
    let mut asked = 0;
    let stopped = loop {
        match client.stream.get_mut().write(&requests) {
            Ok(length) if length == requests.len() => asked += 64,
            Ok(_) => break None,
            Err(error) => break Some(error.kind()),
        }
        assert!(asked < 2_000_000, "it is read from without end");
    };
    assert!(stopped.is_none_or(timed_out), "{stopped:?}");
    // The others are served meanwhile, and so is this one once it reads.
    assert_eq!(served.get("/").status, 200);
    for _ in 0..200 {
        assert!(client.answer(false).body == pattern(100_000));
    }
}

fn a_peer_that_never_reads_is_dropped(backend: &str) {
    let served = Served::start(backend, &["--stall-time", "300ms", "--connections", "1"]);
    fs::write(served.site.join("large.bin"), pattern(30_000_000)).unwrap();
    let mut client = served.client();
    client.ask("GET", "/large.bin", "");
    // There is one slot: the other is served when the first has lost its own.
    assert_eq!(served.get("/").status, 200);
    assert_cut_short(&mut client);
}

/// Asserts that the connection is reset before 30,000,000 bytes have come.
fn assert_cut_short(client: &mut Client) {
    let mut got = Vec::new();
    let end = client.stream.read_to_end(&mut got);
    // Wine may tell an end where the connection was reset with bytes unread.
    let is_reset = end.is_err() || cfg!(windows);
    assert!(is_reset && got.len() < 30_000_000, "{end:?} after {} bytes", got.len());
}

fn a_file_that_shrinks_ends_its_connection_only(backend: &str) {
    let served = Served::start(backend, &[]);
    let path = served.site.join("large.bin");
    fs::write(&path, pattern(30_000_000)).unwrap();
    let mut client = served.client();
    client.ask("GET", "/large.bin", "");
    client.stream.read_exact(&mut [0; 1000]).unwrap();
    fs::File::options().write(true).open(&path).unwrap().set_len(1000).unwrap();
    assert_cut_short(&mut client);
    assert_eq!(served.get("/").status, 200);
}

fn a_server_out_of_descriptors_serves_again(backend: &str) {
    if cfg!(windows) {
        return println!("skipped: Windows has no limit of sockets but its memory");
    }
    let served = Served::start_with_descriptors(64, backend);
    // More than there are descriptors for; the system takes the rest, which wait.
    let mut clients: Vec<_> = (0..80).map(|_| served.client()).collect();
    for client in &mut clients {
        client.ask("GET", "/", "");
    }
    // The first was let in long before. There may be none for its file any more.
    let first = clients[0].answer(false);
    assert!(matches!(first.status, 200 | 503), "{}", first.status);
    drop(clients);
    // Those that left are noticed one after the other.
    while served.get("/").status != 200 {}
}
