//! One connection, many requests, however they are cut.

use std::io::{Read, Write};
use std::net::Shutdown;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::rig::{Served, on_each_backend, pattern};

on_each_backend!(
    a_connection_serves_many_requests,
    an_old_client_gets_one_answer,
    requests_sent_at_once_are_answered_in_order,
    a_client_that_has_sent_its_last_gets_its_answers,
    any_cutting_gives_the_same_answers,
    many_clients_are_served_at_a_time,
);

fn a_connection_serves_many_requests(backend: &str) {
    let served = Served::start(backend, &[]);
    let mut client = served.client();
    for _ in 0..50 {
        client.ask("GET", "/", "");
        let answer = client.answer(false);
        assert_eq!((answer.status, answer.field("connection")), (200, Some("keep-alive")));
        client.ask("GET", "/nowhere", "");
        assert_eq!(client.answer(false).status, 404);
    }
    client.ask("GET", "/", "Connection: close\r\n");
    assert_eq!(client.answer(false).field("connection"), Some("close"));
    client.assert_end();
}

fn an_old_client_gets_one_answer(backend: &str) {
    let served = Served::start(backend, &[]);
    let mut client = served.client();
    client.send("GET / HTTP/1.0\r\n\r\n");
    assert_eq!(client.answer(false).body, b"<h1>hello</h1>");
    client.assert_end();
}

fn requests_sent_at_once_are_answered_in_order(backend: &str) {
    let served = Served::start(backend, &[]);
    let mut client = served.client();
    let mut requests = String::new();
    for number in 0..100 {
        let end = number * 997;
        requests += &format!("GET /part.bin HTTP/1.1\r\nHost: a\r\nRange: bytes=0-{end}\r\n\r\n");
        requests += "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n";
    }
    let whole = pattern(100_000);
    std::thread::scope(|scope| {
        let mut stream = client.stream.get_ref().try_clone().unwrap();
        scope.spawn(move || stream.write_all(requests.as_bytes()).unwrap());
        for number in 0..100 {
            assert!(client.answer(false).body == whole[..=number * 997], "{number}");
            assert_eq!(client.answer(true).field("content-length"), Some("14"));
        }
    });
}

fn a_client_that_has_sent_its_last_gets_its_answers(backend: &str) {
    let served = Served::start(backend, &[]);
    let mut client = served.client();
    client.ask("GET", "/part.bin", "");
    client.ask("GET", "/", "");
    client.send("GET /half-a-requ");
    client.stream.get_ref().shutdown(Shutdown::Write).unwrap();
    assert!(client.answer(false).body == pattern(100_000));
    assert_eq!(client.answer(false).body, b"<h1>hello</h1>");
    client.assert_end();
}

/// All that comes back for these bytes, but for the time of day.
fn exchange(served: &Served, pieces: &[&[u8]]) -> String {
    let mut client = served.client();
    client.stream.get_ref().set_nodelay(true).unwrap();
    for piece in pieces {
        // The server may have ended it at a bad request.
        if client.stream.get_mut().write_all(piece).is_err() {
            break;
        }
    }
    let _ = client.stream.get_ref().shutdown(Shutdown::Write);
    let mut bytes = Vec::new();
    client.stream.read_to_end(&mut bytes).unwrap();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    text.lines().filter(|line| !line.starts_with("Date: ")).collect::<Vec<_>>().join("\n")
}

fn any_cutting_gives_the_same_answers(backend: &str) {
    let served = Served::start(backend, &[]);
    let request = prop::sample::select(vec![
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "HEAD /part.bin HTTP/1.1\r\nHost: a\r\n\r\n\r\n",
        "GET /part.bin HTTP/1.1\r\nHost: a\r\nRange: bytes=-9\r\n\r\n",
        "GET /../x HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /sub HTTP/1.1\nHost: a\n\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
        "nonsense\r\n\r\n",
    ]);
    let cuts = prop::collection::vec(any::<prop::sample::Index>(), 0..20);
    let runs = (prop::collection::vec(request, 1..8), cuts);
    let config = Config { cases: 40, failure_persistence: None, ..Config::default() };
    let checked = TestRunner::new(config).run(&runs, |(requests, cuts)| {
        let bytes = requests.concat();
        let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        places.extend([0, bytes.len()]);
        places.sort_unstable();
        let pieces: Vec<&[u8]> = places.windows(2).map(|pair| &bytes.as_bytes()[pair[0]..pair[1]]).collect();
        prop_assert_eq!(exchange(&served, &pieces), exchange(&served, &[bytes.as_bytes()]));
        Ok(())
    });
    checked.unwrap();
}

fn many_clients_are_served_at_a_time(backend: &str) {
    let served = Served::start(backend, &["--threads", "3"]);
    let whole = pattern(100_000);
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                let mut client = served.client();
                for _ in 0..20 {
                    client.ask("GET", "/part.bin", "");
                    assert!(client.answer(false).body == whole);
                }
            });
        }
    });
}
