//! The library, through its public interface alone.

mod queue;
mod server;
mod streams;

use std::net::{TcpListener, UdpSocket};
use std::time::Duration;

use ringport::{BackendChoice, Waiting, backend};
use ringport_stand::Failure;

use super::{Maker, Peer};
use crate::load::{BYTES, Load, Way, Work};

/// Which of its faces is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Face {
    /// A server as it comes.
    Server,
    /// A server without receive offload.
    Single,
    /// An event queue with receives posted by hand, one datagram each.
    Queue,
}

/// The policy of those that gather as long as nobody minds.
const THROUGHPUT: Waiting = Waiting::Throughput { at_most: Duration::from_micros(100) };

struct Ringport {
    name: &'static str,
    how: &'static str,
    face: Face,
    waiting: Waiting,
    backend: BackendChoice,
}

const fn server(name: &'static str, waiting: Waiting, backend: BackendChoice) -> Ringport {
    let how = match waiting {
        Waiting::Latency => "UdpServer, waiting for latency",
        Waiting::Balanced => "UdpServer with its defaults",
        Waiting::Throughput { .. } => "UdpServer, waiting for throughput, 100 us at most",
    };
    Ringport { name, how, face: Face::Server, waiting, backend }
}

const fn single(name: &'static str, backend: BackendChoice) -> Ringport {
    let how = "UdpServer without receive offload";
    Ringport { name, how, face: Face::Single, waiting: Waiting::Balanced, backend }
}

const fn queue(name: &'static str, waiting: Waiting, backend: BackendChoice) -> Ringport {
    let how = match waiting {
        Waiting::Latency => "an event queue, receives posted by hand, waiting for latency",
        _ => "an event queue, receives posted by hand",
    };
    Ringport { name, how, face: Face::Queue, waiting, backend }
}

/// In the order of the tables.
pub(super) const ALL: [&dyn Peer; 12] = [
    &server("ringport-uring", Waiting::Balanced, BackendChoice::Uring),
    &server("ringport-uring-latency", Waiting::Latency, BackendChoice::Uring),
    &server("ringport-uring-throughput", THROUGHPUT, BackendChoice::Uring),
    &single("ringport-uring-single", BackendChoice::Uring),
    &queue("ringport-uring-queue", Waiting::Balanced, BackendChoice::Uring),
    &queue("ringport-uring-queue-latency", Waiting::Latency, BackendChoice::Uring),
    &server("ringport-epoll", Waiting::Balanced, BackendChoice::Epoll),
    &server("ringport-epoll-latency", Waiting::Latency, BackendChoice::Epoll),
    &server("ringport-epoll-throughput", THROUGHPUT, BackendChoice::Epoll),
    &single("ringport-epoll-single", BackendChoice::Epoll),
    &queue("ringport-epoll-queue", Waiting::Balanced, BackendChoice::Epoll),
    &queue("ringport-epoll-queue-latency", Waiting::Latency, BackendChoice::Epoll),
];

impl Peer for Ringport {
    fn name(&self) -> &'static str {
        self.name
    }

    fn how(&self) -> &'static str {
        self.how
    }

    fn maker(&self) -> Maker {
        Maker::Ringport
    }

    fn packages(&self) -> &'static [&'static str] {
        &["ringport", "io-uring"]
    }

    /// Policies where waiting matters, and what is received singly where that does.
    fn meets(&self, load: Load) -> bool {
        let paced = matches!(load, Load::Paced { .. });
        let flood = matches!(load, Load::Flood { way: Way::Plain, bytes: BYTES });
        let clients = matches!(load, Load::Echo { way: Way::Plain, sockets: 1, .. });
        match (self.face, self.waiting) {
            (Face::Server, Waiting::Balanced) => true,
            (Face::Server, _) => paced || flood || clients,
            (Face::Single, _) => load.work() == Work::Receive && !paced,
            (Face::Queue, Waiting::Balanced) => load.work() == Work::Receive,
            (Face::Queue, _) => paced || flood || load == Load::Drain,
        }
    }

    fn obstacle(&self) -> Option<String> {
        backend::explain(self.backend).err().map(|error| error.to_string())
    }

    fn receive(&self, socket: UdpSocket) -> Result<(), Failure> {
        match self.face {
            Face::Queue => queue::receive(socket, self),
            Face::Server | Face::Single => server::receive(socket, self),
        }
    }

    fn echo(&self, socket: UdpSocket) -> Result<(), Failure> {
        server::echo(socket, self)
    }

    fn streams(&self, listener: TcpListener) -> Result<(), Failure> {
        streams::serve(listener, self)
    }
}
