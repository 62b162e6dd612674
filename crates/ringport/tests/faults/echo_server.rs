//! What connections are made to: a server that sends back what it gets, of every kind that the library has.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use ringport::server::tcp::TcpRunning;
use ringport::{BackendChoice, BufferPool, Design, StreamListener, TcpServer};
use socket2::SockRef;

use crate::common::until;
use crate::echo::Echo;

/// Bytes that a socket of a server buffers: the system must not take for long what the server does not.
pub(crate) const SOCKET_BUFFER: usize = 64 * 1024;

/// How a server is made.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// Of request queues and a loop.
    Queues,
    /// By the library, in one of its designs.
    Server(Design),
}

/// The designs that serve streams: those with which a server can be run.
pub(crate) fn designs() -> impl Iterator<Item = Design> {
    Design::ALL.into_iter().filter(|design| {
        let server = TcpServer::bind("127.0.0.1:0").unwrap().design(*design);
        server.handle().stop();
        server.run(|_| ()).is_ok()
    })
}

/// A server, running.
pub(crate) enum EchoServer {
    Queues(Echo),
    Server(TcpRunning),
}

impl Kind {
    /// All of them.
    pub(crate) fn all() -> impl Iterator<Item = Kind> {
        std::iter::once(Kind::Queues).chain(designs().map(Kind::Server))
    }

    /// Starts it on this address, on a port of the system's choice.
    pub(crate) fn start(self, choice: BackendChoice, host: Ipv4Addr) -> EchoServer {
        self.start_with(choice, host, Duration::from_secs(300))
    }

    /// The same, for peers that are given up after so much silence.
    pub(crate) fn start_with(self, choice: BackendChoice, host: Ipv4Addr, silence: Duration) -> EchoServer {
        let listener = TcpListener::bind((host, 0)).unwrap();
        // Its connections inherit them.
        SockRef::from(&listener).set_recv_buffer_size(SOCKET_BUFFER).unwrap();
        SockRef::from(&listener).set_send_buffer_size(SOCKET_BUFFER).unwrap();
        let listener = StreamListener::from(listener);
        match self {
            Kind::Queues => EchoServer::Queues(Echo::start(choice, listener)),
            Kind::Server(design) => {
                let server = TcpServer::from_listener(listener).unwrap().backend(choice).design(design);
                let server = server.slice_size(4096).largest_reply(4096).idle_timeout(silence);
                EchoServer::Server(server.start(|message| message.echo().unwrap()).unwrap())
            }
        }
    }
}

impl EchoServer {
    pub(crate) fn address(&self) -> SocketAddr {
        match self {
            EchoServer::Queues(echo) => echo.address,
            EchoServer::Server(running) => running.local_addr(),
        }
    }

    /// Connections that are there.
    pub(crate) fn open(&self) -> usize {
        match self {
            EchoServer::Queues(echo) => echo.figures.open.load(Relaxed),
            EchoServer::Server(running) => running.handle().counters().open as usize,
        }
    }

    /// Connections that ended with an error, or because their peer was silent for too long.
    pub(crate) fn failed(&self) -> usize {
        match self {
            EchoServer::Queues(echo) => echo.figures.failed.load(Relaxed),
            EchoServer::Server(running) => {
                let counters = running.handle().counters();
                (counters.failed + counters.idle) as usize
            }
        }
    }

    /// Slices in use.
    pub(crate) fn slices(&self) -> usize {
        match self {
            EchoServer::Queues(echo) => echo.pool.figures().used,
            EchoServer::Server(running) => running.handle().counters().slices_used as usize,
        }
    }

    /// Waits until so many connections are there.
    pub(crate) fn until_open(&self, connections: usize) {
        until("the connections to be closed", || (self.open() == connections).then_some(()));
    }

    /// Stops it, when all that it lent is back and every connection that it took has ended in one way; gives the memory.
    pub(crate) fn end(self) -> Vec<BufferPool> {
        until("the slices", || (self.slices() == 0).then_some(()));
        let running = match self {
            EchoServer::Queues(echo) => return vec![echo.stop()],
            EchoServer::Server(running) => running,
        };
        let counters = running.stop().unwrap().counters;
        let ended = counters.ended_by_peer + counters.failed + counters.idle + counters.ended_by_stop;
        assert_eq!(counters.accepted, ended, "{counters:?}");
        assert_eq!((counters.slices_used, counters.slices_reserved, counters.open), (0, 0, 0));
        Vec::new()
    }
}
