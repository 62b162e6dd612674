//! Servers with receive offload, and one whose handler tells all that it sees.

use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, channel};

use ringport::server::{Running, ThreadCounters};
use ringport::{Datagram, UdpServer};

use crate::common::PATIENCE;
use crate::ways::Way;

/// A server of this way with receive offload, that handles the datagrams of each peer in their order.
pub(crate) fn offloaded(way: Way, address: &str) -> UdpServer {
    in_order(way, way.bind(address)).receive_offload(true)
}

/// With one thread, unless each has a socket of its own.
pub(crate) fn in_order(way: Way, server: UdpServer) -> UdpServer {
    if way.design.takes_threads() && !way.design.is_sharded() { server.threads(1) } else { server }
}

/// What a handler saw of a datagram.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) peer: SocketAddr,
    pub(crate) local: SocketAddr,
    pub(crate) truncated: bool,
    pub(crate) bytes: Vec<u8>,
}

impl Seen {
    pub(crate) fn of(datagram: &Datagram<'_>) -> Seen {
        Seen {
            peer: datagram.peer(),
            local: datagram.local(),
            truncated: datagram.truncated(),
            bytes: datagram.payload().to_vec(),
        }
    }
}

/// See the module.
pub(crate) struct Recorder {
    pub(crate) server: Running,
    seen: Receiver<Seen>,
}

impl Recorder {
    pub(crate) fn start(server: UdpServer) -> Recorder {
        let (tell, seen) = channel();
        let server = server.start(move |datagram| drop(tell.send(Seen::of(&datagram)))).unwrap();
        Recorder { server, seen }
    }

    pub(crate) fn port(&self) -> u16 {
        self.server.local_addr().port()
    }

    pub(crate) fn next(&self) -> Seen {
        self.seen.recv_timeout(PATIENCE).expect("a datagram that was sent")
    }

    /// Everything was seen: nothing more comes while it stops.
    pub(crate) fn stop(self) -> ThreadCounters {
        let total = self.server.stop().unwrap().counters.total;
        assert_eq!(self.seen.try_recv().ok(), None, "a datagram that nobody sent");
        total
    }
}
