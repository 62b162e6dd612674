//! What a connection can be told: delay, keep-alive, linger, buffers.

use std::time::Duration;

use super::socket::StreamSocket;
use crate::net::SocketError;
use crate::net::system::keep_alive;

/// When a silent peer is asked whether it is still there.
///
/// ```
/// use ringport::net::KeepAlive;
/// use std::time::Duration;
///
/// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
/// let socket = ringport::StreamSocket::connect(listener.local_addr()?)?;
/// let each_ten_seconds = KeepAlive { after: Duration::from_secs(60), every: Duration::from_secs(10), probes: 10 };
/// socket.set_keep_alive(Some(each_ten_seconds))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeepAlive {
    /// Silence before the first question; at least a second, counted in whole seconds.
    pub after: Duration,
    /// The time between questions; at least a second, counted in whole seconds.
    pub every: Duration,
    /// Questions without an answer after which the connection is over, 1 to 127. Releases of Windows before Windows 10
    /// 1703 always ask 10 times.
    pub probes: u32,
}

impl StreamSocket {
    /// Whether small sends leave at once (`TCP_NODELAY`) instead of waiting for the peer's acknowledgement of
    /// earlier ones. Off by default; servers switch it on.
    ///
    /// # Errors
    /// [`SocketError::System`] for a Unix socket, which has no delay.
    ///
    /// ```
    /// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let socket = ringport::StreamSocket::connect(listener.local_addr()?)?;
    /// socket.set_no_delay(true)?;
    /// assert!(socket.no_delay()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set_no_delay(&self, on: bool) -> Result<(), SocketError> {
        self.options().set_tcp_nodelay(on).map_err(SocketError::system("setting TCP_NODELAY"))
    }

    /// Whether small sends leave at once.
    ///
    /// # Errors
    /// [`SocketError::System`] for a Unix socket.
    ///
    /// ```
    /// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// assert!(!ringport::StreamSocket::connect(listener.local_addr()?)?.no_delay()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn no_delay(&self) -> Result<bool, SocketError> {
        self.options().tcp_nodelay().map_err(SocketError::system("reading TCP_NODELAY"))
    }

    /// Has the system ask a silent peer whether it is there (`SO_KEEPALIVE`); `None` for never, the default.
    ///
    /// # Errors
    /// [`SocketError::System`] for times or counts that the system does not take, and for a Unix socket;
    /// [`SocketError::NotOffered`] where Windows has no number of questions, when the times are set all the same.
    ///
    /// ```
    /// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// ringport::StreamSocket::connect(listener.local_addr()?)?.set_keep_alive(None)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set_keep_alive(&self, keep_alive: Option<KeepAlive>) -> Result<(), SocketError> {
        let socket = self.options();
        match keep_alive {
            None => socket.set_keepalive(false).map_err(SocketError::system("setting keep-alive")),
            Some(keep_alive) => keep_alive::set(socket, keep_alive),
        }
    }

    /// How long the system goes on sending after the last clone of the socket is gone (`SO_LINGER`): `None`, the
    /// default, in the background for as long as it takes; zero not at all, which is a reset. A time in between
    /// makes the thread that closes it wait, so prefer [`finish`](crate::RequestQueue::finish).
    ///
    /// # Errors
    /// [`SocketError::System`]; in practice none.
    ///
    /// ```
    /// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let socket = ringport::StreamSocket::connect(listener.local_addr()?)?;
    /// socket.set_linger(None)?;
    /// assert_eq!(socket.linger()?, None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set_linger(&self, time: Option<Duration>) -> Result<(), SocketError> {
        self.options().set_linger(time).map_err(SocketError::system("setting SO_LINGER"))
    }

    /// How long the system goes on sending after the close, if that was set.
    ///
    /// # Errors
    /// [`SocketError::System`]; in practice none.
    ///
    /// ```
    /// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let socket = ringport::StreamSocket::connect(listener.local_addr()?)?;
    /// socket.set_linger(Some(std::time::Duration::ZERO))?;
    /// assert_eq!(socket.linger()?, Some(std::time::Duration::ZERO));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn linger(&self) -> Result<Option<Duration>, SocketError> {
        self.options().linger().map_err(SocketError::system("reading SO_LINGER"))
    }

    /// Asks for a receive buffer of so many bytes in the kernel. By default it grows by itself, up to
    /// `net.ipv4.tcp_rmem` on Linux; set, it stays as it is.
    ///
    /// # Errors
    /// [`SocketError::System`]; in practice none: too much asked is less granted.
    ///
    /// ```
    /// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// ringport::StreamSocket::connect(listener.local_addr()?)?.set_receive_buffer(64 * 1024)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set_receive_buffer(&self, bytes: usize) -> Result<(), SocketError> {
        self.options().set_recv_buffer_size(bytes).map_err(SocketError::system("setting SO_RCVBUF"))
    }

    /// Asks for a send buffer of so many bytes in the kernel. By default it grows by itself, up to
    /// `net.ipv4.tcp_wmem` on Linux; set, it stays as it is.
    ///
    /// # Errors
    /// [`SocketError::System`]; in practice none: too much asked is less granted.
    ///
    /// ```
    /// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// ringport::StreamSocket::connect(listener.local_addr()?)?.set_send_buffer(64 * 1024)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set_send_buffer(&self, bytes: usize) -> Result<(), SocketError> {
        self.options().set_send_buffer_size(bytes).map_err(SocketError::system("setting SO_SNDBUF"))
    }
}
