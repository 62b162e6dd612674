//! The load generator over TCP, where connections do not come about or end too early.
#![allow(clippy::unwrap_used, reason = "a failed helper is a failed test")]

mod common;

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::Stdio;
use std::time::Duration;

use common::streams::{StreamPeer, echo};
use common::{finish, nobody, ringport, run, run_json, send_echo as echoed, stderr};
use ringport_testing::interrupt;
use serde_json::Value;
use socket2::SockRef;

#[test]
fn resets_are_counted_and_the_others_go_on() {
    let peer = StreamPeer::start(|stream, number| {
        if number % 2 == 0 {
            echo(stream, usize::MAX);
        } else {
            // No lingering: closing sends a reset.
            SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
            echo(stream, 10 * 64);
        }
    });
    // At a rate each connection has its share of the messages planned, however slow its thread is to start.
    let more = ["--connections", "4", "--messages", "500", "--payload", "64", "--rate", "20k/s"];
    let output = run(&[&["send", &peer.target(), "--echo", "--json"], &more[..]].concat());
    assert!(output.status.success(), "{}", stderr(&output));
    let figures: Value = serde_json::from_slice(&output.stdout).unwrap();
    let (connections, echo) = (&figures["connections"], &figures["echo"]);
    let count = |what| connections[what].as_u64().unwrap();
    // Wine tells an end now and then where the connection was reset.
    let ends = if cfg!(windows) { count("closed") } else { 0 };
    assert_eq!((count("reset") + ends, count("held")), (2, 2), "{figures}");
    assert_eq!(figures["messages_sent"], 500, "what was not sent went another way: {figures}");
    let (answered, lost) = (echo["answered"].as_u64().unwrap(), echo["lost"].as_u64().unwrap());
    assert!(answered + lost == 500 && answered >= 250, "{figures}");
    let told = run(&[&["send", &peer.target(), "--echo"], &more[..]].concat());
    let words = if cfg!(windows) { "by the server" } else { "2 connections reset by the server" };
    assert!(stderr(&told).contains(words), "{}", stderr(&told));
}

#[test]
fn servers_that_close_or_add_bytes_are_told() {
    let closing = StreamPeer::start(|stream, _| {
        echo(stream.try_clone().unwrap(), 3 * 1024);
        close_in_order(stream);
    });
    let figures = echoed(&closing.target(), &["--messages", "50", "--connections", "2"]);
    assert_eq!((&figures["connections"]["closed"], &figures["connections"]["held"]), (&2.into(), &0.into()));
    assert_eq!(figures["echo"]["answered"], 6, "{figures}");

    let adding = StreamPeer::start(|mut stream, _| {
        let mut message = [0; 1024];
        stream.read_exact(&mut message).unwrap();
        stream.write_all(&message).unwrap();
        stream.write_all(&message).unwrap();
        echo(stream, usize::MAX);
    });
    let figures = echoed(&adding.target(), &["--messages", "50"]);
    let (excess, foreign) = (&figures["connections"]["excess"], &figures["echo"]["foreign"]);
    assert!(*excess == 1 || foreign.as_u64() > Some(0), "{figures}");
}

/// Ends its own side, and closes once the other one has ended, too: to close with bytes unread would be a reset.
fn close_in_order(mut stream: TcpStream) {
    stream.shutdown(Shutdown::Write).unwrap();
    let _ = std::io::copy(&mut stream, &mut std::io::sink());
}

#[test]
fn an_end_that_comes_with_the_last_answer_is_told_at_once() {
    let peer = StreamPeer::start(|mut stream, _| {
        let mut message = [0; 1024];
        stream.read_exact(&mut message).unwrap();
        // What was written waits for more, so that the end leaves in one packet with it.
        #[cfg(target_os = "linux")]
        SockRef::from(&stream).set_tcp_cork(true).unwrap();
        stream.write_all(&message).unwrap();
        close_in_order(stream);
    });
    let figures = echoed(&peer.target(), &["--messages", "2"]);
    // Overlooked, the connection would be given up as a silent one, much later.
    let connections = &figures["connections"];
    assert_eq!((&connections["closed"], &connections["silent"]), (&1.into(), &0.into()), "{figures}");
    assert_eq!(figures["echo"]["answered"], 1, "{figures}");
}

