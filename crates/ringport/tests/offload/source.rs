//! A client that sends several datagrams as one message, and takes what comes back one by one.

use std::net::{SocketAddr, UdpSocket};

use crate::common::system::cut_sends;
use crate::ways::{client_at, next};

/// The most payload of one message over IPv4.
pub(crate) const LARGEST: usize = 65_507;
/// Datagrams of a message that every kernel sends.
pub(crate) const MOST: usize = 64;

/// See the module.
pub(crate) struct Source(pub(crate) UdpSocket);

impl Source {
    pub(crate) fn at(address: &str) -> Source {
        let socket = client_at(address);
        let _ = socket2::SockRef::from(&socket).set_recv_buffer_size(4 << 20);
        Source(socket)
    }

    pub(crate) fn new() -> Source {
        Source::at("127.0.0.1:0")
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.0.local_addr().unwrap()
    }

    /// Sends one datagram.
    pub(crate) fn send(&self, bytes: &[u8], to: SocketAddr) {
        self.try_run(bytes, 0, to).unwrap();
    }

    /// Sends datagrams of `size` bytes, the last perhaps shorter, as one message.
    pub(crate) fn run(&self, bytes: &[u8], size: usize, to: SocketAddr) {
        self.try_run(bytes, size, to).unwrap();
    }

    pub(crate) fn try_run(&self, bytes: &[u8], size: usize, to: SocketAddr) -> std::io::Result<()> {
        // A message that is no longer than a segment is sent as it is.
        cut_sends(&self.0, if bytes.len() > size { size } else { 0 });
        self.0.send_to(bytes, to).map(|sent| assert_eq!(sent, bytes.len()))
    }

    /// The next datagram that comes.
    pub(crate) fn receive(&self) -> Vec<u8> {
        next(&self.0).0
    }

    /// The same, and who sent it.
    pub(crate) fn receive_from(&self) -> (Vec<u8>, SocketAddr) {
        next(&self.0)
    }

    /// May send to the broadcast address of a network.
    pub(crate) fn may_broadcast(&self) {
        self.0.set_broadcast(true).unwrap();
    }

    /// Nothing has come; asked where everything that will has.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.set_nonblocking(true).unwrap();
        let empty = self.0.recv(&mut [0; 8]).is_err();
        self.0.set_nonblocking(false).unwrap();
        empty
    }
}

/// Bytes of which no two pieces near each other are the same; other ones for each `salt`.
pub(crate) fn pattern(length: usize, salt: usize) -> Vec<u8> {
    (0..length).map(|index| ((index ^ index >> 8) + salt).wrapping_mul(31) as u8).collect()
}

/// Whether messages are cut and left together here; says so if not.
pub(crate) fn can_run() -> bool {
    let can = ringport::net::gro_supported() && ringport::net::gso_supported();
    if !can {
        eprintln!("skipped: this kernel lacks UDP_SEGMENT or UDP_GRO");
    }
    can
}
