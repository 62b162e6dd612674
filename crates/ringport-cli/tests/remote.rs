//! A comparison whose generator is another machine's: here the same machine, over the same control connection.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed helper is a failed test")]

mod common;

use std::io::{BufRead, BufReader, Lines, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStderr};

use common::{finish, nobody, ringport, run, small_compare as small, stderr};
use ringport_testing::interrupt;
use serde_json::Value;

/// A comparison that waits for its generator.
struct Waiting {
    child: Child,
    told: Lines<BufReader<ChildStderr>>,
}

impl Waiting {
    /// `datagrams` in each of `rounds`.
    fn start(datagrams: &'static str, rounds: &'static str, more: &[&'static str]) -> Waiting {
        let mut arguments = small(&["--remote", "127.0.0.1", "--rounds", rounds]);
        arguments.extend(more);
        arguments[4] = datagrams;
        let mut child = ringport(&arguments).spawn().unwrap();
        let told = BufReader::new(child.stderr.take().unwrap()).lines();
        Waiting { child, told }
    }

    /// The command it asks for, word by word.
    fn asks_for(&mut self) -> Vec<String> {
        let line =
            self.told.by_ref().map(Result::unwrap).find(|line| line.trim().starts_with("ringport send"));
        line.unwrap().split_whitespace().skip(1).map(String::from).collect()
    }

    /// Waits until it says so.
    fn hears(&mut self, words: &str) {
        assert!(self.told.by_ref().map(Result::unwrap).any(|line| line.contains(words)), "{words}");
    }

    /// Does as it asks.
    fn agent(&mut self) -> Child {
        let command = self.asks_for();
        ringport(&command.iter().map(String::as_str).collect::<Vec<_>>()).spawn().unwrap()
    }
}

#[test]
fn the_same_table_with_another_generator() {
    let mut waiting = Waiting::start("2000", "2", &["--json", "-"]);
    let agent = waiting.agent();
    let (status, text) = finish(waiting.child);
    assert!(status.success(), "{:?}", waiting.told.collect::<Vec<_>>());
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["setting"]["remote"], "127.0.0.1");
    let results = document["results"].as_array().unwrap();
    assert_eq!(results.len(), 2);
    for result in results {
        assert_eq!(result["datagrams_sent"], 2000);
        assert!(result["datagrams_received"].as_u64() > Some(0), "{result}");
        assert!(result["latency_us"].is_null(), "two machines, two clocks: {result}");
    }
    let output = agent.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains("the comparison has ended"), "{}", stderr(&output));
}

#[test]
fn streams_have_their_round_trips_from_one_clock() {
    let mut waiting = Waiting::start("2000", "2", &["--tcp", "--connections", "3", "--json", "-"]);
    let agent = waiting.agent();
    let (status, text) = finish(waiting.child);
    assert!(status.success(), "{:?}", waiting.told.collect::<Vec<_>>());
    let document: Value = serde_json::from_str(&text).unwrap();
    for result in document["results"].as_array().unwrap() {
        assert_eq!((&result["messages_sent"], &result["messages_received"]), (&2000.into(), &2000.into()));
        assert!(result["latency_us"]["p99"].as_f64() > Some(0.0), "{result}");
        let switches = &result["context_switches"];
        let told = cfg!(target_os = "linux");
        assert_eq!(switches.as_u64() > Some(0), told, "the connections stood to the end: {result}");
    }
    assert!(agent.wait_with_output().unwrap().status.success());
}

#[test]
fn a_stranger_is_hung_up_on() {
    let mut waiting = Waiting::start("2000", "1", &[]);
    let command = waiting.asks_for();
    let mut stranger = TcpStream::connect(command.last().unwrap()).unwrap();
    stranger.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    // Ends when the other side has closed, whichever way it did.
    let _ = stranger.read_to_end(&mut Vec::new());
    let agent = ringport(&command.iter().map(String::as_str).collect::<Vec<_>>()).spawn().unwrap();
    let (status, _) = finish(waiting.child);
    let told: Vec<String> = waiting.told.map(Result::unwrap).collect();
    assert!(status.success(), "{told:?}");
    assert!(told.iter().any(|line| line.contains("said something unexpected")), "{told:?}");
    assert!(agent.wait_with_output().unwrap().status.success());
}

#[test]
fn a_generator_that_goes_is_waited_for_again() {
    // Rounds that would last for hours: neither generator comes to its end.
    let mut waiting = Waiting::start("1G", "2", &[]);
    let mut first = waiting.agent();
    waiting.hears("is generating");
    first.kill().unwrap();
    first.wait().unwrap();
    waiting.hears("the generator on 127.0.0.1 has gone");
    let second = waiting.agent();
    waiting.hears("is generating");
    interrupt(&waiting.child);
    let (status, _) = finish(waiting.child);
    assert_eq!(status.code(), Some(1), "nothing was measured");
    assert!(second.wait_with_output().unwrap().status.success());
}

#[test]
fn nobody_to_generate_for_is_a_failure() {
    let (_kept, address) = nobody();
    let output = run(&["send", "--for-compare", &address.to_string()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("could not reach the comparison"), "{}", stderr(&output));
}
