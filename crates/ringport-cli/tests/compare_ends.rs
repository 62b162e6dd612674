//! How a comparison ends early: by Ctrl-C, or killed. No process is left behind.
#![allow(clippy::unwrap_used, reason = "a failed helper is a failed test")]

mod common;

#[cfg(target_os = "linux")]
use std::fs;
use std::io::{BufRead, BufReader};
#[cfg(target_os = "linux")]
use std::time::{Duration, Instant};

use common::{finish, ringport, small_compare as small};
use ringport_testing::interrupt;

/// The processes that `parent` started.
#[cfg(target_os = "linux")]
fn children_of(parent: u32) -> Vec<String> {
    let processes = fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
    let is_child = |path: &std::path::PathBuf| {
        let status = fs::read_to_string(path.join("status")).unwrap_or_default();
        status.lines().any(|line| line == format!("PPid:\t{parent}"))
    };
    processes.filter(is_child).map(|path| path.display().to_string()).collect()
}

#[cfg(target_os = "linux")]
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
    interrupt(&child);
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
    interrupt(&child);
    let (status, text) = finish(child);
    assert_eq!((status.code(), text.as_str()), (Some(1), ""));
    assert!(progress.any(|line| line.unwrap().contains("interrupted before the first result")));
}

#[cfg(target_os = "linux")]
#[test]
fn children_end_when_the_driver_is_killed() {
    // One round that would last for hours: the children do not end because their work is done.
    let mut arguments = small(&["--rounds", "1"]);
    arguments[4] = "1G";
    let mut child = ringport(&arguments).spawn().unwrap();
    let mut children = children_of(child.id());
    while children.len() < 2 {
        assert!(child.try_wait().unwrap().is_none(), "the driver ended by itself");
        children = children_of(child.id());
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // They end by themselves once their pipe is closed, long before this.
    let limit = Instant::now() + Duration::from_secs(60);
    while children.iter().any(|process| is_running(process)) {
        assert!(Instant::now() < limit, "left behind: {children:?}");
        std::thread::yield_now();
    }
}

/// Nobody may be there to take note of an orphan's end, so a zombie counts as ended.
#[cfg(target_os = "linux")]
fn is_running(process: &str) -> bool {
    let status = fs::read_to_string(format!("{process}/status")).unwrap_or_default();
    status.lines().any(|line| line.starts_with("State:") && !line.contains('Z'))
}
