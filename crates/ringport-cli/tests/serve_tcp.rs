//! The TCP echo and sink, under every design and backend, with clients of the standard library and the tool's own.
#![allow(clippy::unwrap_used, reason = "a failed helper is a failed test")]

mod common;

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};

use common::serving::Serving;
use common::{assert_wrong_usage, run, run_json, stderr};
use ringport_testing::{backends, offered};

const DESIGNS: [&str; 9] = [
    "polled",
    "event",
    "event-polled",
    "registered-port-1",
    "registered-port",
    "hybrid",
    "sharded-polled",
    "sharded-event",
    "sharded-event-polled",
];

#[test]
fn every_design_echoes_over_every_backend() {
    for backend in backends() {
        for design in offered(&DESIGNS) {
            let server = Serving::start("tcp", &["--echo", "--design", design, "--backend", backend]);
            let target = format!("tcp://{}", server.address);
            let loads =
                [["--payload", "64", "--messages", "400"], ["--payload", "100000", "--messages", "40"]];
            for load in loads {
                let send = ["send", &target, "--echo", "--connections", "9", "--outstanding", "3", "--json"];
                let figures = run_json(&[&send[..], &load].concat());
                let (sent, echo) = (&figures["messages_sent"], &figures["echo"]);
                assert_eq!(
                    (&echo["answered"], &echo["foreign"]),
                    (sent, &0.into()),
                    "{design}, {backend}: {figures}"
                );
                assert_eq!(figures["connections"]["held"], 9, "{design}, {backend}: {figures}");
            }
            let report = server.stop();
            assert_eq!(
                (&report["design"], &report["backend"]),
                (&design.into(), &backend.into()),
                "{report}"
            );
            let bytes = 400 * 64 + 40 * 100_000;
            assert_eq!(
                ["bytes_received", "bytes_sent"].map(|it| report[it].as_u64()),
                [Some(bytes); 2],
                "{report}"
            );
            assert_eq!(report["connections"]["accepted"], 18, "{design}, {backend}: {report}");
        }
    }
}

#[test]
fn what_came_before_the_end_of_the_stream_is_answered_before_its_own() {
    let server = Serving::start("tcp", &["--echo"]);
    let mut client = TcpStream::connect(&server.address).unwrap();
    client.write_all(b"last words").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).unwrap();
    assert_eq!(answer, "last words");
    assert_eq!(server.stop()["connections"]["ended_by_peer"], 1);
}

#[test]
fn a_sink_counts_and_does_not_answer() {
    let server = Serving::start("tcp", &["--sink"]);
    let mut client = TcpStream::connect(&server.address).unwrap();
    client.write_all(&[7; 100_000]).unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(client.read(&mut [0; 64]).unwrap(), 0, "no answer but the end");
    let report = server.stop();
    assert_eq!((&report["bytes_received"], &report["bytes_sent"]), (&100_000.into(), &0.into()), "{report}");
}

#[test]
fn one_connection_more_than_allowed_is_refused_and_counted() {
    let server = Serving::start("tcp", &["--echo", "--max-connections", "2"]);
    let mut clients: Vec<TcpStream> = (0..2).map(|_| TcpStream::connect(&server.address).unwrap()).collect();
    let mut echo = |client: &mut TcpStream| {
        client.write_all(b"x").unwrap();
        client.read_exact(&mut [0]).unwrap();
    };
    clients.iter_mut().for_each(&mut echo);
    let mut third = TcpStream::connect(&server.address).unwrap();
    // Refused is closed in order or reset, whichever the kernel makes of it.
    assert!(!matches!(third.read(&mut [0]), Ok(1..)), "not served");
    clients.iter_mut().for_each(&mut echo);
    drop(clients);
    let report = server.stop();
    assert_eq!(
        (&report["connections"]["refused_full"], &report["connections"]["most_open"]),
        (&1.into(), &2.into())
    );
}

#[test]
fn an_address_in_use_is_a_failure_with_a_sentence() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = run(&["serve", "tcp", &address, "--echo"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains(&address), "{}", stderr(&output));
}

#[test]
fn what_streams_do_not_have_is_refused() {
    let serve = ["serve", "tcp", "127.0.0.1:0", "--echo"];
    for (more, words) in [
        (&["--design", "blocking"][..], &["event-polled"][..]),
        (&["--design", "port-batched"], &["port-batched is for datagrams", "hybrid"]),
        (&["--socket-buffer", "1M"], &["--socket-buffer"]),
        (&["--pending", "4"], &["--pending"]),
        (&["--max-results", "4"], &["--max-results"]),
        (&["--design", "hybrid", "--queues", "2"], &["--queues"]),
        (&["--design", "hybrid", "--ordered"], &["--ordered"]),
    ] {
        assert_wrong_usage(&[&serve[..], more].concat(), words);
    }
    assert_wrong_usage(&["serve", "udp", "127.0.0.1:0", "--echo", "--max-connections", "4"], &["is for TCP"]);
}
