//! What `doctor` finds.

mod common;

use common::{ringport, run, run_json, stdout};
use ringport_testing::BACKENDS;

#[cfg(windows)]
#[test]
fn findings_are_complete() {
    let found = run_json(&["doctor", "--json"]);
    assert!(found["machine"]["kernel"].as_str().unwrap().starts_with("Windows "), "{found}");
    assert!(found["machine"]["cpus"].as_u64() >= Some(1));
    for refusal in ["locked_memory_refusal", "large_pages_refusal"] {
        let value = &found["limits"][refusal];
        assert!(value.is_null() || value.is_string(), "{refusal}: {value}");
    }
    assert!(found["offload"]["gro"].is_boolean() && found["offload"]["gso"].is_boolean());
    let registered = &found["backend"]["registered_io"];
    assert_eq!(registered["available"], registered["refusal"].is_null(), "{registered}");
    assert!(!registered["features"].as_array().unwrap().is_empty(), "each feature is tried: {registered}");
    let advice = found["advice"].to_string();
    assert_eq!(advice.contains("no Registered I/O"), registered["available"] == false, "{advice}");
}

#[cfg(target_os = "linux")]
#[test]
fn findings_are_complete() {
    let found = run_json(&["doctor", "--json"]);
    assert!(found["machine"]["kernel"].as_str().unwrap().starts_with("Linux "), "{found}");
    assert!(found["machine"]["cpus"].as_u64() >= Some(1));
    for limit in ["locked_memory", "open_files"] {
        for kind in ["soft", "hard"] {
            let value = &found["limits"][limit][kind];
            assert!(value.is_null() || value.is_u64(), "{limit} {kind}: {value}");
        }
    }
    for size in ["rmem_max", "rmem_default", "wmem_max", "wmem_default"] {
        assert!(found["limits"].get(size).is_some(), "{size}");
    }
    assert!(found["offload"]["gro"].is_boolean() && found["offload"]["gso"].is_boolean());
    let backend = &found["backend"];
    assert!(backend["why"].is_string());
    let features = backend["io_uring"]["features"].as_array().unwrap();
    assert!(!features.is_empty(), "each feature is tried: {backend}");
    for feature in features {
        assert!(feature["name"].is_string() && feature["available"].is_boolean(), "{feature}");
        assert_eq!(feature["error"].is_null(), feature["available"].as_bool().unwrap(), "{feature}");
    }
    let missing = |feature: &serde_json::Value| feature["required"] == true && feature["available"] == false;
    assert_eq!(backend["io_uring"]["allowed"], !features.iter().any(missing), "{backend}");
    assert!(found["advice"].is_array());
}

#[cfg(target_os = "linux")]
#[test]
fn limits_are_those_of_the_process() {
    // A limit set by the shell that starts the tool is the one it tells of.
    let tool = env!("CARGO_BIN_EXE_ringport");
    let output = std::process::Command::new("sh")
        .args(["-c", &format!("ulimit -n 200 && ulimit -l 64 && exec {tool} doctor --json")])
        .output()
        .unwrap();
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(found["limits"]["open_files"]["soft"], 200);
    assert_eq!(found["limits"]["locked_memory"]["soft"], 65_536);
    let advice = found["advice"].to_string();
    assert!(advice.contains("RLIMIT_NOFILE"), "{advice}");
}

#[test]
fn a_forced_backend_is_told() {
    let forced = BACKENDS[1];
    let mut command = ringport(&["doctor", "--json"]);
    let output = command.env("RINGPORT_BACKEND", forced).output().unwrap();
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(found["backend"]["chosen"], forced);
    assert_eq!(found["backend"]["chosen_for_tcp"], forced);
    assert_eq!(found["backend"]["forced"], forced);
    assert!(found["backend"]["why"].as_str().unwrap().contains("RINGPORT_BACKEND"));
}

#[cfg(target_os = "linux")]
#[test]
fn tcp_has_epoll_unless_something_else_is_forced() {
    for (word, chosen) in [("", "epoll"), ("automatic", "epoll"), ("epoll", "epoll")] {
        let mut command = ringport(&["doctor", "--json"]);
        let output = command.env("RINGPORT_BACKEND", word).output().unwrap();
        let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(found["backend"]["chosen_for_tcp"], chosen, "{word}");
    }
}

#[test]
fn a_forced_backend_that_does_not_exist_is_told() {
    let mut command = ringport(&["doctor", "--json"]);
    let output = command.env("RINGPORT_BACKEND", "kqueue").output().unwrap();
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(found["backend"]["chosen"].is_null() && found["backend"]["chosen_for_tcp"].is_null());
    assert!(
        found["backend"]["why"].as_str().unwrap().contains("uring, epoll, rio, overlapped or automatic"),
        "{found}"
    );
    assert!(found["advice"].to_string().contains("unset RINGPORT_BACKEND"), "{found}");
}

#[test]
fn people_get_headings_and_no_colours_in_a_pipe() {
    let text = stdout(&run(&["doctor"]));
    for heading in ["machine", "backend", "limits", "advice"] {
        assert!(text.lines().any(|line| line == heading), "{heading}: {text}");
    }
    assert!(!text.contains('\u{1b}'));
}
