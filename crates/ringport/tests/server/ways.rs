//! Every way a server can run here, and clients that do not wait for ever.

use std::fmt;
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use ringport::server::{Running, ServerError};
use ringport::{BackendChoice, Datagram, Design, UdpServer};

use crate::backends;

/// A test that waits this long for a datagram has failed; no test waits so long when all is well.
const PATIENCE: Duration = Duration::from_secs(60);

/// A design on a backend.
#[derive(Clone, Copy)]
pub(crate) struct Way {
    pub(crate) design: Design,
    pub(crate) backend: BackendChoice,
}

impl fmt::Display for Way {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.design.has_backend() {
            write!(formatter, "{} over {}", self.design, self.backend)
        } else {
            write!(formatter, "{}", self.design)
        }
    }
}

/// All designs on all backends, those that cannot run here left out with a line that says why.
pub(crate) fn ways() -> Vec<Way> {
    let mut ways = Vec::new();
    for design in Design::ALL.into_iter().filter(|design| design.refusal().is_none()) {
        if !design.has_backend() {
            ways.push(Way { design, backend: BackendChoice::Automatic });
            continue;
        }
        ways.extend(backends::present().map(|backend| Way { design, backend }));
    }
    ways
}

/// The ways whose design uses queues.
pub(crate) fn registered_ways() -> impl Iterator<Item = Way> {
    ways().into_iter().filter(|way| way.design.is_registered())
}

impl Way {
    /// A server of this way on `address`: small, so that many fit beside each other.
    pub(crate) fn bind(self, address: &str) -> UdpServer {
        self.try_bind(address).unwrap()
    }

    /// The same, where it may well be refused.
    pub(crate) fn try_bind(self, address: &str) -> Result<UdpServer, ServerError> {
        let server = UdpServer::bind(address)?.design(self.design).backend(self.backend).pending(64);
        Ok(if self.design.takes_threads() { server.threads(2) } else { server })
    }

    /// A server on the loopback interface.
    pub(crate) fn server(self) -> UdpServer {
        self.bind("127.0.0.1:0")
    }

    /// The same, running.
    pub(crate) fn start(self, handler: impl Fn(Datagram<'_>) + Send + Sync + 'static) -> Running {
        self.server().start(handler).unwrap_or_else(|error| panic!("{self}: {error}"))
    }
}

/// A handler that lets every datagram go.
pub(crate) fn sink(_: Datagram<'_>) {}

/// A client on the loopback interface, with its time limit.
pub(crate) fn client() -> UdpSocket {
    client_at("127.0.0.1:0")
}

/// A client on another address.
pub(crate) fn client_at(address: &str) -> UdpSocket {
    let client = UdpSocket::bind(address).unwrap();
    client.set_read_timeout(Some(PATIENCE)).unwrap();
    client
}

/// The next datagram that a client gets.
pub(crate) fn next(client: &UdpSocket) -> (Vec<u8>, SocketAddr) {
    let mut bytes = vec![0; 65_536];
    let (length, from) = loop {
        match client.recv_from(&mut bytes) {
            Ok(received) => break received,
            // A receive with a time limit is not taken up again by the system.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => panic!("no answer: {error}"),
        }
    };
    bytes.truncate(length);
    (bytes, from)
}
