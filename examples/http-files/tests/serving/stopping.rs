//! The end, and the beginning that is none.

use std::fs;
use std::io::Read;
use std::net::TcpStream;

use ringport_testing::WAYS_TO_STOP;

use crate::rig::{Served, on_each_backend, pattern, program};

on_each_backend!(an_answer_under_way_is_finished, a_server_that_nobody_uses_stops_at_once);

fn an_answer_under_way_is_finished(backend: &str) {
    // As long as the slowest machine takes: the test does not wait for it.
    let served = Served::start(backend, &["--drain-time", "5m"]);
    fs::write(served.site.join("large.bin"), pattern(30_000_000)).unwrap();
    let mut idle = served.client();
    idle.ask("GET", "/", "");
    assert_eq!(idle.answer(false).status, 200);
    let mut busy = served.client();
    busy.ask("GET", "/large.bin", "");
    let mut first = [0; 12];
    busy.stream.read_exact(&mut first).unwrap();
    served.stop(0);
    idle.assert_end();
    // The one that was idle is closed after the door, so nobody is let in any more.
    let address = served.address;
    assert!(TcpStream::connect(address).is_err());
    let mut rest = Vec::new();
    busy.stream.read_to_end(&mut rest).unwrap();
    assert!(rest.ends_with(&pattern(30_000_000)));
    let (status, text) = served.finish();
    assert!(status.success(), "{status}");
    assert!(
        text.contains("2 connections, 2 requests answered and 0 refused, 30000014 bytes of files"),
        "{text}"
    );
}

fn a_server_that_nobody_uses_stops_at_once(backend: &str) {
    for way in 0..WAYS_TO_STOP.len() {
        let served = Served::start(backend, &[]);
        served.stop(way);
        assert!(served.finish().0.success());
    }
}

/// There it is, and it is no directory.
const NO_DIRECTORY: &str = env!("CARGO_BIN_EXE_http-files");

#[test]
fn what_cannot_be_served_is_said() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    for (arguments, words) in [
        (["127.0.0.1:0", "/nowhere/at/all"], "/nowhere/at/all"),
        (["127.0.0.1:0", NO_DIRECTORY], NO_DIRECTORY),
        ([&taken, "/"], &taken),
    ] {
        let output = program().args(arguments).output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(text.contains(words), "{text}");
    }
}
