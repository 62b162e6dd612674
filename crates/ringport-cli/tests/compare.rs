//! The comparison from end to end, small: its document and its table.
#![allow(clippy::unwrap_used, reason = "a failed helper is a failed test")]

mod common;

use std::fs;

use common::{all_or, run, run_json, small_compare as small, stderr, stdout};
use ringport::Design;
use ringport_testing::{backends, offered};
use serde_json::Value;

/// Sums up: what was sent was received or is accounted for as lost.
fn assert_accounted(result: &Value) {
    let number = |value: &Value| value.as_u64().unwrap();
    // Windows does not tell where a datagram was lost.
    assert_eq!(result["lost"]["socket"].is_null(), cfg!(windows), "{result}");
    let at_socket = result["lost"]["socket"].as_u64().unwrap_or(0);
    let lost = at_socket + number(&result["lost"]["elsewhere"]);
    assert_eq!(number(&result["datagrams_sent"]), number(&result["datagrams_received"]) + lost, "{result}");
}

#[test]
fn the_document_has_everything() {
    let document = run_json(&small(&["--rounds", "2", "--json", "-"]));
    let setting = &document["setting"];
    assert_eq!((&setting["payload"], &setting["rate"]), (&64.into(), &20_000.into()));
    assert_eq!(
        (&setting["rounds"], &setting["flows"], &setting["sender"]),
        (&2.into(), &1.into(), &"plain".into())
    );
    assert!(setting["socket_buffer_granted"]["blocking"].as_u64() > Some(0), "{setting}");
    assert!(setting["machine"]["kernel"].is_string() && setting["machine"]["cpus"].is_u64());
    assert!(setting["work_ns_per_unit"].is_f64() && setting["probe_ns_per_datagram"].is_f64());

    let results = document["results"].as_array().unwrap();
    assert_eq!(results.iter().map(|result| &result["round"]).collect::<Vec<_>>(), [1, 2]);
    for result in results {
        assert_eq!(result["design"], "blocking");
        assert!(result["backend"].is_string());
        assert_eq!(result["datagrams_sent"], 2000);
        assert_accounted(result);
        assert!(result["datagrams_received"].as_u64() > Some(0), "{result}");
        for figure in ["processed_ratio", "rate_per_s", "allocations_per_datagram"] {
            assert!(result[figure].is_f64(), "{figure}: {result}");
        }
        assert!(result["threads_active"].is_u64(), "{result}");
        // Windows counts processor time in ticks, and tells nothing of the others.
        let told = cfg!(target_os = "linux");
        assert!(result["cpu_ns_per_datagram"].as_f64() > Some(0.0) || !told, "{result}");
        assert_eq!(result["context_switches_per_1000"].is_f64(), told, "{result}");
        for figure in ["context_switches", "locked_bytes"] {
            assert_eq!(result[figure].is_u64(), told, "{figure}: {result}");
        }
        for quantile in ["p50", "p99", "p999"] {
            assert!(result["latency_us"][quantile].as_f64() > Some(0.0), "{quantile}: {result}");
        }
        let threads = result["threads"].as_array().unwrap();
        let handled: u64 = threads.iter().map(|thread| thread["datagrams"].as_u64().unwrap()).sum();
        assert_eq!(Some(handled), result["datagrams_received"].as_u64());
        assert_eq!(Some(handled), result["total"]["datagrams"].as_u64());
        for thread in threads {
            let counts =
                ["bytes", "dequeues", "empty_dequeues", "notifications", "cpu_user_ns", "cpu_system_ns"];
            for figure in counts.into_iter().chain(["voluntary_switches", "involuntary_switches"]) {
                assert!(thread[figure].is_u64(), "{figure}: {thread}");
            }
            let histogram = thread["results_per_dequeue"]["histogram"].as_array().unwrap();
            let counted: u64 = histogram.iter().map(|bucket| bucket["dequeues"].as_u64().unwrap()).sum();
            assert_eq!(Some(counted), thread["dequeues"].as_u64());
            for figure in ["min", "mean", "max"] {
                assert!(thread["results_per_dequeue"][figure].is_number(), "{thread}");
            }
        }
    }
    let ratios = &document["ratios"]["blocking"];
    assert_eq!(ratios["rate_over_reference"], 1.0);
    assert!(ratios["cpu_over_reference"] == 1.0 || cfg!(windows), "{ratios}");
    assert!(ratios.get("rate_over_port").is_some() && ratios.get("cpu_over_port").is_some());
    // Which is the cheapest is not told where none has cost a tick.
    if ratios["cpu_over_reference"] == 1.0 {
        assert_eq!(
            (&document["best_plain"], &ratios["rate_over_best_plain"]),
            (&"blocking".into(), &1.0.into())
        );
    }
    assert_eq!(document["interrupted"], false);
}

#[test]
fn people_get_a_table_with_its_setting() {
    let output = run(&small(&["--rounds", "1"]));
    assert!(output.status.success(), "{}", stderr(&output));
    let text = stdout(&output);
    for words in [
        "2,000 datagrams of 64 bytes",
        "20,000/s",
        "socket buffer 4,194,304 bytes asked",
        "granted",
        if ringport::net::gro_supported() {
            "receive offload on in the registered designs"
        } else {
            "receive offload off"
        },
        "the measuring itself is",
        "CPU ns",
    ] {
        assert!(text.contains(words), "'{words}' is missing in {text}");
    }
    let row = text.lines().find(|line| line.starts_with("blocking ")).unwrap();
    assert!(row.contains("1.00"), "the reference over itself: {row}");
    assert!(!text.contains('\u{1b}'), "no colours in a pipe");
    assert!(
        stderr(&output).contains("round 1/1 blocking:"),
        "plain progress lines in a pipe: {}",
        stderr(&output)
    );
}

