//! The whole program, once, as short as can be: every candidate is measured and the JSON says so.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn peers(arguments: &[&str]) -> io::Result<Output> {
    Command::new(env!("CARGO_BIN_EXE_ringport-peers")).args(arguments).output()
}

#[test]
fn every_candidate_is_measured_under_every_load() {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("quick.json");
    let options =
        ["--quick", "--rounds", "2", "--window", "5", "--warm-up", "1", "--budget", "1000", "--json"];
    let output = peers(&[&options[..], &[file.to_str().unwrap()]].concat()).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("Where ringport loses"), "{text}");

    let document: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(document["setting"]["rounds"], 2);
    assert_eq!(document["setting"]["payload"], 64);
    assert!(document["setting"]["tokio"].as_str().unwrap().starts_with("1."));

    // Where io_uring is refused, a note says so, and nothing else may be missing.
    let uring = ringport::backend::explain(ringport::BackendChoice::Uring).is_ok();
    let notes = document["notes"].as_array().unwrap().iter().map(|note| note.as_str().unwrap());
    assert_eq!(notes.filter(|note| note.contains("not measured")).count(), if uring { 0 } else { 2 });
    let expected: BTreeSet<_> = ["flood", "paced 100k/s", "paced 20k/s", "echo"]
        .into_iter()
        .flat_map(|load| candidates(load, uring).into_iter().map(move |candidate| (load, candidate)))
        .collect();
    let named = |list: &'static str| {
        let entries = document[list].as_array().unwrap().iter();
        entries.map(|entry| (entry["load"].as_str().unwrap(), entry["candidate"].as_str().unwrap()))
    };
    assert_eq!(named("results").collect::<BTreeSet<_>>(), expected);
    assert_eq!(named("results").count(), 2 * expected.len());
    assert_eq!(named("figures").collect::<BTreeSet<_>>(), expected);
    assert_eq!(named("figures").count(), expected.len());

    for result in document["results"].as_array().unwrap() {
        let number = |name: &str| result[name].as_f64().unwrap();
        assert!(number("received") >= 1.0 && number("received") <= number("sent"), "{result}");
        assert!(number("cpu_ns_per_datagram") > 0.0 && number("rate_per_s") > 0.0, "{result}");
    }
    for figure in document["figures"].as_array().unwrap() {
        let cpu = &figure["cpu_ns_per_datagram"];
        assert!(cpu["p25"].as_f64() <= cpu["median"].as_f64(), "{figure}");
        assert!(cpu["median"].as_f64() <= cpu["p75"].as_f64(), "{figure}");
        if figure["candidate"] == "tokio" {
            assert_eq!(figure["cpu_over_tokio"]["median"], 1.0);
        }
    }
    assert!(document["losses"].is_array());
}

#[test]
fn what_cannot_be_done_is_refused() {
    assert_eq!(peers(&["--rounds", "0"]).unwrap().status.code(), Some(2));
    let missing = Path::new(env!("CARGO_TARGET_TMPDIR")).join("missing").join("quick.json");
    let options = ["--quick", "--window", "1", "--warm-up", "1", "--json", missing.to_str().unwrap()];
    let output = peers(&options).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("quick.json"));
}

fn candidates(load: &str, uring: bool) -> Vec<&'static str> {
    let mut candidates = vec!["tokio", "blocking", "epoll"];
    if uring {
        candidates.push("uring");
    }
    if load != "echo" {
        candidates.extend(["recvmmsg", "epoll-at-once"]);
        candidates.extend(uring.then_some("uring-at-once"));
    }
    candidates
}
