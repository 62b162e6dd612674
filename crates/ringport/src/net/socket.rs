//! The socket itself: a counted descriptor.

use crate::backend::sys::descriptor::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use crate::backend::sys::kind;
use std::fmt;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;

use socket2::SockRef;

use super::address::{CONNECT, ip_address, refused, resolve};
use super::builder::UdpSocketBuilder;
use super::error::SocketError;
use super::system::lending::lend;
use super::system::local::local_address;
use super::system::opening;

/// The family of addresses that a socket has.
///
/// ```
/// use ringport::UdpSocket;
/// use ringport::net::Domain;
///
/// let socket = UdpSocket::unbound(Domain::V4)?;
/// assert_eq!(socket.domain()?, Domain::V4);
/// # Ok::<(), ringport::net::SocketError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Domain {
    /// IPv4.
    V4,
    /// IPv6, and IPv4 too where the socket is a dual-stack one.
    V6,
}

impl Domain {
    /// The domain that `address` belongs to.
    ///
    /// ```
    /// use ringport::net::Domain;
    ///
    /// assert_eq!(Domain::of(&"[::1]:9".parse()?), Domain::V6);
    /// # Ok::<(), std::net::AddrParseError>(())
    /// ```
    pub fn of(address: &SocketAddr) -> Domain {
        if address.is_ipv4() { Domain::V4 } else { Domain::V6 }
    }
}

impl From<Domain> for socket2::Domain {
    fn from(domain: Domain) -> socket2::Domain {
        match domain {
            Domain::V4 => socket2::Domain::IPV4,
            Domain::V6 => socket2::Domain::IPV6,
        }
    }
}

/// A UDP socket, to be served by queues.
///
/// A clone is the same socket; the descriptor is closed when the last clone goes, those held by request
/// queues included. Every method may be called from any thread at any time.
///
/// ```
/// use ringport::UdpSocket;
///
/// let socket = UdpSocket::bind("127.0.0.1:0")?;
/// let same = socket.clone();
/// drop(socket);
/// assert_ne!(same.local_addr()?.port(), 0);
/// # Ok::<(), ringport::net::SocketError>(())
/// ```
#[derive(Clone)]
pub struct UdpSocket(Arc<OwnedFd>);

impl UdpSocket {
    /// Binds a socket to the first of the addresses that can be bound.
    ///
    /// `[::]` takes both families (a peer of IPv4 appears as `::ffff:a.b.c.d`), and means `0.0.0.0` on a
    /// machine without IPv6. On Windows, too, where a socket of IPv6 is otherwise of that family alone. Port 0 is a free port that the system chooses. For more say see
    /// [`UdpSocket::builder`].
    ///
    /// # Errors
    /// [`SocketError`] names the address or the host, and what to change.
    ///
    /// ```
    /// let socket = ringport::UdpSocket::bind("127.0.0.1:0")?;
    /// assert!(socket.local_addr()?.ip().is_loopback());
    /// # Ok::<(), ringport::net::SocketError>(())
    /// ```
    pub fn bind(address: impl ToSocketAddrs + fmt::Debug) -> Result<UdpSocket, SocketError> {
        UdpSocket::builder().bind(address)
    }

    /// A socket to be bound with more say: shared port, families, socket buffers.
    ///
    /// ```
    /// let socket = ringport::UdpSocket::builder().only_v6(true).receive_buffer(64 * 1024).bind("[::1]:0");
    /// # let _ = socket;
    /// ```
    pub fn builder() -> UdpSocketBuilder {
        UdpSocketBuilder::new()
    }

    /// A socket without an address. It gets one with its first send, or when it is connected.
    ///
    /// # Errors
    /// [`SocketError::System`], when the machine lacks the family or the process may open no more files.
    ///
    /// ```
    /// use ringport::UdpSocket;
    /// use ringport::net::Domain;
    ///
    /// let socket = UdpSocket::unbound(Domain::V4)?;
    /// assert_eq!(socket.local_addr()?.port(), 0);
    /// # Ok::<(), ringport::net::SocketError>(())
    /// ```
    pub fn unbound(domain: Domain) -> Result<UdpSocket, SocketError> {
        opening::datagram(domain)
            .map(UdpSocket::from_made)
            .map_err(SocketError::system("opening a UDP socket"))
    }

