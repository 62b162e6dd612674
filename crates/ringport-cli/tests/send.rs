//! What the load generator sends, how fast, and how it ends.

mod common;

use std::net::UdpSocket;
use std::process::Stdio;
use std::time::Duration;

use common::{finish, ringport, run, run_json, stderr, stdout};
use ringport_testing::interrupt;

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
fn a_duration_ends_the_run() {
    let sink = UdpSocket::bind("127.0.0.1:0").unwrap();
    let target = sink.local_addr().unwrap().to_string();
    let figures = run_json(&["send", &target, "--duration", "500ms", "--rate", "1k/s", "--json"]);
    let sent = figures["datagrams_sent"].as_u64().unwrap();
    assert!((1..=501).contains(&sent), "{sent}");
}

#[test]
fn each_flow_has_a_source_port_of_its_own() {
    let sink = UdpSocket::bind("127.0.0.1:0").unwrap();
    sink.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
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
        sink.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
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
fn nobody_listening_is_told_and_survived() {
    // It keeps its port, and is connected to itself, so it takes nothing from anybody else.
    let deaf = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = deaf.local_addr().unwrap();
    deaf.connect(address).unwrap();
    let output = run(&["send", &address.to_string(), "--datagrams", "50"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains("nobody listens"), "{}", stderr(&output));
    assert!(stdout(&output).contains("50 datagrams"), "{}", stdout(&output));
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
    sink.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let target = sink.local_addr().unwrap().to_string();
    let child = ringport(&["send", &target, "--rate", "1k/s", "--duration", "1000s", "--json"])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // The first datagram shows that the run, and so its watching for signals, has begun.
    sink.recv(&mut [0; 2048]).unwrap();
    interrupt(&child);
    let (status, text) = finish(child);
    assert!(status.success());
    let figures: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(figures["interrupted"], true);
    assert!(figures["datagrams_sent"].as_u64() >= Some(1));
}

#[cfg(target_os = "linux")]
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

#[test]
fn other_ports_get_their_part() {
    let sinks: Vec<_> = (0..3).map(|_| UdpSocket::bind("127.0.0.1:0").unwrap()).collect();
    let address = |sink: &UdpSocket| sink.local_addr().unwrap();
    let also = format!("{},{}", address(&sinks[1]).port(), address(&sinks[2]).port());
    let target = address(&sinks[0]).to_string();
    let figures =
        run_json(&["send", &target, "--also-ports", &also, "--flows", "4", "--datagrams", "60", "--json"]);
    // As many source ports for each, so more than asked for.
    assert_eq!(figures["flows"], 6);
    let mut buffer = [0; 2048];
    for sink in &sinks {
        sink.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let ports: std::collections::HashSet<_> =
            (0..20).map(|_| sink.recv_from(&mut buffer).unwrap().1).collect();
        assert_eq!(ports.len(), 2);
        sink.set_nonblocking(true).unwrap();
        assert!(sink.recv(&mut buffer).is_err(), "more than its part");
    }
}
