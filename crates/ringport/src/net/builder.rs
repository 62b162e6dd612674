//! Binding with more say.

use std::fmt;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};

use super::address::bind_first;
use super::error::SocketError;
use super::socket::{Domain, UdpSocket};
use super::system::opening;
use crate::backend::sys::descriptor::AsFd;

/// How a socket is to be bound. See [`UdpSocket::builder`].
///
/// ```
/// use ringport::UdpSocket;
///
/// let socket = UdpSocket::builder().receive_buffer(256 * 1024).bind("127.0.0.1:0")?;
/// assert!(socket.receive_buffer()? > 0);
/// # Ok::<(), ringport::net::SocketError>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "nothing is bound before `bind`"]
pub struct UdpSocketBuilder {
    reuse_port: bool,
    only_v6: bool,
    receive_buffer: Option<usize>,
    send_buffer: Option<usize>,
}

impl UdpSocketBuilder {
    pub(super) fn new() -> UdpSocketBuilder {
        UdpSocketBuilder::default()
    }

    /// Lets other sockets of the same user bind the same address, all with this set; the kernel spreads the
    /// peers over them. Off by default, so that an address in use is an error. Windows does not offer it
    /// ([`UdpSocket::reuse_port`]): binding fails with [`SocketError::NotOffered`], and nobody else can take the port
    /// of a socket away (`SO_EXCLUSIVEADDRUSE`).
    ///
    /// ```
    /// use ringport::UdpSocket;
    ///
    /// let alone = UdpSocket::bind("127.0.0.1:0")?;
    /// assert!(UdpSocket::builder().reuse_port(true).bind(alone.local_addr()?).is_err());
    /// # Ok::<(), ringport::net::SocketError>(())
    /// ```
    pub fn reuse_port(mut self, on: bool) -> Self {
        self.reuse_port = on;
        self
    }

    /// Keeps a socket of IPv6 to that family. Off by default: `[::]` takes both.
    ///
    /// ```
    /// use ringport::UdpSocket;
    ///
    /// match UdpSocket::builder().only_v6(true).bind("[::]:0") {
    ///     // The port is still free for a socket of IPv4.
    ///     Ok(six) => drop(UdpSocket::bind(("0.0.0.0", six.local_addr()?.port()))?),
    ///     Err(error) => println!("no IPv6 here: {error}"),
    /// }
    /// # Ok::<(), ringport::net::SocketError>(())
    /// ```
    pub fn only_v6(mut self, on: bool) -> Self {
        self.only_v6 = on;
        self
    }

    /// Asks for a receive buffer of so many bytes, as [`UdpSocket::set_receive_buffer`] does. Less may be
    /// granted; [`UdpSocket::receive_buffer`] tells. By default it is the system's (`net.core.rmem_default` on Linux).
    ///
    /// ```
    /// let socket = ringport::UdpSocket::builder().receive_buffer(64 * 1024).bind("127.0.0.1:0")?;
    /// assert_eq!(socket.receive_buffer()?, 64 * 1024);
    /// # Ok::<(), ringport::net::SocketError>(())
    /// ```
    pub fn receive_buffer(mut self, bytes: usize) -> Self {
        self.receive_buffer = Some(bytes);
        self
    }

    /// Asks for a send buffer of so many bytes, as [`UdpSocket::set_send_buffer`] does. Less may be granted;
    /// [`UdpSocket::send_buffer`] tells. By default it is the system's (`net.core.wmem_default` on Linux).
    ///
    /// ```
    /// let socket = ringport::UdpSocket::builder().send_buffer(64 * 1024).bind("127.0.0.1:0")?;
    /// assert_eq!(socket.send_buffer()?, 64 * 1024);
    /// # Ok::<(), ringport::net::SocketError>(())
    /// ```
    pub fn send_buffer(mut self, bytes: usize) -> Self {
        self.send_buffer = Some(bytes);
        self
    }

    /// Binds to the first of the addresses that can be bound. The builder may be used again.
    ///
    /// # Errors
    /// [`SocketError`] names the first address that could not be bound, or the host, and what to change.
    ///
    /// ```
    /// use ringport::UdpSocket;
    /// use ringport::net::SocketError;
    ///
    /// let error = UdpSocket::builder().bind("no-such-host.invalid:9000").unwrap_err();
    /// assert!(matches!(error, SocketError::UnknownHost { .. }));
    /// assert!(error.to_string().contains("no-such-host.invalid"));
    /// ```
    pub fn bind(&self, address: impl ToSocketAddrs + fmt::Debug) -> Result<UdpSocket, SocketError> {
        opening::may_share(self.reuse_port)?;
        bind_first(&address, self.only_v6, |address| self.bind_one(address))
    }

    fn bind_one(&self, address: SocketAddr) -> io::Result<UdpSocket> {
        let socket = UdpSocket::from_made(opening::datagram(Domain::of(&address))?);
        if address.is_ipv6() {
            socket.options().set_only_v6(self.only_v6)?;
        }
        opening::before_binding(socket.as_fd(), self.reuse_port)?;
        // Before binding, so that the first datagram already finds the buffer.
        if let Some(bytes) = self.receive_buffer {
            socket.set_receive_buffer(bytes)?;
        }
        if let Some(bytes) = self.send_buffer {
            socket.set_send_buffer(bytes)?;
        }
        socket.options().bind(&address.into())?;
        Ok(socket)
    }
}
