//! One socket that sends to many.

use std::io;
use std::net::{SocketAddr, UdpSocket};

/// Bytes of each datagram.
const PAYLOAD: [u8; 64] = [b'x'; 64];

/// See the module.
pub(super) struct Senders {
    socket: UdpSocket,
    targets: Vec<SocketAddr>,
}

impl Senders {
    pub(super) fn new(targets: Vec<SocketAddr>) -> io::Result<Senders> {
        Ok(Senders { socket: UdpSocket::bind("127.0.0.1:0")?, targets })
    }

    /// Sends one datagram to a target.
    pub(super) fn send(&self, target: usize) -> io::Result<()> {
        let Some(target) = self.targets.get(target) else { return Ok(()) };
        self.socket.send_to(&PAYLOAD, target).map(|_| ())
    }

    /// Sends so many to the first `busy` of them, one to each in turn: neighbours are never of one socket, which
    /// is the worst that a server can meet.
    pub(super) fn fill(&self, busy: usize, count: usize) -> io::Result<()> {
        (0..count).try_for_each(|number| self.send(number % busy.max(1)))
    }
}
