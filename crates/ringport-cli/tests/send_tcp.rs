//! The load generator over TCP, against servers of the standard library that do well and that do badly.
#![allow(clippy::unwrap_used, reason = "a failed helper is a failed test")]

mod common;

use std::io::{Read, Write};
use std::net::TcpListener;
#[cfg(target_os = "linux")]
use std::net::TcpStream;
use std::time::{Duration, Instant};

use common::streams::{StreamPeer, echo};
use common::{assert_wrong_usage, run, run_json, send_echo as echoed, stderr, stdout};
use serde_json::Value;

#[test]
fn every_message_comes_back_on_its_connection_and_is_timed() {
    let peer = StreamPeer::echo();
    for (payload, outstanding) in [("1", "3"), ("24", "1"), ("64", "16"), ("200000", "2")] {
        let more =
            ["--connections", "5", "--messages", "203", "--payload", payload, "--outstanding", outstanding];
        let figures = echoed(&peer.target(), &more);
        assert_eq!(figures["messages_sent"], 203, "{payload}: {figures}");
        let (echo, connections) = (&figures["echo"], &figures["connections"]);
        assert_eq!((&echo["answered"], &echo["lost"], &echo["foreign"]), (&203.into(), &0.into(), &0.into()));
        assert_eq!(["asked", "opened", "held"].map(|it| connections[it].as_u64()), [Some(5); 3], "{figures}");
        let trip = &echo["round_trip_us"];
        assert_eq!((&trip["count"], &echo["round_trip_from"]), (&203.into(), &"sent".into()));
        assert!(trip["min"].as_f64() > Some(0.0) && trip["p50"].as_f64() <= trip["p99"].as_f64(), "{trip}");
    }
}

#[test]
fn people_read_of_messages_and_connections() {
    let peer = StreamPeer::echo();
    let output = run(&["send", &peer.target(), "--echo", "--connections", "3", "--messages", "30"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let text = stdout(&output);
    for words in ["30 messages of 1,024 bytes", "3 connections", "30 answered", "lost 0", "p99.9"] {
        assert!(text.contains(words), "'{words}' is missing in {text}");
    }
    assert!(!text.contains("datagram") && !text.contains("reordered"), "{text}");
}

#[test]
fn a_stream_without_answers_carries_what_the_header_says() {
    let listener = TcpListener::bind("[::1]:0").unwrap();
    let target = format!("tcp://{}", listener.local_addr().unwrap());
    let reader = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        listener.accept().unwrap().0.read_to_end(&mut bytes).unwrap();
        bytes
    });
    let figures = run_json(&["send", &target, "--messages", "1000", "--payload", "100", "--json"]);
    assert_eq!((&figures["messages_sent"], &figures["echo"]), (&1000.into(), &Value::Null));
    let bytes = reader.join().unwrap();
    assert_eq!(bytes.len(), 100_000);
    for (message, sequence) in bytes.chunks(100).zip(0u64..) {
        assert_eq!(message[4..12], sequence.to_le_bytes());
        assert!(message[24..].iter().all(|byte| *byte == 0));
    }
}

#[test]
fn a_rate_keeps_its_schedule() {
    let peer = StreamPeer::echo();
    let more = ["--rate", "10k/s", "--messages", "2000", "--connections", "7", "--payload", "64"];
    let figures = echoed(&peer.target(), &more);
    // Never faster than asked: the last of 2,000 messages is due after 199.9 ms.
    assert!(figures["seconds"].as_f64().unwrap() >= 0.1999, "{figures}");
    assert_eq!((&figures["echo"]["answered"], &figures["echo"]["lost"]), (&2000.into(), &0.into()));
}

#[test]
fn a_duration_ends_a_closed_loop() {
    let peer = StreamPeer::echo();
    let figures = echoed(&peer.target(), &["--duration", "500ms", "--connections", "4"]);
    assert!(figures["messages_sent"].as_u64() >= Some(4), "{figures}");
    assert_eq!(figures["echo"]["lost"], 0, "what was sent is waited for: {figures}");
}

