//! A server with a directory of its own, and a client that reads every byte.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

pub(crate) use ringport_testing::on_each_backend;
use ringport_testing::{WAYS_TO_STOP, spawn};

use crate::system;

/// How long anything may take before a test calls it lost.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Bytes that tell their place: no two slices of a file are alike.
pub(crate) fn pattern(length: usize) -> Vec<u8> {
    (0..length as u64)
        .flat_map(|number| (number.wrapping_mul(0x9e37_79b9) as u32).to_le_bytes())
        .take(length)
        .collect()
}

/// An address of the loopback interface of this process alone: when its servers have closed a port, nobody else opens it.
fn lonely() -> Ipv4Addr {
    let [.., high, low] = std::process::id().to_be_bytes();
    Ipv4Addr::new(127, 200 + high % 50, low, 1)
}

/// A server that runs.
pub(crate) struct Served {
    child: Child,
    out: BufReader<ChildStdout>,
    pub(crate) address: SocketAddr,
    pub(crate) site: PathBuf,
}

impl Served {
    pub(crate) fn start(backend: &str, more: &[&str]) -> Served {
        Served::start_as(program(), backend, more)
    }

    /// With so many descriptors and no more.
    pub(crate) fn start_with_descriptors(descriptors: u32, backend: &str) -> Served {
        let mut shell = Command::new("sh");
        let line = format!("ulimit -n {descriptors}; exec \"$0\" \"$@\"");
        shell.args(["-c", &line, env!("CARGO_BIN_EXE_http-files")]);
        Served::start_as(shell, backend, &[])
    }

    fn start_as(mut program: Command, backend: &str, more: &[&str]) -> Served {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let base = std::env::temp_dir().join(format!("http-files-{}-{number}", std::process::id()));
        let site = base.join("site");
        fill(&base, &site);
        let command = program
            .args([&format!("{}:0", lonely()), site.to_str().unwrap(), "--backend", backend])
            .args(more)
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        let mut child = spawn(command).unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next()).unwrap();
        Served { child, out, address: address.parse().unwrap(), site }
    }

    pub(crate) fn client(&self) -> Client {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Client { stream: BufReader::new(stream) }
    }

    /// One answer on a connection of its own.
    pub(crate) fn get(&self, path: &str) -> Answer {
        let mut client = self.client();
        client.ask("GET", path, "");
        client.answer(false)
    }

    /// Asks for its end in the way of this number.
    pub(crate) fn stop(&self, way: usize) {
        WAYS_TO_STOP[way % WAYS_TO_STOP.len()](&self.child);
    }

    /// Waits for its end; what it said last comes with it.
    pub(crate) fn finish(mut self) -> (ExitStatus, String) {
        let mut text = String::new();
        self.out.read_to_string(&mut text).unwrap();
        (self.child.wait().unwrap(), text)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(self.site.parent().unwrap());
    }
}

pub(crate) fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_http-files"))
}

/// What is served, and what lies beside it.
fn fill(base: &Path, site: &Path) {
    fs::create_dir_all(site.join("sub")).unwrap();
    fs::create_dir_all(site.join("bare")).unwrap();
    fs::write(base.join("secret.txt"), "not for you").unwrap();
    fs::write(site.join("index.html"), "<h1>hello</h1>").unwrap();
    fs::write(site.join("sub/index.html"), "<h1>below</h1>").unwrap();
    fs::write(site.join("empty.txt"), "").unwrap();
    fs::write(site.join("with space.css"), "p { }").unwrap();
    fs::write(site.join("part.bin"), pattern(100_000)).unwrap();
    system::fill(site);
}

/// A connection to the server.
pub(crate) struct Client {
    pub(crate) stream: BufReader<TcpStream>,
}

/// An answer as it came.
#[derive(Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The value of a field.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let is = |line: &&str| line.split_once(':').is_some_and(|(key, _)| key.eq_ignore_ascii_case(name));
        self.head.lines().find(is).and_then(|line| line.split_once(": ")).map(|(_, value)| value)
    }
}

impl Client {
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.get_mut().write_all(bytes.as_ref()).unwrap();
    }

    pub(crate) fn ask(&mut self, method: &str, path: &str, fields: &str) {
        self.send(format!("{method} {path} HTTP/1.1\r\nHost: here\r\n{fields}\r\n"));
    }

    /// Reads one answer; that to HEAD has no body.
    pub(crate) fn answer(&mut self, is_head: bool) -> Answer {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(self.stream.read_line(&mut head).unwrap() > 0, "the head ends early: {head:?}");
        }
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let mut answer = Answer { status, head, body: Vec::new() };
        let length =
            answer.field("content-length").filter(|_| !is_head).map_or(0, |length| length.parse().unwrap());
        answer.body.resize(length, 0);
        self.stream.read_exact(&mut answer.body).unwrap();
        answer
    }

    /// Asserts that the server ends the connection in order, with nothing more sent.
    pub(crate) fn assert_end(&mut self) {
        let mut rest = Vec::new();
        self.stream.read_to_end(&mut rest).unwrap();
        assert_eq!(String::from_utf8_lossy(&rest), "");
    }
}
