//! The whole program, once, as short as can be: every peer meets its loads and the JSON says so. An echo that does not
//! come back byte for byte ends the program with an error.

use std::collections::BTreeSet;
use std::error::Error;
use std::io;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn peers(arguments: &[&str]) -> io::Result<Output> {
    Command::new(env!("CARGO_BIN_EXE_ringport-peers")).args(arguments).output()
}

/// What is printed, and the JSON.
fn document(name: &str, arguments: &[&str]) -> Result<(String, Value), Box<dyn Error>> {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let output = peers(&[arguments, &["--json", file.to_str().ok_or("no path")?]].concat())?;
    if !output.status.success() {
        return Err(String::from_utf8(output.stderr)?.into());
    }
    Ok((String::from_utf8(output.stdout)?, serde_json::from_str(&std::fs::read_to_string(&file)?)?))
}

fn strings<'document>(list: &'document Value, name: &'document str) -> BTreeSet<&'document str> {
    list.as_array().into_iter().flatten().filter_map(|entry| entry[name].as_str()).collect()
}

#[test]
fn every_peer_is_measured_under_its_loads() {
    let page = Path::new(env!("CARGO_TARGET_TMPDIR")).join("quick.html");
    let (text, document) = document("quick.json", &["--quick", "--report", page.to_str().unwrap()]).unwrap();
    let page = std::fs::read_to_string(&page).unwrap();
    assert!(page.contains("aria-label=\"drain: CPU a datagram\"") && page.contains("prefers-color-scheme"));
    assert!(text.contains("Targets"), "{text}");
    let setting = &document["setting"];
    assert_eq!((&setting["rounds"], &setting["payload"]), (&1.into(), &64.into()));
    assert!(setting["peers"]["tokio"]["versions"][0].as_str().unwrap().starts_with("tokio 1."), "{setting}");

    // Who cannot run here is told in a note, and all others meet something.
    let described: BTreeSet<_> = setting["peers"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(strings(&document["results"], "peer"), described);
    assert!(described.contains("tokio") && described.contains("ringport-epoll"), "{described:?}");
    let uring = ringport::backend::explain(ringport::BackendChoice::Uring).is_ok();
    assert_eq!(described.contains("ringport-uring"), uring);
    // These need no more than a socket, or a ring; what others need may be missing.
    let anywhere = ["tokio-async-io", "quinn-udp", "hand-recvmmsg", "hand-recvmmsg-offload", "hand-epoll"];
    let with_rings =
        ["hand-multishot", "hand-multishot-offload", "hand-uring", "compio", "compio-multishot", "monoio"];
    for peer in anywhere.iter().chain(with_rings.iter().filter(|_| uring)) {
        assert!(described.contains(peer), "{peer} was left out: {}", document["notes"]);
    }
    let loads = strings(&document["results"], "load");
    for load in [
        "flood-64",
        "flood-1024-offload",
        "paced-100k",
        "drain",
        "echo-1",
        "echo-512-of-64",
        "echo-512-offload",
        "tcp-512-16384",
    ] {
        assert!(loads.contains(load), "{loads:?}");
    }
    for result in document["results"].as_array().unwrap() {
        let number = |name: &str| result[name].as_f64().unwrap();
        assert!(number("received") >= 1.0 && number("received") <= number("sent"), "{result}");
        assert!(number("cpu_ns") > 0.0 && number("rate_per_s") > 0.0, "{result}");
        let delays = &result["delays"];
        let delayed =
            ["echo", "paced", "tcp"].iter().any(|load| result["load"].as_str().unwrap().starts_with(load));
        assert_eq!(delays.is_object(), delayed, "{result}");
        assert!(!delayed || delays["p50"].as_f64() <= delays["p999"].as_f64(), "{result}");
    }
    for figure in document["figures"].as_array().unwrap() {
        let cpu = &figure["cpu_ns"];
        assert!(cpu["p25"].as_f64() <= cpu["median"].as_f64(), "{figure}");
        if figure["peer"] == "tokio" {
            assert_eq!(figure["times_better"]["median"], 1.0);
        }
    }
    let met = document["verdicts"].as_array().unwrap().iter().map(|verdict| verdict["met"].is_boolean());
    assert!(met.clone().count() > 5 && met.into_iter().all(|known| known));
}

#[test]
fn a_choice_of_peers_and_loads_is_kept_to() {
    let arguments =
        ["--only", "ringport-epoll-single", "--load", "drain,flood-1024", "--rounds", "2", "--millis", "2"];
    let (_, document) = document("choice.json", &arguments).unwrap();
    assert_eq!(strings(&document["figures"], "peer"), ["ringport-epoll-single", "tokio"].into());
    assert_eq!(strings(&document["figures"], "load"), ["drain", "flood-1024", "flood-1024-offload"].into());
    assert_eq!(document["results"].as_array().unwrap().len(), 2 * 2 * 3);
}

#[test]
fn what_cannot_be_done_is_refused() {
    assert_eq!(peers(&["--rounds", "0"]).unwrap().status.code(), Some(2));
    let output = peers(&["--only", "nobody"]).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("nobody"));
    let missing = Path::new(env!("CARGO_TARGET_TMPDIR")).join("missing").join("quick.json");
    let options = ["--quick", "--only", "tokio", "--load", "drain", "--json", missing.to_str().unwrap()];
    let output = peers(&options).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("quick.json"));
}
