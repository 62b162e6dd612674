//! The echo and the sink, under every design and backend, with strangers as clients.
#![allow(clippy::unwrap_used, reason = "a failed helper is a failed test")]

mod common;

use std::net::UdpSocket;
use std::time::Duration;

use common::serving::Serving;
use common::{run, run_json, stderr};
use ringport_testing::{backends, offered};
use serde_json::Value;

const DESIGNS: [&str; 8] = [
    "blocking",
    "polled",
    "event",
    "event-polled",
    "sharded-blocking",
    "sharded-polled",
    "sharded-event",
    "sharded-event-polled",
];

#[test]
fn every_design_echoes_over_every_backend() {
    for backend in backends() {
        for design in offered(&DESIGNS) {
            let server = Serving::start("udp", &["--echo", "--design", design, "--backend", backend]);
            let figures = run_json(&[
                "send",
                &server.address,
                "--echo",
                "--datagrams",
                "200",
                "--outstanding",
                "8",
                "--flows",
                "4",
                "--timeout",
                "20s",
                "--json",
            ]);
            assert_eq!(figures["echo"]["answered"], 200, "{design} over {backend}: {figures}");
            assert_eq!(figures["echo"]["foreign"], 0, "{design} over {backend}: {figures}");
            let report = server.stop();
            assert_eq!(report["design"], design);
            assert_eq!(report["total"]["datagrams"], 200, "{design} over {backend}: {report}");
            let registered = !design.contains("blocking");
            assert_eq!(
                report["backend"],
                if registered { Value::from(backend) } else { Value::Null },
                "{report}"
            );
        }
    }
}

#[test]
fn a_sink_counts_and_does_not_answer() {
    let server = Serving::start("udp", &["--sink"]);
    let client = UdpSocket::bind("127.0.0.1:0").unwrap();
    client.connect(&server.address).unwrap();
    for _ in 0..10 {
        client.send(b"into the sink").unwrap();
    }
    // An orderly stop handles what was received before it.
    let report = server.stop();
    assert_eq!(
        (&report["total"]["datagrams"], &report["total"]["bytes"]),
        (&10.into(), &130.into()),
        "{report}"
    );
    client.set_nonblocking(true).unwrap();
    assert!(client.recv(&mut [0; 64]).is_err(), "no answer");
}

#[test]
fn empty_datagrams_come_back_empty_and_long_ones_do_not_come_back_cut() {
    let server = Serving::start("udp", &["--echo", "--slice-size", "512"]);
    let client = UdpSocket::bind("127.0.0.1:0").unwrap();
    client.connect(&server.address).unwrap();
    client.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let mut buffer = [0; 2048];
    client.send(&[]).unwrap();
    assert_eq!(client.recv(&mut buffer).unwrap(), 0);
    client.send(&[7; 1000]).unwrap();
    client.send(&[8; 512]).unwrap();
    assert_eq!(client.recv(&mut buffer).unwrap(), 512, "the long one is skipped, the next one is whole");
    assert_eq!(buffer[..512], [8; 512]);
    assert_eq!(server.stop()["total"]["truncated"], 1);
}

#[test]
fn an_address_in_use_is_a_failure_with_a_sentence() {
    let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = run(&["serve", "udp", &address, "--echo"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains(&address), "{}", stderr(&output));
}

#[test]
fn an_unknown_host_is_a_failure_with_a_sentence() {
    let output = run(&["serve", "udp", "no-such-host.invalid:9000", "--echo"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("no-such-host.invalid"), "{}", stderr(&output));
}

#[test]
fn several_addresses_are_served_by_one_server() {
    let server = Serving::start("udp", &["127.0.0.1:0", "127.0.0.1:0", "--echo", "--design", "event"]);
    let addresses: Vec<_> =
        server.listening["addresses"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    assert_eq!((addresses.len(), addresses[0]), (3, &server.address[..]), "{}", server.listening);
    let also: Vec<_> =
        addresses[1..].iter().map(|address| address.rsplit_once(':').unwrap().1.to_owned()).collect();
    let figures = run_json(&[
        "send",
        &server.address,
        "--also-ports",
        &also.join(","),
        "--echo",
        "--datagrams",
        "300",
        "--outstanding",
        "6",
        "--timeout",
        "20s",
        "--json",
    ]);
    assert_eq!((&figures["echo"]["answered"], &figures["flows"]), (&300.into(), &3.into()), "{figures}");
    let report = server.stop();
    assert_eq!(report["addresses"].as_array().map(Vec::len), Some(3), "{report}");
    assert_eq!(report["total"]["datagrams"], 300, "{report}");
}
