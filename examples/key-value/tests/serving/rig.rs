//! A server, and a client that reads replies to the letter.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::Duration;

pub(crate) use ringport_testing::on_each_backend;
use ringport_testing::{WAYS_TO_STOP, spawn};

/// How long anything may take before a test calls it lost.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server that runs.
pub(crate) struct Served {
    child: Child,
    out: BufReader<ChildStdout>,
    address: SocketAddr,
}

impl Served {
    pub(crate) fn start(backend: &str, more: &[&str]) -> Served {
        let mut program = Command::new(env!("CARGO_BIN_EXE_key-value"));
        let command = program
            .args(["127.0.0.1:0", "--backend", backend])
            .args(more)
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        let mut child = spawn(command).unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("serving on ").unwrap().parse().unwrap();
        Served { child, out, address }
    }

    pub(crate) fn client(&self) -> Client {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        Client { stream: BufReader::new(stream) }
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
    }
}

/// A connection to the server.
pub(crate) struct Client {
    stream: BufReader<TcpStream>,
}

/// A command as programs send it.
pub(crate) fn array(words: &[&[u8]]) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        bytes.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
        bytes.extend_from_slice(word);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
}

impl Client {
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.get_mut().write_all(bytes.as_ref()).unwrap();
    }

    /// A connection on which to write while this one reads.
    pub(crate) fn writer(&self) -> TcpStream {
        self.stream.get_ref().try_clone().unwrap()
    }

    /// Asserts that these bytes come next.
    pub(crate) fn expect(&mut self, reply: impl AsRef<[u8]>) {
        let expected = reply.as_ref();
        let mut came = vec![0; expected.len()];
        self.stream.read_exact(&mut came).unwrap();
        assert_eq!(came.escape_ascii().to_string(), expected.escape_ascii().to_string());
    }

    /// The next line.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).unwrap();
        line.strip_suffix("\r\n").unwrap().to_owned()
    }

    /// The next bulk string, as text.
    pub(crate) fn bulk(&mut self) -> String {
        let length: usize = self.line().strip_prefix('$').unwrap().parse().unwrap();
        let mut bytes = vec![0; length + 2];
        self.stream.read_exact(&mut bytes).unwrap();
        String::from_utf8(bytes).unwrap().strip_suffix("\r\n").unwrap().to_owned()
    }

    /// Sends words and asserts what is answered.
    pub(crate) fn ask(&mut self, words: &str, reply: &str) {
        let words: Vec<&[u8]> = words.split(' ').map(str::as_bytes).collect();
        self.send(array(&words));
        let mut came = vec![0; reply.len()];
        self.stream.read_exact(&mut came).unwrap_or_else(|error| panic!("{words:?}: {error}"));
        assert_eq!(String::from_utf8_lossy(&came), reply, "{}", words.join(&b' ').escape_ascii());
    }

    /// Asks for the time that a key has left; it had so many seconds a moment ago, however long that is here.
    pub(crate) fn ask_time_left(&mut self, key: &str, seconds: u64) {
        self.send(array(&[b"TTL", key.as_bytes()]));
        let line = self.line();
        let left: u64 = line.strip_prefix(':').unwrap().parse().unwrap();
        assert!((seconds - 60..=seconds).contains(&left), "{left} of {seconds}");
    }

    /// Asserts that the server ends the connection in order, with nothing more sent.
    pub(crate) fn expect_end(&mut self) {
        let mut rest = Vec::new();
        self.stream.read_to_end(&mut rest).unwrap();
        assert_eq!(String::from_utf8_lossy(&rest), "");
    }
}
