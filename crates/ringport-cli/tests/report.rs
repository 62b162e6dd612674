//! The report of a comparison: one file that holds all the figures of the run.
#![allow(clippy::unwrap_used, reason = "a failed helper is a failed test")]

mod common;

use std::fs;

use common::{run, small_compare as small, stderr, stdout};
use serde_json::Value;

#[test]
fn the_report_holds_the_document() {
    let folder = std::env::temp_dir().join(format!("ringport-report-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let (report, json) = (folder.join("report.html"), folder.join("figures.json"));
    let mut arguments = small(&["--rounds", "2", "--sample-every", "20ms"]);
    arguments[2] = "blocking,event";
    let (report_name, json_name) = (report.display().to_string(), json.display().to_string());
    arguments.extend(["--report", &report_name, "--json", &json_name]);
    let output = run(&arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains(&format!("the report is in {report_name}")), "{}", stderr(&output));

    let page = fs::read_to_string(&report).unwrap();
    let document: Value = serde_json::from_slice(&fs::read(&json).unwrap()).unwrap();
    fs::remove_dir_all(&folder).unwrap();
    let (_, data) = page.split_once(r#"<script type="application/json" id="data">"#).unwrap();
    let data: Value = serde_json::from_str(data.split_once("</script>").unwrap().0).unwrap();
    assert_eq!(data, document);
    for verdict in document["verdicts"].as_array().unwrap() {
        // The design stands in a place of its own, and options are set as code.
        let words = verdict["sentence"].as_str().unwrap().split_once(": ").unwrap().1;
        let beginning = words.split(" --").next().unwrap();
        assert!(page.contains(beginning), "{beginning}");
    }
    for chart in ["Datagrams a second", "CPU a datagram", "Latency", "Time lines of event"] {
        assert!(page.contains(&format!("aria-label=\"{chart}\"")), "{chart}");
    }
    assert!(page.contains("Results per dequeue of event"));
}

#[test]
fn without_a_report_the_way_to_one_is_told() {
    let output = run(&small(&["--rounds", "1"]));
    assert!(stderr(&output).contains("--report FILE.html"), "{}", stderr(&output));
}

#[test]
fn a_report_that_cannot_be_written_is_told_before_anything_runs() {
    let output = run(&small(&["--rounds", "1", "--report", "/no/such/directory/report.html"]));
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("there is no folder '/no/such/directory'"), "{}", stderr(&output));
    assert!(stdout(&output).is_empty());
}
