//! The socket's buffers in the kernel: where datagrams wait, and are lost when there is no room.

use crate::backend::sys::descriptor::AsFd;

use super::error::SocketError;
use super::socket::UdpSocket;
use super::system::buffers::{self, RECEIVE, SEND, Which};

impl UdpSocket {
    /// Asks for a receive buffer of `bytes` and returns what the kernel granted.
    ///
    /// Linux grants at most `net.core.rmem_max` ([`receive_buffer_limit`]), or more to a program with
    /// CAP_NET_ADMIN, and never less than a small minimum. Bytes are counted as Linux counts what is asked:
    /// it books twice as many, for its own bookkeeping a datagram, which small datagrams need. Windows grants what is
    /// asked, up to 2 GiB.
    ///
    /// # Errors
    /// [`SocketError::System`]; in practice none: too much asked is less granted.
    ///
    /// ```
    /// let socket = ringport::UdpSocket::bind("127.0.0.1:0")?;
    /// let granted = socket.set_receive_buffer(4 * 1024 * 1024)?;
    /// println!("asked for 4 MiB, granted {granted} bytes");
    /// # Ok::<(), ringport::net::SocketError>(())
    /// ```
    pub fn set_receive_buffer(&self, bytes: usize) -> Result<usize, SocketError> {
        self.set_buffer(&RECEIVE, bytes)
    }

    /// Asks for a send buffer of `bytes` and returns what the kernel granted: as
    /// [`UdpSocket::set_receive_buffer`], limited by `net.core.wmem_max` on Linux ([`send_buffer_limit`]).
    ///
    /// # Errors
    /// [`SocketError::System`]; in practice none: too much asked is less granted.
    ///
    /// ```
    /// let socket = ringport::UdpSocket::bind("127.0.0.1:0")?;
    /// assert_eq!(socket.set_send_buffer(64 * 1024)?, 64 * 1024);
    /// # Ok::<(), ringport::net::SocketError>(())
    /// ```
    pub fn set_send_buffer(&self, bytes: usize) -> Result<usize, SocketError> {
        self.set_buffer(&SEND, bytes)
    }

    /// Like [`UdpSocket::set_receive_buffer`], where less is an error.
    ///
    /// # Errors
    /// [`SocketError::BufferLimit`] says what was granted, which the socket keeps, and what to raise.
    ///
    /// ```
    /// let socket = ringport::UdpSocket::bind("127.0.0.1:0")?;
    /// let error = socket.require_receive_buffer(usize::MAX).unwrap_err();
    /// println!("{error}"); // on Linux it names net.core.rmem_max
    /// # assert!(matches!(error, ringport::net::SocketError::BufferLimit { .. }));
    /// # Ok::<(), ringport::net::SocketError>(())
    /// ```
    pub fn require_receive_buffer(&self, bytes: usize) -> Result<usize, SocketError> {
        self.require_buffer(&RECEIVE, bytes)
    }

    /// Like [`UdpSocket::set_send_buffer`], where less is an error.
    ///
    /// # Errors
    /// [`SocketError::BufferLimit`] says what was granted, which the socket keeps, and what to raise.
    ///
    /// ```
    /// let socket = ringport::UdpSocket::bind("127.0.0.1:0")?;
    /// let error = socket.require_send_buffer(usize::MAX).unwrap_err();
    /// println!("{error}"); // on Linux it names net.core.wmem_max
    /// # assert!(matches!(error, ringport::net::SocketError::BufferLimit { .. }));
    /// # Ok::<(), ringport::net::SocketError>(())
    /// ```
    pub fn require_send_buffer(&self, bytes: usize) -> Result<usize, SocketError> {
        self.require_buffer(&SEND, bytes)
    }

    /// The bytes of the receive buffer, counted as in [`UdpSocket::set_receive_buffer`].
    ///
    /// # Errors
    /// [`SocketError::System`]; in practice none.
    ///
    /// ```
    /// let socket = ringport::UdpSocket::bind("127.0.0.1:0")?;
    /// let granted = socket.set_receive_buffer(32 * 1024)?;
    /// assert_eq!(socket.receive_buffer()?, granted);
    /// # Ok::<(), ringport::net::SocketError>(())
    /// ```
    pub fn receive_buffer(&self) -> Result<usize, SocketError> {
        self.buffer(&RECEIVE)
    }

    /// The bytes of the send buffer, counted as in [`UdpSocket::set_receive_buffer`].
    ///
    /// # Errors
    /// [`SocketError::System`]; in practice none.
    ///
    /// ```
    /// let socket = ringport::UdpSocket::bind("127.0.0.1:0")?;
    /// let granted = socket.set_send_buffer(32 * 1024)?;
    /// assert_eq!(socket.send_buffer()?, granted);
    /// # Ok::<(), ringport::net::SocketError>(())
    /// ```
    pub fn send_buffer(&self) -> Result<usize, SocketError> {
        self.buffer(&SEND)
    }

    fn set_buffer(&self, which: &Which, bytes: usize) -> Result<usize, SocketError> {
        let value = i32::try_from(bytes).unwrap_or(i32::MAX);
        buffers::ask(self.as_fd(), which, value)
            .map_err(SocketError::system("setting the buffer of a socket"))?;
        let granted = self.buffer(which)?;
        if granted >= bytes {
            return Ok(granted);
        }
        // Refused to those without the privilege, for whom the limit holds and `granted` stands.
        match buffers::insist(self.as_fd(), which, value) {
            Ok(()) => self.buffer(which),
            Err(_) => Ok(granted),
        }
    }

    fn require_buffer(&self, which: &Which, asked: usize) -> Result<usize, SocketError> {
        let granted = self.set_buffer(which, asked)?;
        if granted < asked {
            return Err(SocketError::BufferLimit { which: which.name, asked, granted, limit: which.limit });
        }
        Ok(granted)
    }

    fn buffer(&self, which: &Which) -> Result<usize, SocketError> {
        buffers::granted(self.as_fd(), which).map_err(SocketError::system("reading the buffer of a socket"))
    }
}

/// The largest receive buffer that this machine grants to everybody: `net.core.rmem_max`, in bytes. `None`
/// where the setting cannot be read, as in some containers, and on Windows, which has none.
///
/// ```
/// if let Some(bytes) = ringport::net::receive_buffer_limit() {
///     println!("net.core.rmem_max = {bytes}");
/// }
/// ```
pub fn receive_buffer_limit() -> Option<usize> {
    buffers::limit(&RECEIVE)
}

/// The largest send buffer that this machine grants to everybody: `net.core.wmem_max`, in bytes. `None`
/// where the setting cannot be read, as in some containers, and on Windows, which has none.
///
/// ```
/// if let Some(bytes) = ringport::net::send_buffer_limit() {
///     println!("net.core.wmem_max = {bytes}");
/// }
/// ```
pub fn send_buffer_limit() -> Option<usize> {
    buffers::limit(&SEND)
}
