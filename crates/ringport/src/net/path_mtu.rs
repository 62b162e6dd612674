//! How large a packet may be on its way to a peer, as far as the kernel knows.

use std::fmt;
use std::net::{SocketAddr, ToSocketAddrs};

use super::error::SocketError;
use super::socket::{Domain, UdpSocket};
use super::system::path;
use crate::backend::sys::descriptor::AsFd;

/// Headers of IP and UDP, and the most that an IP packet can state as its length.
const HEADERS_V4: usize = 20 + 8;
const HEADERS_V6: usize = 40 + 8;
const LONGEST: usize = 65_535;

/// The largest packet that goes the whole way in one piece.
///
/// ```
/// # if let Err(ringport::net::SocketError::NotOffered { .. }) = ringport::net::path_mtu("127.0.0.1:9") { return Ok(()) }
/// let mtu = ringport::net::path_mtu("127.0.0.1:9")?;
/// assert_eq!(mtu.datagram(), mtu.packet().min(65_535) - 28); // headers of IPv4 and UDP
/// # Ok::<(), ringport::net::SocketError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PathMtu {
    packet: usize,
    v4: bool,
}

impl PathMtu {
    pub(super) fn new(packet: u32, peer: &SocketAddr) -> PathMtu {
        PathMtu { packet: packet as usize, v4: peer.ip().to_canonical().is_ipv4() }
    }

    /// The bytes of a packet, with its headers.
    ///
    /// ```
    /// # if let Err(ringport::net::SocketError::NotOffered { .. }) = ringport::net::path_mtu("127.0.0.1:9") { return Ok(()) }
    /// assert!(ringport::net::path_mtu("127.0.0.1:9")?.packet() >= 1280);
    /// # Ok::<(), ringport::net::SocketError>(())
    /// ```
    pub fn packet(self) -> usize {
        self.packet
    }

    /// The bytes of a datagram's payload that such a packet holds: 28 fewer over IPv4, 48 fewer over IPv6, and never
    /// more than a datagram can have (65,507 and 65,527).
    ///
    /// ```
    /// # if let Err(ringport::net::SocketError::NotOffered { .. }) = ringport::net::path_mtu("127.0.0.1:9") { return Ok(()) }
    /// assert!(ringport::net::path_mtu("127.0.0.1:9")?.datagram() <= 65_507);
    /// # Ok::<(), ringport::net::SocketError>(())
    /// ```
    pub fn datagram(self) -> usize {
        // A packet of IPv6 states its length without its first header.
        let (headers, longest) =
            if self.v4 { (HEADERS_V4, LONGEST) } else { (HEADERS_V6, LONGEST + HEADERS_V6 - 8) };
        self.packet.min(longest).saturating_sub(headers)
    }
}

/// The largest packet on the way to `peer`, as far as the kernel knows: what the route's device takes, or less where a
/// router on the way said so about an earlier datagram of this machine (ICMP), whichever socket sent it.
///
/// It costs a socket, which is made for it and sends nothing: not for each datagram. What it says of a peer holds until
/// the way changes.
///
/// # Errors
/// [`SocketError`] names the address or the host, and what to change.
///
/// ```
/// # if let Err(ringport::net::SocketError::NotOffered { .. }) = ringport::net::path_mtu("127.0.0.1:9") { return Ok(()) }
/// let mtu = ringport::net::path_mtu("127.0.0.1:9")?;
/// println!("datagrams of up to {} bytes arrive in one piece", mtu.datagram());
/// # Ok::<(), ringport::net::SocketError>(())
/// ```
pub fn path_mtu(peer: impl ToSocketAddrs + fmt::Debug) -> Result<PathMtu, SocketError> {
    let mut first_error = None;
    for peer in super::resolve(&peer)? {
        // What comes as `::ffff:a.b.c.d` needs no IPv6.
        let ip = peer.ip().to_canonical();
        let peer = if ip.is_ipv4() { SocketAddr::new(ip, peer.port()) } else { peer };
        let asked = UdpSocket::unbound(Domain::of(&peer)).and_then(|socket| {
            socket.connect(peer)?;
            socket.path_mtu()
        });
        match asked {
            Ok(mtu) => return Ok(mtu),
            Err(error) => _ = first_error.get_or_insert(error),
        }
    }
    let nothing = || SocketError::BadAddress { text: format!("{peer:?}") };
    Err(first_error.unwrap_or_else(nothing))
}

impl UdpSocket {
    /// The largest packet on the way to the peer that the socket is connected to, as far as the kernel knows: as
    /// [`path_mtu`], with one system call and the peer's address.
    ///
    /// # Errors
    /// [`SocketError::System`] with `ENOTCONN` when it is not connected; [`SocketError::NotOffered`] on releases of
    /// Windows that do not tell (`IP_MTU`).
    ///
    /// ```
    /// use ringport::UdpSocket;
    ///
    /// # if let Err(ringport::net::SocketError::NotOffered { .. }) = ringport::net::path_mtu("127.0.0.1:9") { return Ok(()) }
    /// let server = UdpSocket::bind("127.0.0.1:0")?;
    /// let client = UdpSocket::bind("127.0.0.1:0")?;
    /// assert!(client.path_mtu().is_err());
    /// client.connect(server.local_addr()?)?;
    /// println!("datagrams of up to {} bytes arrive in one piece", client.path_mtu()?.datagram());
    /// # Ok::<(), ringport::net::SocketError>(())
    /// ```
    pub fn path_mtu(&self) -> Result<PathMtu, SocketError> {
        let peer = self.peer_addr()?;
        // A socket of IPv6 that is connected to `::ffff:a.b.c.d` has its way over IPv4.
        let packet = path::mtu(self.as_fd(), peer.ip().to_canonical().is_ipv4())?;
        Ok(PathMtu::new(packet, &peer))
    }
}
