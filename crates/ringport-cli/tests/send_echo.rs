//! Round trips of the generator, with peers that lose, repeat, swap and stay silent on purpose.
#![allow(clippy::unwrap_used, reason = "a failed helper is a failed test")]

mod common;

use std::net::UdpSocket;
use std::time::{Duration, Instant};

use common::{Peer, run, run_json, send_echo, stderr};

#[test]
fn every_echo_is_counted_once_and_timed() {
    let peer = Peer::echo();
    for sender in ["plain", "batched", "gso"] {
        let figures = run_json(&[
            "send",
            &peer.target(),
            "--echo",
            "--datagrams",
            "500",
            "--outstanding",
            "8",
            "--sender",
            sender,
            "--timeout",
            "10s",
            "--json",
        ]);
        assert_eq!(figures["datagrams_sent"], 500, "{sender}");
        let echo = &figures["echo"];
        assert_eq!((&echo["answered"], &echo["lost"]), (&500.into(), &0.into()), "{sender}: {echo}");
        assert_eq!((&echo["duplicates"], &echo["reordered"]), (&0.into(), &0.into()), "{sender}");
        let trip = &echo["round_trip_us"];
        assert_eq!(trip["count"], 500);
        assert!(trip["min"].as_f64() > Some(0.0) && trip["p50"].as_f64() <= trip["p99"].as_f64(), "{trip}");
    }
}

#[test]
fn loss_is_counted() {
    let peer = Peer::start(|number, bytes| if number % 10 == 3 { vec![] } else { vec![bytes.to_vec()] });
    let target = peer.target();
    // In the closed loop every loss holds a place until its time-out; under a rate only the last wait counts.
    let loops: [&[&str]; 2] =
        [&["--outstanding", "4", "--timeout", "1s"], &["--rate", "20k/s", "--timeout", "2s"]];
    for kind in loops {
        // Small, so that all fit the peer's socket when it gets no processor for a while.
        let mut arguments =
            vec!["send", &target, "--echo", "--datagrams", "100", "--payload", "64", "--json"];
        arguments.extend(kind);
        let peer_loses = run_json(&arguments);
        assert_eq!(peer_loses["echo"]["lost"], 10, "{kind:?}");
        assert_eq!(peer_loses["echo"]["answered"], 90, "{kind:?}");
        assert_eq!(peer_loses["echo"]["lost_ratio"], 0.1, "{kind:?}");
    }
}

#[test]
fn duplicates_are_counted_and_do_not_hide_loss() {
    let peer = Peer::start(|number, bytes| match number % 5 {
        0 => vec![bytes.to_vec(), bytes.to_vec(), bytes.to_vec()],
        1 => vec![],
        _ => vec![bytes.to_vec()],
    });
    let figures = run_json(&[
        "send",
        &peer.target(),
        "--echo",
        "--datagrams",
        "50",
        "--rate",
        "2k/s",
        "--timeout",
        "2s",
        "--json",
    ]);
    let echo = &figures["echo"];
    assert_eq!(echo["duplicates"], 20, "{echo}");
    assert_eq!(echo["lost"], 10, "{echo}");
    assert_eq!(echo["received"], 60, "{echo}");
}

#[test]
fn swapped_neighbours_are_counted() {
    let mut kept: Option<Vec<u8>> = None;
    let peer = Peer::start(move |_, bytes| match kept.take() {
        None => {
            kept = Some(bytes.to_vec());
            vec![]
        }
        Some(before) => vec![bytes.to_vec(), before],
    });
    let figures =
        send_echo(&peer.target(), &["--datagrams", "100", "--outstanding", "2", "--timeout", "10s"]);
    assert_eq!(figures["echo"]["reordered"], 50, "{}", figures["echo"]);
    assert_eq!(figures["echo"]["lost"], 0);
}

#[test]
fn answers_that_are_not_ours_are_foreign() {
    let peer = Peer::start(|_, bytes| vec![b"hello".to_vec(), bytes.to_vec()]);
    let figures = send_echo(&peer.target(), &["--datagrams", "20", "--timeout", "10s"]);
    assert_eq!((&figures["echo"]["foreign"], &figures["echo"]["lost"]), (&20.into(), &0.into()));
}

#[test]
fn short_payloads_carry_what_fits_and_say_what_is_missing() {
    let peer = Peer::echo();
    for (payload, counted, timed) in
        [("0", false, false), ("11", false, false), ("12", true, false), ("24", true, true)]
    {
        let more = ["--datagrams", "50", "--payload", payload, "--timeout", "10s"];
        let figures = send_echo(&peer.target(), &more);
        let echo = &figures["echo"];
        assert_eq!((&echo["answered"], &echo["lost"]), (&50.into(), &0.into()), "payload {payload}");
        assert_eq!(echo["duplicates"].is_u64(), counted, "payload {payload}");
        assert_eq!(echo["round_trip_us"].is_object(), timed, "payload {payload}");
        assert_eq!(figures["not_measured"].as_array().unwrap().is_empty(), timed, "payload {payload}");
    }
}

#[test]
fn a_stall_of_the_server_is_charged_to_all_who_waited_for_it() {
    let hold = Duration::from_millis(50);
    let peer = Peer::start(move |number, bytes| {
        let start = Instant::now();
        while number == 0 && start.elapsed() < hold {
            std::hint::spin_loop();
        }
        vec![bytes.to_vec()]
    });
    let figures = run_json(&[
        "send",
        &peer.target(),
        "--echo",
        "--outstanding",
        "1",
        "--rate",
        "1k/s",
        "--datagrams",
        "100",
        "--json",
    ]);
    // Fifty were due while the first was held; the tenth of them was due 40 ms before its turn came. Counted from
    // the sending, all but the first would look quick.
    assert_eq!(figures["echo"]["round_trip_from"], "scheduled");
    assert!(figures["echo"]["round_trip_us"]["p90"].as_f64() > Some(30_000.0), "{figures}");
}

#[test]
fn over_ipv6() {
    let peer = Peer::start_at("[::1]:0", |_, bytes| vec![bytes.to_vec()]);
    let figures = send_echo(&peer.target(), &["--datagrams", "20", "--timeout", "10s"]);
    assert_eq!(figures["echo"]["lost"], 0);
}

#[test]
fn echoes_that_never_come_are_a_failure() {
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let target = silent.local_addr().unwrap().to_string();
    let output = run(&["send", &target, "--echo", "--datagrams", "2", "--timeout", "20ms", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("no answer came"), "{}", stderr(&output));
    let figures: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(figures["echo"]["lost"], 2, "the figures are printed all the same");
}
