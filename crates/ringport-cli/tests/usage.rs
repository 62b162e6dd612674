//! Help, and the sentences for what cannot be asked.

mod common;

use common::{assert_wrong_usage, ringport, run, stderr, stdout};

#[test]
fn help_has_examples_and_exit_codes() {
    let help = stdout(&run(&["--help"]));
    assert!(
        help.contains("Examples:") && help.contains("Exit codes: 0 done, 1 failed, 2 wrong usage"),
        "{help}"
    );
    for command in ["compare", "serve", "send", "doctor"] {
        let output = run(&[command, "--help"]);
        assert!(output.status.success());
        let help = stdout(&output);
        // None is so long that it is broken.
        let (_, examples) = help.split_once("Examples:\n").unwrap();
        for block in examples.split("\n\n").filter(|block| block.starts_with("  ")) {
            assert!(block.lines().all(|line| line.starts_with("  ")), "{command}: {block}");
        }
    }
}

#[test]
fn help_without_a_terminal_has_no_colours() {
    assert!(!stdout(&run(&["--help"])).contains('\u{1b}'));
}

#[test]
fn wrong_values_are_refused_with_what_is_allowed() {
    let refused: &[(&[&str], &[&str])] = &[
        (&["send"], &["<ADDRESS>"]),
        (&["send", "localhost"], &["HOST:PORT"]),
        (&["send", "127.0.0.1:0"], &["port 0 cannot be sent to"]),
        (&["send", "127.0.0.1:9", "--payload", "70000"], &["0 to 65507 bytes"]),
        (&["send", "127.0.0.1:9", "--rate", "fast"], &["datagrams a second", "100k/s"]),
        (&["send", "127.0.0.1:9", "--datagrams", "1.5M"], &["whole number"]),
        (&["send", "127.0.0.1:9", "--duration", "2h"], &["500ms, 10s, 2m"]),
        (&["send", "127.0.0.1:9", "--sender", "fast"], &["plain", "gso", "batched"]),
        (&["send", "127.0.0.1:9", "--sender", "gso", "--payload", "0"], &["--sender batched"]),
        (&["send", "127.0.0.1:9", "--outstanding", "4"], &["--echo"]),
        (&["send", "127.0.0.1:9", "--flows", "0"], &["1..=4096"]),
        (&["send", "127.0.0.1:9", "--also-ports", "10,0"], &["1..=65535"]),
        (&["compare", "--ports", "0"], &["1..=4096"]),
        (&["compare", "--ports", "4", "--threads", "2"], &["--ports 4", "blocking", "--designs"]),
        (&["compare", "--tcp", "--ports", "4"], &["--ports", "listens at one"]),
        (&["serve", "tcp", "127.0.0.1:0", "127.0.0.1:0", "--echo"], &["listens at one"]),
        (&["--designs", "fast"], &["there is no design 'fast'", "event-polled"]),
        (&["compare", "--designs", "blocking,hybird"], &["there is no design 'hybird'"]),
        (&["compare", "--designs", ""], &["offered are"]),
        (&["compare", "--backend", "kqueue"], &["uring, epoll, rio, overlapped or automatic"]),
        (&["compare", "--rounds", "0"], &["1..=100"]),
        (&["compare", "--socket-buffer", "big"], &["number of bytes"]),
        (&["compare", "--work", "much"], &["number of units"]),
        (&["compare", "--sender", "gso", "--payload", "0"], &["--sender batched"]),
        (&["compare", "--offload", "yes"], &["on", "off"]),
        (&["compare", "--control-port", "4"], &["--remote"]),
        (&["send", "--for-compare", "127.0.0.1"], &["HOST:PORT"]),
        (&["send", "127.0.0.1:9", "--for-compare", "127.0.0.1:9"], &["cannot be used with"]),
        (&["compare", "--report", "-"], &["--report report.html"]),
        (&["compare", "--waiting", "throughput:1s"], &["latency, balanced", "throughput:100us"]),
        (&["compare", "--burst", "65"], &["1..=64"]),
        (&["compare", "--sample-every", "0"], &["500ms, 10s, 2m"]),
        (&["--payload", "1", "doctor"], &["doctor"]),
        (&["serve", "sctp", "127.0.0.1:0", "--echo"], &["the protocol is udp or tcp"]),
        (&["serve", "udp", "127.0.0.1:0"], &["--echo", "--sink"]),
        (&["serve", "udp", "127.0.0.1:0", "--echo", "--sink"], &["cannot be used with"]),
        (&["serve", "udp", "127.0.0.1", "--echo"], &["HOST:PORT"]),
        (&["serve", "udp", "127.0.0.1:0", "--echo", "--design", "prot"], &["no design 'prot'"]),
        (
            &["serve", "udp", "127.0.0.1:0", "--echo", "--design", "event", "--threads", "2"],
            &[if cfg!(windows) { "hybrid" } else { "sharded-event" }],
        ),
        (&["juggle"], &["juggle"]),
        (&["--no-such-flag"], &["--no-such-flag"]),
    ];
    for (arguments, words) in refused {
        assert_wrong_usage(arguments, words);
    }
}

#[test]
fn a_backend_variable_that_names_none_is_wrong_usage() {
    let output = ringport(&["compare"]).env("RINGPORT_BACKEND", "kqueue").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("RINGPORT_BACKEND: \"kqueue\" is no backend"), "{}", stderr(&output));
}
