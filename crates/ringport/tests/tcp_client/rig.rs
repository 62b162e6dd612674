//! Peers that do what a test says, names that it makes up, and clients with short pauses.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use ringport::client::TcpClientBuilder;
use ringport::server::tcp::Backoff;
use ringport::server::tcp::framing::Delimiter;
use ringport::{BackendChoice, TcpClient};

use crate::common::{PATIENCE, until};

/// A peer on a thread of its own, which serves one connection after the other as the test says.
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    thread: JoinHandle<()>,
}

impl Peer {
    /// Takes as many connections as there are acts; nobody listens after the last.
    pub(crate) fn new<const ACTS: usize>(acts: [fn(TcpStream); ACTS]) -> Peer {
        Peer::on(TcpListener::bind("127.0.0.1:0").unwrap(), acts)
    }

    pub(crate) fn on<const ACTS: usize>(listener: TcpListener, acts: [fn(TcpStream); ACTS]) -> Peer {
        let address = listener.local_addr().unwrap();
        let thread = std::thread::spawn(move || {
            for act in acts {
                act(accept(&listener));
            }
        });
        Peer { address, thread }
    }

    /// Waits until it has done all it was told.
    pub(crate) fn join(self) {
        self.thread.join().unwrap();
    }
}

/// The next connection; not waited for without an end.
pub(crate) fn accept(listener: &TcpListener) -> TcpStream {
    listener.set_nonblocking(true).unwrap();
    let (stream, _) = until("a connection", || listener.accept().ok());
    stream.set_nonblocking(false).unwrap();
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Answers each line with itself, until the client ends.
pub(crate) fn echo(mut stream: TcpStream) {
    let mut lines = BufReader::new(stream.try_clone().unwrap());
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line).unwrap() > 0 {
        stream.write_all(&line).unwrap();
        line.clear();
    }
}

/// Reads `bytes` bytes.
pub(crate) fn take(stream: &mut TcpStream, bytes: usize) -> Vec<u8> {
    let mut taken = vec![0; bytes];
    stream.read_exact(&mut taken).unwrap();
    taken
}

/// Waits until the other end has sent its last.
pub(crate) fn end(stream: &mut TcpStream) {
    assert_eq!(stream.read(&mut [0; 8]).unwrap(), 0);
}

/// A name whose addresses a test makes up, each time it is asked.
pub(crate) struct Name {
    asked: AtomicU32,
    addresses: Box<dyn Fn(u32) -> Vec<SocketAddr> + Send>,
}

impl Name {
    /// `addresses` gets how often it was asked before.
    pub(crate) fn new(addresses: impl Fn(u32) -> Vec<SocketAddr> + Send + 'static) -> Name {
        Name { asked: AtomicU32::new(0), addresses: Box::new(addresses) }
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the test's name")
    }
}

impl ToSocketAddrs for Name {
    type Iter = std::vec::IntoIter<SocketAddr>;

    fn to_socket_addrs(&self) -> io::Result<Self::Iter> {
        Ok((self.addresses)(self.asked.fetch_add(1, Ordering::Relaxed)).into_iter())
    }
}

/// Pauses that a test does not notice.
pub(crate) fn soon() -> Backoff {
    Backoff::new(Duration::from_micros(100), 1.0, Duration::from_micros(100)).unwrap()
}

/// A client that takes lines of up to 100 bytes in slices of 64, and has time.
pub(crate) fn client(
    choice: BackendChoice,
    address: impl ToSocketAddrs + fmt::Debug + Send + 'static,
) -> TcpClientBuilder<Delimiter> {
    TcpClient::builder(address)
        .framing(Delimiter::new(b'\n', 100))
        .slice_size(64)
        .backend(choice)
        .backoff(soon())
        .connect_timeout(PATIENCE)
        .request_timeout(PATIENCE)
}
