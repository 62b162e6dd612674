//! A server under test in every design, and waiting for its figures.

use ringport::server::tcp::{TcpCounters, TcpRunning};
use ringport::{BackendChoice, Design, TcpServer};
use socket2::SockRef;
use std::fmt::Debug;
use std::io::{ErrorKind, Write};
use std::mem::replace;
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use crate::common::system::lacked_by_wine;
use crate::common::{PATIENCE, until};
use crate::designs::is_offered;

/// The designs that serve streams.
const DESIGNS: [Design; 9] = [
    Design::Polled,
    Design::Event,
    Design::EventPolled,
    Design::ShardedPolled,
    Design::ShardedEvent,
    Design::ShardedEventPolled,
    Design::RegisteredPort1,
    Design::RegisteredPort,
    Design::Hybrid,
];

/// Those of them that a server can have here.
pub(crate) fn designs() -> impl Iterator<Item = Design> {
    DESIGNS.into_iter().filter(is_offered)
}

/// The buffers of a client that is to be full soon.
const SOCKET_BUFFER: usize = 64 << 10;

/// A server that is not set up yet.
pub(crate) fn server(choice: BackendChoice, design: Design) -> TcpServer {
    server_at("127.0.0.1:0", choice, design)
}

/// The same at an address. Unless a test is about that, it waits for its peers as long as the test for it: the system's own
/// timers for a connection that was full both ways may run for seconds.
pub(crate) fn server_at(
    address: impl ToSocketAddrs + Debug,
    choice: BackendChoice,
    design: Design,
) -> TcpServer {
    let server = TcpServer::bind(address).unwrap().backend(choice).design(design);
    server.slice_size(4096).largest_reply(4096).close_timeout(PATIENCE).stop_timeout(PATIENCE)
}

pub(crate) fn connect(running: &TcpRunning) -> TcpStream {
    let stream = TcpStream::connect(running.local_addr()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Whether this is Wine, which tells of a reset only to a receive that waits for something when it comes; says so then.
pub(crate) fn reset_may_be_an_end() -> bool {
    lacked_by_wine("reset for who receives after it: an end is told")
}

/// Waits until the figures are as they should be.
pub(crate) fn counters_become(running: &TcpRunning, what: &str, mut right: impl FnMut(&TcpCounters) -> bool) {
    until(what, || right(&running.handle().counters()).then_some(()));
}

/// What does not move for so long does not move any more. A server that is only slow has paused for no reply.
const STILL: Duration = Duration::from_millis(100);

/// Asks for replies that nobody reads, until the server takes no more; returns how many bytes it will take.
pub(crate) fn fill(stream: &TcpStream, running: &TcpRunning) -> u64 {
    // The sooner it is full.
    SockRef::from(stream).set_recv_buffer_size(SOCKET_BUFFER).unwrap();
    SockRef::from(stream).set_send_buffer_size(SOCKET_BUFFER).unwrap();
    stream.set_nonblocking(true).unwrap();
    let (mut sent, mut moved, mut since) = (0, (0, 0, 0), Instant::now());
    counters_become(running, "it is no longer read from", |counters| {
        match { stream }.write(&[b'x'; 1000]) {
            Ok(bytes) => sent += bytes as u64,
            Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
        }
        if replace(&mut moved, (sent, counters.received, counters.sent)) != moved {
            since = Instant::now();
        }
        counters.paused > 0 && counters.slices_used > 0 && since.elapsed() > STILL
    });
    sent
}