#[test]
fn a_stall_of_the_server_is_charged_to_all_who_waited_for_it() {
    let hold = Duration::from_millis(100);
    // A hundred messages in 100 ms, in turn on two connections, of which one is held once, at its first message: the
    // tenth of its messages was due 80 ms before it was answered, whether the limit of unanswered ones let it out then
    // or not.
    for limit in [&[][..], &["--outstanding", "1"]] {
        let peer = StreamPeer::start(move |stream, number| {
            stream.peek(&mut [0]).unwrap();
            let start = Instant::now();
            while number == 0 && start.elapsed() < hold {
                std::hint::spin_loop();
            }
            echo(stream, usize::MAX);
        });
        let more = ["--connections", "2", "--rate", "1k/s", "--messages", "100", "--payload", "64"];
        let figures = echoed(&peer.target(), &[&more, limit].concat());
        let echo = &figures["echo"];
        assert_eq!((&echo["round_trip_from"], &echo["lost"]), (&"scheduled".into(), &0.into()));
        // Counted from the sending, with one outstanding, the held message alone would be slow: 1 of 100.
        assert!(echo["round_trip_us"]["p90"].as_f64() > Some(60_000.0), "{limit:?}: {figures}");
    }
}

#[test]
fn answers_that_are_not_what_was_sent_are_foreign() {
    let peer = StreamPeer::start(|mut stream, _| {
        let mut message = [0; 64];
        for number in 0.. {
            if stream.read_exact(&mut message).is_err() {
                return;
            }
            message[number % 64] ^= u8::from(number % 5 == 0);
            stream.write_all(&message).unwrap();
        }
    });
    let figures = echoed(&peer.target(), &["--messages", "100", "--payload", "64", "--outstanding", "4"]);
    assert_eq!((&figures["echo"]["answered"], &figures["echo"]["foreign"]), (&100.into(), &20.into()));
}

#[cfg(target_os = "linux")]
#[test]
fn ten_thousand_connections_are_held() {
    const CONNECTIONS: usize = 10_000;
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    if hard < CONNECTIONS as u64 + 100 {
        println!("skipped: this process may have {hard} open files");
        return;
    }
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = format!("tcp://{}", listener.local_addr().unwrap());
    // One thread, which answers each connection once all of them are there, in the order in which they came.
    let server = std::thread::spawn(move || {
        let mut streams: Vec<TcpStream> = listener.incoming().take(CONNECTIONS).map(Result::unwrap).collect();
        let mut message = [0; 16];
        for stream in &mut streams {
            stream.read_exact(&mut message).unwrap();
            stream.write_all(&message).unwrap();
        }
        streams
    });
    let more = ["--connections", "10k", "--messages", "10k", "--payload", "16", "--timeout", "60s"];
    let figures = echoed(&target, &more);
    assert_eq!(server.join().unwrap().len(), CONNECTIONS);
    assert_eq!(figures["echo"]["answered"], CONNECTIONS, "{figures}");
    assert_eq!(figures["connections"]["held"], CONNECTIONS, "{figures}");
}

#[test]
fn options_of_the_other_protocol_are_refused() {
    let tcp = "tcp://127.0.0.1:9";
    for (arguments, words) in [
        (&["send", tcp, "--flows", "2"][..], &["--flows", "--connections"][..]),
        (&["send", tcp, "--sender", "gso"], &["--sender"]),
        (&["send", tcp, "--burst", "4"], &["--burst"]),
        (&["send", tcp, "--payload", "0"], &["at least 1 byte"]),
        (&["send", tcp, "--outstanding", "4"], &["--echo"]),
        (&["send", "udp://127.0.0.1:9", "--connections", "2"], &["--connections", "--flows"]),
        (&["send", "127.0.0.1:9", "--timeout", "1s"], &["--timeout", "--echo"]),
        (&["send", "http://127.0.0.1:9"], &["no protocol 'http'"]),
        (&["send", tcp, "--connections", "100k"], &["from 1 to 60000"]),
    ] {
        assert_wrong_usage(arguments, words);
    }
}
