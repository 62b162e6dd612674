//! The load generator against peers that lose, repeat, swap and stay silent on purpose.

mod common;

use std::net::UdpSocket;
use std::process::Stdio;
use std::time::{Duration, Instant};

use common::{Peer, finish, ringport, run, run_json, stderr, stdout};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

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
        [&["--outstanding", "4", "--timeout", "300ms"], &["--rate", "20k/s", "--timeout", "2s"]];
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
        run_json(&["send", &peer.target(), "--echo", "--datagrams", "100", "--outstanding", "2", "--json"]);
    assert_eq!(figures["echo"]["reordered"], 50, "{}", figures["echo"]);
    assert_eq!(figures["echo"]["lost"], 0);
}

#[test]
fn answers_that_are_not_ours_are_foreign() {
    let peer = Peer::start(|_, bytes| vec![b"hello".to_vec(), bytes.to_vec()]);
    let figures = run_json(&["send", &peer.target(), "--echo", "--datagrams", "20", "--json"]);
    assert_eq!((&figures["echo"]["foreign"], &figures["echo"]["lost"]), (&20.into(), &0.into()));
}

#[test]
fn short_payloads_carry_what_fits_and_say_what_is_missing() {
    let peer = Peer::echo();
    for (payload, counted, timed) in
        [("0", false, false), ("11", false, false), ("12", true, false), ("24", true, true)]
    {
        let figures = run_json(&[
            "send",
            &peer.target(),
            "--echo",
            "--datagrams",
            "50",
            "--payload",
            payload,
            "--json",
        ]);
        let echo = &figures["echo"];
        assert_eq!((&echo["answered"], &echo["lost"]), (&50.into(), &0.into()), "payload {payload}");
        assert_eq!(echo["duplicates"].is_u64(), counted, "payload {payload}");
        assert_eq!(echo["round_trip_us"].is_object(), timed, "payload {payload}");
        assert_eq!(figures["not_measured"].as_array().unwrap().is_empty(), timed, "payload {payload}");
    }
}

#[test]
fn a_rate_keeps_its_schedule() {
    let sink = UdpSocket::bind("127.0.0.1:0").unwrap();
    let target = sink.local_addr().unwrap().to_string();
    let figures = run_json(&["send", &target, "--rate", "10k/s", "--datagrams", "2000", "--json"]);
    // Never faster than asked: the last of 2,000 datagrams is due after 199.9 ms. How much slower is the machine's
    // affair and not asserted.
    assert!(figures["seconds"].as_f64().unwrap() >= 0.1999, "{figures}");
    assert_eq!(figures["rate_asked"], 10_000);
    assert_eq!(figures["datagrams_sent"], 2000);
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
fn a_duration_ends_the_run() {
    let sink = UdpSocket::bind("127.0.0.1:0").unwrap();
    let target = sink.local_addr().unwrap().to_string();
    let figures = run_json(&["send", &target, "--duration", "100ms", "--rate", "1k/s", "--json"]);
    let sent = figures["datagrams_sent"].as_u64().unwrap();
    assert!((1..=101).contains(&sent), "{sent}");
}

#[test]
fn each_flow_has_a_source_port_of_its_own() {
    let sink = UdpSocket::bind("127.0.0.1:0").unwrap();
    sink.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let target = sink.local_addr().unwrap().to_string();
    run_json(&["send", &target, "--flows", "3", "--datagrams", "30", "--payload", "16", "--json"]);
    let mut buffer = [0; 64];
    let ports: std::collections::HashSet<_> =
        (0..30).map(|_| sink.recv_from(&mut buffer).unwrap().1).collect();
    assert_eq!(ports.len(), 3);
}

#[test]
fn all_senders_send_the_same_datagrams() {
    for sender in ["plain", "batched", "gso"] {
        let sink = UdpSocket::bind("127.0.0.1:0").unwrap();
        sink.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let target = sink.local_addr().unwrap().to_string();
        run_json(&["send", &target, "--sender", sender, "--datagrams", "100", "--payload", "100", "--json"]);
        let mut buffer = [0; 4096];
        for sequence in 0..100u64 {
            assert_eq!(sink.recv(&mut buffer).unwrap(), 100, "{sender}");
            assert_eq!(buffer[4..12], sequence.to_le_bytes(), "{sender}: sequence number {sequence}");
        }
    }
}

#[test]
fn over_ipv6() {
    let peer = Peer::start_at("[::1]:0", |_, bytes| vec![bytes.to_vec()]);
    let figures = run_json(&["send", &peer.target(), "--echo", "--datagrams", "20", "--json"]);
    assert_eq!(figures["echo"]["lost"], 0);
}

#[test]
fn nobody_listening_is_told_and_survived() {
    let port = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let output = run(&["send", &port.to_string(), "--datagrams", "50"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains("nobody listens"), "{}", stderr(&output));
    assert!(stdout(&output).contains("50 datagrams"), "{}", stdout(&output));
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

#[test]
fn an_unknown_host_fails_with_a_sentence() {
    let output = run(&["send", "no-such-host.invalid:9000"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).contains("no address found for 'no-such-host.invalid:9000'"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn ctrl_c_ends_with_the_figures_so_far() {
    let sink = UdpSocket::bind("127.0.0.1:0").unwrap();
    sink.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let target = sink.local_addr().unwrap().to_string();
    let child = ringport(&["send", &target, "--rate", "1k/s", "--duration", "1000s", "--json"])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // The first datagram shows that the run, and so its watching for signals, has begun.
    sink.recv(&mut [0; 2048]).unwrap();
    kill(Pid::from_raw(child.id() as i32), Signal::SIGINT).unwrap();
    let (status, text) = finish(child);
    assert!(status.success());
    let figures: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(figures["interrupted"], true);
    assert!(figures["datagrams_sent"].as_u64() >= Some(1));
}

#[test]
fn a_refused_burst_is_told_once_and_sent_in_batches() {
    // Segments larger than the MTU are refused, which takes a network of one's own to arrange.
    let tool = env!("CARGO_BIN_EXE_ringport");
    let script = format!(
        "ip link set lo mtu 1500 up || exit 77; \
         exec {tool} send 127.0.0.1:9 --sender gso --payload 2000 --datagrams 1000 --flows 3 --json"
    );
    let output = match std::process::Command::new("unshare").args(["-rn", "sh", "-c", &script]).output() {
        Ok(output) if output.stdout.is_empty() && !stderr(&output).contains("error:") => {
            println!("skipped: no network namespace to be had here: {}", stderr(&output));
            return;
        }
        Err(error) => {
            println!("skipped: no unshare here: {error}");
            return;
        }
        Ok(output) => output,
    };
    let told = stderr(&output);
    assert_eq!(told.matches("UDP_SEGMENT").count(), 1, "{told}");
    let figures: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&figures["datagrams_sent"], &figures["sender"]), (&1000.into(), &"batched".into()));
}