    /// Connects to the first of the addresses that works: sends need no address any more, and only that
    /// peer's datagrams are received. Connecting again changes the peer.
    ///
    /// # Errors
    /// [`SocketError`] names the address or the host, and what to change.
    ///
    /// ```
    /// use ringport::UdpSocket;
    ///
    /// let server = UdpSocket::bind("127.0.0.1:0")?;
    /// let client = UdpSocket::bind("127.0.0.1:0")?;
    /// client.connect(server.local_addr()?)?;
    /// assert_eq!(client.peer_addr()?, server.local_addr()?);
    /// # Ok::<(), ringport::net::SocketError>(())
    /// ```
    pub fn connect(&self, address: impl ToSocketAddrs + fmt::Debug) -> Result<(), SocketError> {
        let mut first_error = None;
        for address in resolve(&address)? {
            let connected = opening::in_form_of(self.lent(), address)
                .and_then(|address| self.options().connect(&address.into()));
            match connected {
                Ok(()) => return Ok(()),
                // The first is the one that the user most likely meant.
                Err(error) => _ = first_error.get_or_insert_with(|| refused(CONNECT, address, error)),
            }
        }
        first_error.map_or(Ok(()), Err)
    }

    /// The address that the socket is bound to.
    ///
    /// # Errors
    /// [`SocketError::System`]; in practice none.
    ///
    /// ```
    /// let socket = ringport::UdpSocket::bind("127.0.0.1:0")?;
    /// println!("listening on {}", socket.local_addr()?);
    /// # Ok::<(), ringport::net::SocketError>(())
    /// ```
    pub fn local_addr(&self) -> Result<SocketAddr, SocketError> {
        local_address(self).map_err(SocketError::system("reading the address of a socket"))
    }

    /// The peer that the socket is connected to.
    ///
    /// # Errors
    /// [`SocketError::System`] with `ENOTCONN` (`WSAENOTCONN`) when it is not connected.
    ///
    /// ```
    /// let socket = ringport::UdpSocket::bind("127.0.0.1:0")?;
    /// assert!(socket.peer_addr().is_err());
    /// # Ok::<(), ringport::net::SocketError>(())
    /// ```
    pub fn peer_addr(&self) -> Result<SocketAddr, SocketError> {
        let address = self.options().peer_addr().and_then(ip_address);
        address.map_err(SocketError::system("reading the peer of a socket"))
    }

    /// The family of the socket.
    ///
    /// # Errors
    /// [`SocketError::System`]; in practice none.
    ///
    /// ```
    /// use ringport::net::Domain;
    ///
    /// let socket = ringport::UdpSocket::bind("127.0.0.1:0")?;
    /// assert_eq!(socket.domain()?, Domain::V4);
    /// # Ok::<(), ringport::net::SocketError>(())
    /// ```
    pub fn domain(&self) -> Result<Domain, SocketError> {
        let v4 = kind::is_v4(self.lent()).map_err(SocketError::system("reading the family of a socket"))?;
        Ok(if v4 { Domain::V4 } else { Domain::V6 })
    }

    /// The same socket as a type of the standard library, on a descriptor of its own, for plain calls.
    ///
    /// Both share everything, the queue of received datagrams and the non-blocking mode included.
    ///
    /// # Errors
    /// [`SocketError::System`] when the process may open no more files.
    ///
    /// ```
    /// let socket = ringport::UdpSocket::bind("127.0.0.1:0")?;
    /// let plain = socket.to_std()?;
    /// plain.send_to(b"to myself", socket.local_addr()?)?;
    /// let mut bytes = [0; 16];
    /// assert_eq!(plain.recv_from(&mut bytes)?, (9, socket.local_addr()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn to_std(&self) -> Result<std::net::UdpSocket, SocketError> {
        let copy =
            self.0.try_clone().map_err(SocketError::system("duplicating the descriptor of a socket"))?;
        Ok(copy.into())
    }

    /// A socket that was made elsewhere.
    pub(super) fn from_owned(descriptor: OwnedFd) -> UdpSocket {
        opening::adopt(&descriptor);
        UdpSocket::from_made(descriptor)
    }

    /// Who owns it, without being one of them.
    #[cfg(windows)]
    pub(in crate::net) fn owners(&self) -> std::sync::Weak<OwnedFd> {
        Arc::downgrade(&self.0)
    }

    /// A socket of [`opening::datagram`].
    pub(super) fn from_made(descriptor: OwnedFd) -> UdpSocket {
        UdpSocket(Arc::new(descriptor))
    }

    /// What its clones share: the same for as long as it is open.
    #[cfg(windows)]
    pub(crate) fn shared(&self) -> &Arc<OwnedFd> {
        &self.0
    }

    #[inline]
    fn lent(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }

    pub(super) fn options(&self) -> SockRef<'_> {
        SockRef::from(&*self.0)
    }
}

impl fmt::Debug for UdpSocket {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = formatter.debug_struct("UdpSocket");
        if let Ok(address) = self.local_addr() {
            text.field("local", &address);
        }
        if let Ok(address) = self.peer_addr() {
            text.field("peer", &address);
        }
        text.field("descriptor", &self.0.as_raw_fd()).finish()
    }
}

lend!(UdpSocket);

impl From<std::net::UdpSocket> for UdpSocket {
    fn from(socket: std::net::UdpSocket) -> UdpSocket {
        UdpSocket::from_owned(socket.into())
    }
}