#[test]
fn no_command_means_compare() {
    let output = run(&small(&["--rounds", "1"])[1..]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stdout(&output).contains("blocking"), "{}", stdout(&output));
}

#[test]
fn empty_datagrams_are_compared_without_latency() {
    let document = run_json(&[
        "--designs",
        "blocking",
        "--datagrams",
        "500",
        "--rate",
        "10k",
        "--payload",
        "0",
        "--rounds",
        "1",
        "--json",
        "-",
    ]);
    let result = &document["results"][0];
    assert_accounted(result);
    assert!(result["datagrams_received"].as_u64() > Some(0), "{result}");
    assert!(result["latency_us"].is_null(), "{result}");
}

#[test]
fn a_receiver_slower_than_the_sender_loses_in_its_socket() {
    let document = run_json(&[
        "--designs",
        "blocking",
        "--datagrams",
        "3000",
        "--payload",
        "1024",
        "--work",
        "100k",
        "--socket-buffer",
        "16k",
        "--rounds",
        "1",
        "--json",
        "-",
    ]);
    let result = &document["results"][0];
    assert_accounted(result);
    if cfg!(windows) {
        return println!("skipped: Windows does not tell where a datagram was lost");
    }
    assert!(result["lost"]["socket"].as_u64() > Some(0), "{result}");
    assert_eq!(result["lost"]["elsewhere"], 0, "{result}");
}

#[test]
fn the_document_is_written_to_a_file() {
    let file = std::env::temp_dir().join(format!("ringport-compare-{}.json", std::process::id()));
    let mut arguments = small(&["--rounds", "1", "--json"]);
    let name = file.to_str().unwrap().to_owned();
    arguments.push(&*name.leak());
    let output = run(&arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stdout(&output).contains("blocking"), "the table is printed too");
    let document: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    fs::remove_file(&file).unwrap();
    assert_eq!(document["results"][0]["design"], "blocking");
}

#[test]
fn a_file_that_cannot_be_written_is_a_failure() {
    let output = run(&small(&["--rounds", "1", "--json", "/no/such/directory/file.json"]));
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("/no/such/directory/file.json"), "{}", stderr(&output));
}

#[test]
fn every_design_is_measured_over_every_backend() {
    for backend in backends() {
        let load = ["--datagrams", "1000", "--rate", "20k/s", "--rounds", "1", "--flows", "8"];
        let server = ["--threads", "2", "--backend", backend, "--json", "-"];
        let designs = all_or("blocking,event-polled,port,registered-port");
        let document = run_json(&[&load[..], &server, designs].concat());
        let results = document["results"].as_array().unwrap();
        let all = if designs.is_empty() { Design::ALL.len() } else { 4 };
        assert_eq!(results.len(), all, "{}", document["failures"]);
        for result in results {
            assert_accounted(result);
            assert!(result["datagrams_received"].as_u64() > Some(0), "{result}");
            let name = result["design"].as_str().unwrap();
            let design: Design = name.parse().unwrap();
            if design.is_registered() {
                assert_eq!(result["backend"], backend, "{design}");
            }
            let threads = if design.takes_threads() { 2 } else { 1 };
            assert_eq!(result["threads"].as_array().unwrap().len(), threads, "{design}");
            let ratio = &document["ratios"][name]["cpu_over_reference"];
            // Windows counts processor time in ticks, and so little traffic may cost none.
            assert!(ratio.as_f64() > Some(0.0) || cfg!(windows), "{design}: {ratio}");
        }
        assert_eq!(document["verdicts"].as_array().unwrap().len(), all);
    }
}

#[test]
fn the_options_of_the_server_are_part_of_the_setting() {
    let options = [
        "--threads",
        "3",
        "--concurrency",
        "2",
        "--threshold",
        "5",
        "--ordered",
        "--waiting",
        "throughput:20us",
    ];
    let depth = ["--pending", "64", "--max-results", "8", "--rounds", "1", "--json", "-"];
    let mut arguments = small(&options);
    arguments.extend(depth);
    arguments[2] = "hybrid";
    let document = run_json(&arguments);
    let setting = &document["setting"];
    let asked = ["threads", "concurrency", "threshold", "pending", "max_results"];
    assert_eq!(asked.map(|name| setting[name].as_u64()), [3, 2, 5, 64, 8].map(Some));
    assert_eq!(setting["ordered"], true);
    assert_eq!(setting["waiting"], "throughput:20us");
    let result = &document["results"][0];
    assert_eq!(result["threads"].as_array().unwrap().len(), 3);
    let most = |thread: &Value| thread["results_per_dequeue"]["max"].as_u64().unwrap();
    assert!(result["threads"].as_array().unwrap().iter().all(|thread| most(thread) <= 8), "{result}");
}

#[test]
fn servers_with_several_ports_are_compared() {
    let designs = ["blocking", "event-polled", "port", "registered-port", "sharded-event"];
    let designs: Vec<_> = offered(&designs).collect();
    let count = designs.len();
    let designs: &str = designs.join(",").leak();
    let document = run_json(&small(&["--designs", designs, "--ports", "5", "--rounds", "1", "--json", "-"]));
    let setting = &document["setting"];
    assert_eq!((&setting["ports"], &setting["flows"]), (&5.into(), &5.into()), "{setting}");
    let results = document["results"].as_array().unwrap();
    assert_eq!(results.len(), count);
    for result in results {
        assert_accounted(result);
        assert!(result["datagrams_received"].as_u64() > Some(0), "{result}");
    }
}
