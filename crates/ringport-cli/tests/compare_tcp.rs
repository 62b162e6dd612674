//! The comparison of TCP servers from end to end, small.
#![allow(clippy::unwrap_used, reason = "a failed helper is a failed test")]

mod common;

use std::fs;

use common::{all_or, assert_wrong_usage, run, run_json, stderr, stdout};
use ringport::Design;
use ringport_testing::backends;
use serde_json::Value;

/// The arguments of a small comparison, and `more`.
fn small(more: &[&'static str]) -> Vec<&'static str> {
    let small = [
        "compare",
        "--tcp",
        "--messages",
        "1000",
        "--rate",
        "10k/s",
        "--payload",
        "64",
        "--connections",
        "4",
    ];
    small.iter().chain(more).copied().collect()
}

#[test]
fn the_document_has_everything_and_calls_messages_so() {
    let document = run_json(&small(&["--designs", "blocking", "--rounds", "2", "--json", "-"]));
    let setting = &document["setting"];
    assert_eq!((&setting["protocol"], &setting["connections"]), (&"tcp".into(), &4.into()));
    assert_eq!((&setting["payload"], &setting["messages"]), (&64.into(), &1000.into()));
    assert!(setting.get("flows").is_none() && setting["probe_ns_per_message"].is_f64(), "{setting}");
    let results = document["results"].as_array().unwrap();
    assert_eq!(results.iter().map(|result| &result["round"]).collect::<Vec<_>>(), [1, 2]);
    for result in results {
        assert_eq!(["messages_sent", "messages_received"].map(|it| result[it].as_u64()), [Some(1000); 2]);
        assert_eq!(result["lost"]["elsewhere"], 0, "{result}");
        assert!(result["rate_per_s"].as_f64() > Some(0.0), "{result}");
        // Windows counts processor time in ticks, and tells nothing of the others.
        let told = cfg!(target_os = "linux");
        for figure in ["cpu_ns_per_message", "context_switches_per_1000"] {
            assert!(result[figure].as_f64() > Some(0.0) || !told, "{figure}: {result}");
        }
        assert!(result["allocations_per_message"].is_f64(), "{result}");
        assert_eq!(result["locked_bytes"].is_u64(), told, "{result}");
        for quantile in ["p50", "p99", "p999"] {
            assert!(result["latency_us"][quantile].as_f64() > Some(0.0), "{quantile}: {result}");
        }
        let threads = result["threads"].as_array().unwrap();
        assert_eq!(threads.len(), 4, "a thread a connection");
        let messages: u64 = threads.iter().map(|thread| thread["messages"].as_u64().unwrap()).sum();
        assert_eq!((messages, &result["total"]["messages"]), (1000, &1000.into()));
    }
    let ratio = &document["ratios"]["blocking"]["cpu_over_reference"];
    assert!(*ratio == 1.0 || ratio.is_null() && cfg!(windows), "{ratio}");
    if *ratio == 1.0 {
        assert_eq!(document["best_plain"], "blocking");
    }
    assert_eq!(document["verdicts"][0]["outcome"], "reference");
}

#[test]
fn every_design_is_measured_over_every_backend() {
    for backend in backends() {
        let server = ["--rounds", "1", "--threads", "2", "--backend", backend, "--json", "-"];
        let designs = all_or("blocking,event-polled,hybrid");
        let document = run_json(&small(&[&server[..], designs].concat()));
        let results = document["results"].as_array().unwrap();
        let all = if designs.is_empty() { 10 } else { 3 };
        assert_eq!(results.len(), all, "{}", document["failures"]);
        for result in results {
            let name = result["design"].as_str().unwrap();
            assert_eq!(
                ["messages_sent", "messages_received"].map(|it| result[it].as_u64()),
                [Some(1000); 2],
                "{result}"
            );
            assert_eq!(result["total"]["messages"], 1000, "{result}");
            assert_eq!(result["backend"], if name == "blocking" { "none" } else { backend }, "{result}");
            let design: Design = name.parse().unwrap();
            let threads = result["threads"].as_array().unwrap().len();
            let most = if design == Design::Blocking {
                4
            } else if design.takes_threads() {
                2
            } else {
                1
            };
            assert!((1..=most).contains(&threads), "{name}: {threads} threads did anything");
            // Windows counts processor time in ticks, and so little traffic may cost none.
            let (cost, ratios) = (&result["cpu_ns_per_message"], &document["ratios"][name]);
            assert!(cost.as_f64() > Some(0.0) || cfg!(windows), "{result}");
            assert!(ratios["cpu_over_reference"].as_f64() > Some(0.0) || cfg!(windows), "{name}");
        }
        assert_eq!(document["setting"]["reference"], "blocking");
        assert_eq!(document["verdicts"].as_array().unwrap().len(), all);
    }
}

#[test]
fn people_get_a_table_of_messages() {
    let output = run(&small(&["--designs", "blocking", "--rounds", "1"]));
    assert!(output.status.success(), "{}", stderr(&output));
    let text = stdout(&output);
    for words in
        ["1,000 messages of 64 bytes", "4 connections", "answered/s", "round trip, from the scheduled"]
    {
        assert!(text.contains(words), "'{words}' is missing in {text}");
    }
    for words in ["datagram", "lost@socket", "socket buffer"] {
        assert!(!text.contains(words), "'{words}' has no place in {text}");
    }
    assert!(text.lines().any(|line| line.starts_with("blocking ")), "{text}");
}

#[test]
fn messages_cut_by_the_stream_are_counted_whole() {
    // Larger than what is read at once, and several on their way on each connection.
    let arguments = ["compare", "--tcp", "--designs", "blocking", "--connections", "2", "--outstanding", "3"];
    let more = ["--payload", "200000", "--messages", "50", "--rounds", "1", "--json", "-"];
    let document = run_json(&[&arguments[..], &more].concat());
    let result = &document["results"][0];
    assert_eq!(
        (&result["messages_received"], &result["total"]["messages"]),
        (&50.into(), &50.into()),
        "{result}"
    );
    assert_eq!(result["total"]["bytes"], 10_000_000, "{result}");
}

#[test]
fn the_report_and_the_samples_speak_of_messages() {
    let folder = std::env::temp_dir().join(format!("ringport-compare-tcp-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let file = |name: &str| &*folder.join(name).to_str().unwrap().to_owned().leak();
    let (report, samples) = (file("report.html"), file("samples.jsonl"));
    let more = ["--designs", "blocking", "--rounds", "1", "--report", report, "--samples", samples];
    let output = run(&small(&more));
    assert!(output.status.success(), "{}", stderr(&output));
    let page = fs::read_to_string(report).unwrap();
    for words in ["TCP server designs compared", "Messages a second", "CPU a message", "Lost messages"] {
        assert!(page.contains(words), "'{words}' is missing");
    }
    // What the kernel counts of UDP keeps its name.
    assert_eq!(page.matches("datagram").count(), page.matches("udp_in_datagrams").count());
    let samples = fs::read_to_string(samples).unwrap();
    let sample: Value = serde_json::from_str(samples.lines().next().unwrap()).unwrap();
    assert!(sample["messages"].is_u64() && sample.get("datagrams").is_none(), "{sample}");
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn what_streams_do_not_have_is_refused() {
    for (arguments, words) in [
        (&["--tcp", "--flows", "2"][..], &["--flows", "--connections"][..]),
        (&["--tcp", "--sender", "gso"], &["--sender"]),
        (&["--tcp", "--burst", "2"], &["--burst"]),
        (&["--tcp", "--payload", "0"], &["at least 1 byte"]),
        (&["--tcp", "--designs", "port-batched"], &["port-batched is for datagrams", "blocking"]),
        (&["--tcp", "--socket-buffer", "1M"], &["--socket-buffer"]),
        (&["--tcp", "--pending", "4"], &["--pending"]),
        (&["--connections", "2"], &["--tcp"]),
        (&["--outstanding", "2"], &["--tcp"]),
        (&["--payload", "70000"], &["0 to 65507 bytes"]),
    ] {
        assert_wrong_usage(&[&["compare"], arguments].concat(), words);
    }
}
