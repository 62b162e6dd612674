//! The comparison from end to end, small: its document, its table, its ends.

#![allow(clippy::unwrap_used, reason = "a failed helper is a failed test")]

mod common;

use std::fs;
use std::io::{BufRead, BufReader};

use common::{finish, ringport, run, run_json, stderr, stdout};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

const SMALL: [&str; 9] =
    ["compare", "--designs", "blocking", "--datagrams", "2000", "--rate", "20k/s", "--payload", "64"];

fn small(more: &[&'static str]) -> Vec<&'static str> {
    SMALL.iter().chain(more).copied().collect()
}

/// Sums up: what was sent was received or is accounted for as lost.
fn assert_accounted(result: &Value) {
    let number = |value: &Value| value.as_u64().unwrap();
    let lost = number(&result["lost"]["socket"]) + number(&result["lost"]["elsewhere"]);
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
        for figure in ["processed_ratio", "rate_per_s", "cpu_ns_per_datagram", "allocations_per_datagram"] {
            assert!(result[figure].is_f64(), "{figure}: {result}");
        }
        assert!(result["cpu_ns_per_datagram"].as_f64() > Some(0.0), "{result}");
        for figure in ["context_switches", "threads_active", "locked_bytes"] {
            assert!(result[figure].is_u64(), "{figure}: {result}");
        }
        for quantile in ["p50", "p99", "p999"] {
            assert!(result["latency_us"][quantile].as_f64() > Some(0.0), "{quantile}: {result}");
        }
        let threads = result["threads"].as_array().unwrap();
        let handled: u64 = threads.iter().map(|thread| thread["datagrams"].as_u64().unwrap()).sum();
        assert_eq!(Some(handled), result["datagrams_received"].as_u64());
        for thread in threads {
            assert!(thread["dequeues"].is_u64(), "{thread}");
            for figure in ["min", "mean", "max"] {
                assert!(thread["results_per_dequeue"][figure].is_number(), "{thread}");
            }
        }
    }
    let ratios = &document["ratios"]["blocking"];
    assert_eq!((&ratios["rate_over_reference"], &ratios["cpu_over_reference"]), (&1.0.into(), &1.0.into()));
    assert!(ratios.get("rate_over_port").is_some() && ratios.get("cpu_over_port").is_some());
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

/// The processes that `parent` started.
fn children_of(parent: u32) -> Vec<String> {
    let processes = fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
    let is_child = |path: &std::path::PathBuf| {
        let status = fs::read_to_string(path.join("status")).unwrap_or_default();
        status.lines().any(|line| line == format!("PPid:\t{parent}"))
    };
    processes.filter(is_child).map(|path| path.display().to_string()).collect()
}

#[test]
fn ctrl_c_ends_with_the_rounds_so_far_and_leaves_no_process() {
    let mut child = ringport(&small(&["--rounds", "100"])).spawn().unwrap();
    let mut progress = BufReader::new(child.stderr.take().unwrap()).lines();
    // Once the first round is told, there is a result.
    assert!(progress.any(|line| line.unwrap().starts_with("round 1/100 blocking:")));
    let mut children = children_of(child.id());
    while children.is_empty() {
        children = children_of(child.id());
    }
    kill(Pid::from_raw(child.id() as i32), Signal::SIGINT).unwrap();
    let (status, text) = finish(child);
    assert_eq!(status.code(), Some(0), "{text}");
    assert!(text.lines().any(|line| line.starts_with("blocking ")), "{text}");
    assert!(progress.any(|line| line.unwrap().contains("ended early")));
    for process in children {
        assert!(!fs::exists(&process).unwrap(), "{process} is left");
    }
}

#[test]
fn ctrl_c_before_the_first_result_is_a_failure() {
    let mut arguments = small(&["--rounds", "1"]);
    arguments[4] = "1G";
    let mut child = ringport(&arguments).spawn().unwrap();
    let mut progress = BufReader::new(child.stderr.take().unwrap()).lines();
    // The first line comes when signals are watched for already.
    assert!(progress.next().unwrap().unwrap().contains("comparing"));
    kill(Pid::from_raw(child.id() as i32), Signal::SIGINT).unwrap();
    let (status, text) = finish(child);
    assert_eq!((status.code(), text.as_str()), (Some(1), ""));
    assert!(progress.any(|line| line.unwrap().contains("interrupted before the first result")));
}

#[test]
fn children_end_when_the_driver_is_killed() {
    let mut child = ringport(&small(&["--rounds", "100"])).spawn().unwrap();
    let mut progress = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(progress.any(|line| line.unwrap().starts_with("round 1/100 blocking:")));
    let mut children = children_of(child.id());
    while children.is_empty() {
        children = children_of(child.id());
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // They end by themselves once their pipe is closed; the test's own time limit is the limit.
    while children.iter().any(|process| is_running(process)) {
        std::thread::yield_now();
    }
}

/// Nobody may be there to take note of an orphan's end, so a zombie counts as ended.
fn is_running(process: &str) -> bool {
    let status = fs::read_to_string(format!("{process}/status")).unwrap_or_default();
    status.lines().any(|line| line.starts_with("State:") && !line.contains('Z'))
}
