//! Each part, as short as can be: everything is measured or its absence told, and the JSON says so.
#![allow(clippy::unwrap_used, reason = "a failed helper is a failed test")]

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

const ANYWHERE: [&str; 7] = [
    "hand-epoll-level",
    "hand-epoll-edge",
    "tokio",
    "ringport-queue",
    "ringport-queue-epoll",
    "ringport-server",
    "ringport-server-epoll",
];
const OVER_URING: [&str; 6] = [
    "hand-multishot-direct",
    "hand-multishot-entry",
    "hand-one-shot-direct",
    "hand-one-shot-entry",
    "ringport-queue-uring",
    "ringport-server-uring",
];

fn streams(arguments: &[&str]) -> io::Result<Output> {
    Command::new(env!("CARGO_BIN_EXE_ringport-streams")).args(arguments).output()
}

/// Runs a part quickly and returns what it printed and its document.
fn quick(name: &str, options: &[&str]) -> (String, Value) {
    let file: PathBuf = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("streams-{name}.json"));
    let words = ["--quick", "--rounds", "1", "--window", "10", "--warm-up", "1", "--json"];
    let output = streams(&[&words[..], &[file.to_str().unwrap()], options].concat()).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let document = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    (String::from_utf8(output.stdout).unwrap(), document)
}

fn expected() -> BTreeSet<&'static str> {
    let uring = ringport::backend::explain(ringport::BackendChoice::Uring).is_ok();
    ANYWHERE.into_iter().chain(OVER_URING.into_iter().filter(|_| uring)).collect()
}

fn list<'document>(document: &'document Value, part: &str, name: &str) -> &'document [Value] {
    document[part][name].as_array().unwrap()
}

#[test]
fn every_server_is_measured_under_every_load() {
    let (text, document) =
        quick("echo", &["--part", "echo", "--connections", "1,20", "--bytes", "64,20000", "--slice", "4096"]);
    assert!(text.contains("20 x 64 B") && text.contains("1 x 20000 B"), "{text}");
    for (connections, bytes) in [(1, 64), (20, 64), (1, 20_000), (20, 20_000)] {
        let of_load =
            |entry: &&Value| entry["load"]["connections"] == connections && entry["load"]["bytes"] == bytes;
        for name in ["results", "figures"] {
            let entries = list(&document, "echo", name).iter().filter(of_load);
            let names: BTreeSet<_> = entries.map(|entry| entry["candidate"].as_str().unwrap()).collect();
            assert!(names.is_superset(&expected()), "{name}, {connections} x {bytes}: {names:?}");
        }
    }
    // The library's six candidates under four loads, none of them many small messages.
    let uring = expected().contains("ringport-queue-uring");
    let verdicts = list(&document, "echo", "verdicts");
    assert_eq!(verdicts.len(), if uring { 24 } else { 16 });
    assert!(verdicts.iter().all(|verdict| verdict["kind"] == "cost-over-peer"));
    for result in list(&document, "echo", "results") {
        let number = |name: &str| result[name].as_f64().unwrap();
        assert!(number("messages") >= result["load"]["connections"].as_f64().unwrap(), "{result}");
        assert!(number("cpu_ns_per_message") > 0.0 && number("rate_per_s") > 0.0, "{result}");
        assert!(number("p50_us") > 0.0 && number("p50_us") <= number("p99_us"), "{result}");
    }
}

#[test]
fn slices_that_run_out_stop_nobody() {
    // Two slices for 40 connections: most receives end without one and are begun again.
    let options = ["--part", "echo", "--connections", "40", "--bytes", "16384", "--slices", "2"];
    let (_, document) = quick("few-slices", &options);
    let named = list(&document, "echo", "results").iter().map(|entry| entry["candidate"].as_str().unwrap());
    assert!(named.collect::<BTreeSet<_>>().is_superset(&expected()));
}

#[test]
fn idle_connections_are_held_and_let_go() {
    let (text, document) = quick("hold", &["--part", "hold", "--hold", "50", "--idle", "1"]);
    assert!(text.contains("hold: 50 connections"), "{text}");
    let held = document["hold"].as_array().unwrap();
    assert!(held.iter().any(|held| held["candidate"] == "tokio"));
    for held in held {
        let descriptors = |when: &str| held[when]["descriptors"].as_u64().unwrap();
        assert_eq!(descriptors("held"), descriptors("before") + 50, "{held}");
        assert_eq!(descriptors("closed"), descriptors("before"), "{held}");
        assert!(held["held"]["pss_kib"].as_u64() > Some(0), "{held}");
        assert!(held["idle_cpu_ms"].as_f64().unwrap() >= 0.0, "{held}");
        // Only the library's server sets memory aside, and says how much.
        let reserves = held["candidate"] == "ringport-server";
        assert_eq!(held["reserved_bytes_per_connection"].as_f64() > Some(0.0), reserves, "{held}");
        assert_eq!(held["meets"].is_boolean(), reserves, "{held}");
    }
}

#[test]
fn redis_is_measured_or_its_absence_told() {
    let (_, document) = quick("redis", &["--part", "redis", "--requests", "1000"]);
    let notes: Vec<_> =
        document["notes"].as_array().unwrap().iter().map(|note| note.as_str().unwrap()).collect();
    let missing =
        |name: &str| notes.iter().any(|note| note.starts_with(&format!("{name} was not measured: ")));
    let figures = list(&document, "redis", "figures");
    for name in ["redis-server", "ringport key-value"] {
        let measured = figures.iter().filter(|figure| figure["server"] == name).count();
        let absent = missing(name) || missing("redis");
        assert_eq!(measured, if absent { 0 } else { 4 }, "{name}: {notes:?}");
    }
}

#[test]
fn a_program_that_does_not_speak_the_protocol_is_told() {
    if Command::new("redis-benchmark").arg("--version").output().is_err() {
        eprintln!("skipped: redis-benchmark is not installed");
        return;
    }
    let output = streams(&["--quick", "--part", "redis", "--key-value", "/bin/true"]).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("ended at once"));
}

#[test]
fn what_cannot_be_done_is_refused() {
    for refused in [
        ["--rounds", "0"],
        ["--only", "nothing"],
        ["--slices", "3"],
        ["--connections", "0"],
        ["--hold", "0"],
        ["--part", "pigeon"],
    ] {
        assert_eq!(streams(&refused).unwrap().status.code(), Some(2), "{refused:?}");
    }
}
