//! The samples of a comparison: in its document, and in a file that another program reads while it runs.
#![allow(clippy::unwrap_used, reason = "a failed helper is a failed test")]

mod common;

use std::fs::{self, File};
use std::io::{BufRead, BufReader};

use common::{ringport, run, run_json, small_compare as small, stderr};
use ringport_testing::interrupt;
use serde_json::Value;

/// A name for a file of this test alone.
fn path(name: &str) -> String {
    std::env::temp_dir().join(format!("ringport-{name}-{}.jsonl", std::process::id())).display().to_string()
}

#[test]
fn samples_cover_the_run_from_start_to_end() {
    let mut arguments = small(&["--rounds", "1", "--sample-every", "20ms", "--json", "-"]);
    // At 20,000 a second: a second, so a sample falls between start and end.
    arguments[4] = "20k";
    let document = run_json(&arguments);
    let result = &document["results"][0];
    let samples = result["samples"].as_array().unwrap();
    assert!(samples.len() >= 3, "{samples:?}");
    let received: u64 = samples.iter().map(|sample| sample["datagrams"].as_u64().unwrap()).sum();
    assert_eq!(Some(received), result["datagrams_received"].as_u64());
    let seconds: Vec<f64> = samples.iter().map(|sample| sample["second"].as_f64().unwrap()).collect();
    assert!(seconds.is_sorted(), "{seconds:?}");
    assert_eq!(samples[0]["interval_s"], 0.0);
    for sample in &samples[1..] {
        assert!(sample["interval_s"].as_f64() > Some(0.0), "{sample}");
        assert!(sample["memory"]["resident_bytes"].as_u64() > Some(0), "{sample}");
        assert_eq!(sample["system"]["context_switches"].is_u64(), cfg!(target_os = "linux"), "{sample}");
    }
    let delivered = |sample: &Value| sample["system"]["udp_in_datagrams"].as_u64().unwrap();
    assert!(samples.iter().map(delivered).sum::<u64>() >= received, "{samples:?}");
    assert_eq!(document["setting"]["sample_every_ms"], 20);
}

#[test]
fn a_short_run_has_a_sample_at_both_ends() {
    let document = run_json(&small(&["--rounds", "1", "--json", "-"]));
    assert!(document["results"][0]["samples"].as_array().unwrap().len() >= 2);
}

#[test]
fn another_program_reads_them_while_they_are_written() {
    let file = path("followed");
    let mut arguments: Vec<&str> = small(&["--rounds", "1", "--sample-every", "10ms", "--samples"]);
    // Would last for hours.
    arguments[4] = "1G";
    arguments.push(&file);
    let mut child = ringport(&arguments).spawn().unwrap();
    while fs::metadata(&file).map_or(0, |about| about.len()) == 0 {
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
        std::thread::yield_now();
    }
    let mut reader = BufReader::new(File::open(&file).unwrap());
    let mut received = 0;
    while received == 0 {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap() == 0 {
            std::thread::yield_now();
            continue;
        }
        let sample: Value = serde_json::from_str(&line).unwrap();
        assert_eq!((&sample["design"], &sample["round"]), (&"blocking".into(), &1.into()));
        assert!(sample["second"].is_f64(), "{sample}");
        received = sample["datagrams"].as_u64().unwrap();
    }
    interrupt(&child);
    child.wait().unwrap();
    fs::remove_file(&file).unwrap();
}

#[test]
fn a_file_that_cannot_be_written_is_told_before_anything_runs() {
    let output = run(&small(&["--rounds", "1", "--samples", "/no/such/directory/samples"]));
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("could not write the samples to '/no/such/directory/samples'"));
    assert!(!stderr(&output).contains("comparing"), "{}", stderr(&output));
}
