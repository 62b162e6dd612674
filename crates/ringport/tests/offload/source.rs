//! A client that sends several datagrams as one message, and takes what comes back one by one.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;

use crate::ways::{client_at, next};

/// The most payload of one message over IPv4.
pub(crate) const LARGEST: usize = 65_507;
/// Datagrams of a message that every kernel sends.
pub(crate) const MOST: usize = 64;

/// See the module.
pub(crate) struct Source(UdpSocket);

impl Source {
    pub(crate) fn at(address: &str) -> Source {
        let socket = client_at(address);
        let _ = socket2::SockRef::from(&socket).set_recv_buffer_size(4 << 20);
        Source(socket)
    }

    pub(crate) fn new() -> Source {
        Source::at("127.0.0.1:0")
    }

    /// With an address that is not of this machine; only in a network namespace of our own.
    pub(crate) fn transparent(address: Ipv4Addr) -> Source {
        let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::DGRAM, None).unwrap();
        socket.set_ip_transparent_v4(true).unwrap();
        socket.bind(&SocketAddr::from((address, 0)).into()).unwrap();
        Source(socket.into())
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
        let segment = if bytes.len() > size { size as libc::c_int } else { 0 };
        let length = size_of_val(&segment) as libc::socklen_t;
        // SAFETY: the option is an integer of the length given, which is only read.
        let set = unsafe {
            let value = (&raw const segment).cast();
            libc::setsockopt(self.0.as_raw_fd(), libc::SOL_UDP, libc::UDP_SEGMENT, value, length)
        };
        assert_eq!(set, 0, "this kernel has no UDP_SEGMENT");
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