#[test]
fn a_server_that_never_answers_is_given_up() {
    let peer = StreamPeer::start(|mut stream, _| {
        let _ = std::io::copy(&mut stream, &mut std::io::sink());
    });
    let output =
        run(&["send", &peer.target(), "--echo", "--connections", "3", "--timeout", "50ms", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("no answer came"), "{}", stderr(&output));
    let figures: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&figures["connections"]["silent"], &figures["echo"]["lost"]), (&3.into(), &3.into()));
}

#[test]
fn a_server_that_does_not_read_is_given_up_too() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = format!("tcp://{}", listener.local_addr().unwrap());
    let figures = run_json(&["send", &target, "--payload", "1M", "--timeout", "50ms", "--json"]);
    assert_eq!((&figures["connections"]["silent"], &figures["connections"]["held"]), (&1.into(), &0.into()));
}

#[test]
fn nobody_listening_is_a_failure_with_a_sentence() {
    let (_kept, address) = nobody();
    let output = run(&["send", &format!("tcp://{address}"), "--connections", "3"]);
    assert_eq!(output.status.code(), Some(1));
    let told = stderr(&output);
    assert!(told.contains("3 connections refused") && told.contains(&address.to_string()), "{told}");
}

#[test]
fn ctrl_c_ends_with_the_figures_so_far() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = format!("tcp://{}", listener.local_addr().unwrap());
    let child = ringport(&["send", &target, "--echo", "--rate", "1k/s", "--duration", "1000s", "--json"])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // The first message shows that the run, and so its watching for signals, has begun.
    let mut stream = listener.accept().unwrap().0;
    let mut message = [0; 1024];
    stream.read_exact(&mut message).unwrap();
    stream.write_all(&message).unwrap();
    // It sends at its rate whether or not it has read the answer: after so many it has.
    (0..100).for_each(|_| stream.read_exact(&mut message).unwrap());
    interrupt(&child);
    let (status, text) = finish(child);
    assert!(status.success());
    let figures: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(figures["interrupted"], true);
    assert!(figures["messages_sent"].as_u64() >= Some(2), "{figures}");
    assert_eq!(figures["echo"]["answered"], 1, "{figures}");
}

#[cfg(target_os = "linux")]
#[test]
fn too_many_connections_for_this_process_are_refused_with_the_limit() {
    let tool = env!("CARGO_BIN_EXE_ringport");
    let script = format!("ulimit -n 100 && exec {tool} send tcp://127.0.0.1:9 --connections 1000");
    let output = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told = stderr(&output);
    assert!(told.contains("RLIMIT_NOFILE") && told.contains("may have 100"), "{told}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_generator_that_was_stopped_itself_blames_nobody() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = format!("tcp://{}", listener.local_addr().unwrap());
    let child = ringport(&["send", &target, "--echo", "--messages", "2", "--timeout", "4s", "--json"])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stream = listener.accept().unwrap().0;
    let mut message = [0; 1024];
    stream.read_exact(&mut message).unwrap();
    // It is stopped for longer than its time-out while it waits; the answer comes only once it runs again.
    use nix::sys::signal::{Signal, kill};
    let pid = nix::unistd::Pid::from_raw(child.id() as i32);
    kill(pid, Signal::SIGSTOP).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(4_500))).unwrap();
    assert!(stream.read(&mut [0]).is_err(), "it is stopped");
    kill(pid, Signal::SIGCONT).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    assert!(stream.read(&mut [0]).is_err(), "it waits for its answer");
    stream.set_read_timeout(None).unwrap();
    stream.write_all(&message).unwrap();
    stream.read_exact(&mut message).unwrap();
    stream.write_all(&message).unwrap();
    let (status, text) = finish(child);
    let figures: Value = serde_json::from_str(&text).unwrap();
    assert!(status.success(), "{figures}");
    assert_eq!((&figures["connections"]["held"], &figures["echo"]["answered"]), (&1.into(), &2.into()));
}
