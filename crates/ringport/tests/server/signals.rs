//! Signals stop a server that asked for it, in a process of its own.
//!
//! On Linux only: it takes signals.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command};

use ringport::server::StopReason;

use crate::child::{is_child, rerun};
use crate::ways::{client, next, ways};

fn kill(child: &Child, signal: &str) {
    let killed = Command::new("kill").args([signal, &child.id().to_string()]).status();
    assert!(killed.unwrap().success());
}

/// Reads lines until one begins with `word`, and returns the rest of that.
fn wait_for(lines: &mut impl BufRead, word: &str) -> String {
    let mut line = String::new();
    loop {
        line.clear();
        assert_ne!(lines.read_line(&mut line).unwrap(), 0, "the child ended before it said {word}");
        // What the test runner prints before stands on the same line.
        if let Some((_, rest)) = line.split_once(word) {
            return rest.trim().to_owned();
        }
    }
}

#[test]
fn a_signal_stops_a_server_in_order() {
    if is_child() {
        for way in ways() {
            let server = way.server().stop_on_signals().start(|datagram| datagram.reply()).unwrap();
            println!("SERVING {}", server.local_addr());
            let report = server.join().unwrap();
            println!("STOPPED {:?} {}", report.stopped_by, report.counters.total.replies_sent);
        }
        return;
    }
    let mut child = rerun("signals::a_signal_stops_a_server_in_order").spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    for (round, way) in ways().into_iter().enumerate() {
        let address = wait_for(&mut lines, "SERVING");
        let client = client();
        client.send_to(b"before", &address).unwrap();
        assert_eq!(next(&client).0, b"before", "{way}");
        let (name, number) = [("-INT", 2), ("-TERM", 15)][round % 2];
        kill(&child, name);
        let said = wait_for(&mut lines, "STOPPED");
        assert_eq!(said, format!("{:?} 1", StopReason::Signal(number)), "{way}");
    }
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_second_signal_and_one_after_the_end_do_what_they_do_without_a_server() {
    const NAME: &str = "signals::a_second_signal_and_one_after_the_end_do_what_they_do_without_a_server";
    let stuck = std::env::var_os("RINGPORT_TEST_STUCK").is_some();
    if is_child() {
        let server = crate::ways::ways()[0].server().stop_on_signals();
        let client = client();
        client.send_to(b"x", server.local_addr()).unwrap();
        let server = server
            .start(move |_| {
                println!("HANDLING");
                if stuck {
                    loop {
                        std::thread::park();
                    }
                }
            })
            .unwrap();
        while !stuck && server.handle().counters().total.datagrams == 0 {
            std::thread::yield_now();
        }
        server.stop().unwrap();
        println!("ENDED");
        loop {
            std::thread::park();
        }
    }
    for stuck in [false, true] {
        let mut command = rerun(NAME);
        if stuck {
            command.env("RINGPORT_TEST_STUCK", "1");
        }
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        wait_for(&mut lines, "HANDLING");
        if stuck {
            // Two of one kind before either is taken count as one, so these are of two kinds.
            kill(&child, "-INT");
            kill(&child, "-TERM");
        } else {
            wait_for(&mut lines, "ENDED");
            kill(&child, "-INT");
        }
        lines.read_to_string(&mut String::new()).unwrap();
        assert!(!child.wait().unwrap().success());
    }
}
