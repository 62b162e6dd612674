//! The whole program, once, as short as can be: every candidate is measured and the JSON says so.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const BY_HAND: [&str; 7] = [
    "hand-blocking-1",
    "hand-blocking",
    "hand-port-one-shot",
    "hand-port-level",
    "hand-port-exclusive",
    "hand-port-batched",
    "until-empty",
];
const OVER_URING: [&str; 6] =
    ["shared-ring", "shared-ring-coop", "shared-ring-take-over", "leader-rings", "pump", "pump-hybrid"];
const OF_THE_LIBRARY: [&str; 6] = [
    "ringport-blocking-1",
    "ringport-blocking",
    "ringport-port",
    "ringport-port-batched",
    "ringport-registered-port",
    "ringport-hybrid",
];

fn designs(arguments: &[&str]) -> io::Result<Output> {
    Command::new(env!("CARGO_BIN_EXE_ringport-designs")).args(arguments).output()
}

#[test]
fn every_candidate_is_measured_or_its_absence_told() {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("quick.json");
    let options = ["--quick", "--rounds", "1", "--window", "5", "--warm-up", "1", "--threads", "4", "--json"];
    let output = designs(&[&options[..], &[file.to_str().unwrap()]].concat()).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("targets") && text.contains("flood from a GSO sender"), "{text}");

    let document: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(document["setting"]["threads"], 4);
    assert_eq!(document["setting"]["payload"], 1024);
    let list = |name: &str| document[name].as_array().unwrap().clone();
    let notes: Vec<String> = list("notes").iter().map(|note| note.as_str().unwrap().to_owned()).collect();
    let missing =
        |name: &str| notes.iter().any(|note| note.starts_with(&format!("{name} was not measured: ")));
    let measured: BTreeSet<_> = list("results")
        .iter()
        .map(|entry| {
            (entry["sender"].as_str().unwrap().to_owned(), entry["candidate"].as_str().unwrap().to_owned())
        })
        .collect();
    let uring = ringport::backend::explain(ringport::BackendChoice::Uring).is_ok();
    for sender in ["plain", "gso"] {
        let is_there = |name: &str| measured.contains(&(sender.to_owned(), name.to_owned()));
        for name in BY_HAND {
            assert!(is_there(name), "{name}, {sender}: {notes:?}");
        }
        for name in OVER_URING {
            assert_eq!((is_there(name), missing(name)), (uring, !uring), "{name}, {sender}: {notes:?}");
        }
        for name in OF_THE_LIBRARY {
            assert_ne!(is_there(name), missing(name), "{name}, {sender}: {notes:?}");
        }
        assert!(is_there("ringport-blocking") && is_there("ringport-blocking-1"));
    }
    for result in list("results") {
        let number = |name: &str| result[name].as_f64().unwrap();
        assert!(number("received") >= 1.0 && number("received") <= number("sent"), "{result}");
        assert!(number("cpu_ns_per_datagram") > 0.0 && number("rate_per_s") > 0.0, "{result}");
        assert!(number("share_of_two") > 0.0 && number("share_of_two") <= 1.0, "{result}");
    }
    // Four plain designs with two senders each, judged where they were measured.
    assert_eq!(list("verdicts").len(), 8);
    for verdict in list("verdicts") {
        let name = verdict["candidate"].as_str().unwrap();
        assert_eq!(verdict["meets"].is_null(), missing(name), "{verdict}");
    }
}

#[test]
fn only_what_was_asked_for_is_run() {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("only.json");
    let options = ["--quick", "--sender", "gso", "--only", "until-empty,hand-blocking", "--json"];
    let output = designs(&[&options[..], &[file.to_str().unwrap()]].concat()).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let document: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    let figures = document["figures"].as_array().unwrap();
    let named: Vec<_> = figures.iter().map(|figure| figure["candidate"].as_str().unwrap()).collect();
    assert_eq!(named, ["hand-blocking", "until-empty"]);
    assert!(figures.iter().all(|figure| figure["sender"] == "gso" && figure["rounds"] == 2));
}

#[test]
fn what_cannot_be_done_is_refused() {
    for refused in [["--threads", "0"], ["--only", "nothing"], ["--sender", "pigeon"], ["--payload", "9000"]]
    {
        assert_eq!(designs(&refused).unwrap().status.code(), Some(2), "{refused:?}");
    }
}
