//! What the tests of the tool share: running the built binary, and peers that behave badly on purpose.
#![allow(dead_code, reason = "every test file uses a part of it")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed helper is a failed test")]

pub(crate) mod serving;
pub(crate) mod streams;

use std::io::Read;
use std::net::{SocketAddr, UdpSocket};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::Value;

/// The tool, standard input closed.
pub(crate) fn ringport(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ringport"));
    ringport_testing::prepare(&mut command);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs the tool to its end.
pub(crate) fn run(arguments: &[&str]) -> Output {
    ringport(arguments).output().unwrap()
}

/// Runs the tool and reads its JSON; it must have succeeded.
pub(crate) fn run_json(arguments: &[&str]) -> Value {
    let output = run(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{arguments:?}: {error}: {}", String::from_utf8_lossy(&output.stdout)))
}

/// The figures of a run of the generator that expects everything back.
pub(crate) fn send_echo(target: &str, more: &[&str]) -> Value {
    run_json(&[&["send", target, "--echo", "--json"], more].concat())
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The run must be refused as wrong usage, in a sentence that has all of `words`.
pub(crate) fn assert_wrong_usage(arguments: &[&str], words: &[&str]) {
    let output = run(arguments);
    let told = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {told}");
    for word in words {
        assert!(told.contains(word), "{arguments:?}: '{word}' is missing in: {told}");
    }
    assert!(output.stdout.is_empty(), "{arguments:?}: nothing belongs on standard output");
}

/// The arguments of a small comparison, and `more`.
pub(crate) fn small_compare(more: &[&'static str]) -> Vec<&'static str> {
    let small =
        ["compare", "--designs", "blocking", "--datagrams", "2000", "--rate", "20k/s", "--payload", "64"];
    small.iter().chain(more).copied().collect()
}

/// The arguments that leave a comparison of all designs as it is, and on Windows choose these: Wine starts two processes
/// for each, slowly. There all of them are compared by `.ci/windows.ps1`.
pub(crate) fn all_or(few: &'static str) -> &'static [&'static str] {
    let few: &[_] = if cfg!(windows) { Box::leak(Box::new(["--designs", few])) } else { &[] };
    few.iter().for_each(|it| println!("not all designs: {it}"));
    few
}

/// Everything a child prints until it closes its output, and its end.
pub(crate) fn finish(mut child: Child) -> (std::process::ExitStatus, String) {
    let mut text = String::new();
    child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    (child.wait().unwrap(), text)
}

/// A TCP address at which nobody listens, as long as the socket is kept: a port that is let go may be another test's.
pub(crate) fn nobody() -> (socket2::Socket, SocketAddr) {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    (socket, address)
}

/// A UDP peer on a port of its own that answers each datagram with what `behaviour` says.
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Peer {
    /// `behaviour` gets the number of the datagram and its bytes, and gives the answers.
    pub(crate) fn start(behaviour: impl FnMut(usize, &[u8]) -> Vec<Vec<u8>> + Send + 'static) -> Peer {
        Peer::start_at("127.0.0.1:0", behaviour)
    }

    pub(crate) fn start_at(
        address: &str,
        mut behaviour: impl FnMut(usize, &[u8]) -> Vec<Vec<u8>> + Send + 'static,
    ) -> Peer {
        let socket = UdpSocket::bind(address).unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        let address = socket.local_addr().unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let mut buffer = vec![0; 65_536];
            let mut number = 0;
            while !stopped.load(Ordering::Relaxed) {
                let Ok((length, from)) = socket.recv_from(&mut buffer) else { continue };
                for answer in behaviour(number, &buffer[..length]) {
                    let _ = socket.send_to(&answer, from);
                }
                number += 1;
            }
        });
        Peer { address, stop, thread: Some(thread) }
    }

    /// An honest echo.
    pub(crate) fn echo() -> Peer {
        Peer::start(|_, bytes| vec![bytes.to_vec()])
    }

    pub(crate) fn target(&self) -> String {
        self.address.to_string()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
