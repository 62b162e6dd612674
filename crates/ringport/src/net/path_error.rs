//! What routers and peers say about datagrams that were sent before.
//!
//! ```text
//!   send ──► router: too large, its next link takes 1,400 ──► ICMP ──► the socket's errors ──► take_path_error
//! ```

use std::net::SocketAddr;

use super::error::SocketError;
use super::path_mtu::PathMtu;
use super::socket::UdpSocket;
use super::system::path;
use crate::backend::sys::descriptor::AsFd;

/// What became of a datagram that was sent before: [`UdpSocket::take_path_error`].
///
/// Nobody vouches for it: who can guess the ports of a socket can forge such a message.
///
/// ```
/// use ringport::net::PathError;
///
/// let socket = ringport::UdpSocket::bind("127.0.0.1:0")?;
/// # #[cfg(target_os = "linux")]
/// socket.path_errors(true)?;
/// if let Some(PathError::TooLarge { peer, mtu }) = socket.take_path_error()? {
///     println!("to {peer} at most {} bytes", mtu.datagram());
/// }
/// # Ok::<(), ringport::net::SocketError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PathError {
    /// It was larger than its way takes: a router said so, or this machine already knew, who may say so twice of one.
    TooLarge {
        /// Where it was sent to. Where this machine already knew, the port may be 0.
        peer: SocketAddr,
        /// What the way takes; never less than every way must (68 bytes over IPv4, 1,280 over IPv6).
        mtu: PathMtu,
    },
    /// It did not arrive for another reason.
    Unreachable {
        /// Where it was sent to.
        peer: SocketAddr,
        /// The number of the system's error: `ECONNREFUSED` where nobody listens, `EHOSTUNREACH`, and so on.
        error: i32,
    },
}

impl PathError {
    /// Where the datagram was sent to; on a dual-stack socket one of IPv4 is `::ffff:a.b.c.d`.
    ///
    /// ```
    /// # let socket = ringport::UdpSocket::bind("127.0.0.1:0")?;
    /// while let Some(error) = socket.take_path_error()? {
    ///     println!("{} was not reached", error.peer());
    /// }
    /// # Ok::<(), ringport::net::SocketError>(())
    /// ```
    pub fn peer(&self) -> SocketAddr {
        match self {
            PathError::TooLarge { peer, .. } | PathError::Unreachable { peer, .. } => *peer,
        }
    }
}

impl UdpSocket {
    /// Has the kernel keep what routers and peers say about datagrams of this socket, with the peer that each was sent
    /// to (`IP_RECVERR`), also where the socket is not connected. [`UdpSocket::take_path_error`] takes them.
    ///
    /// Take them now and then, for instance when the
    /// [`unreachable`](crate::queue::RequestCounters::unreachable) counter has grown: until then they take room in the
    /// receive buffer. Queues are not disturbed by those that nobody takes; whatever else waits for the socket (`poll`,
    /// the operations of a [port](crate::CompletionPort::associate_udp)) finds it ready again and again, so there take
    /// all before waiting.
    ///
    /// # Errors
    /// [`SocketError::NotOffered`] on Windows, which keeps no errors of a socket; [`SocketError::System`], in practice
    /// none.
    ///
    /// ```
    /// use ringport::net::SocketError;
    ///
    /// let socket = ringport::UdpSocket::bind("127.0.0.1:0")?;
    /// match socket.path_errors(true) {
    ///     Err(error @ SocketError::NotOffered { .. }) => println!("{error}"),
    ///     set => set?,
    /// }
    /// # Ok::<(), ringport::net::SocketError>(())
    /// ```
    pub fn path_errors(&self, on: bool) -> Result<(), SocketError> {
        path::errors(self.as_fd(), self.domain()?, on)
    }

    /// The next of what routers and peers said, if there is one; it never waits. They are kept once
    /// [`UdpSocket::path_errors`] asked for them.
    ///
    /// # Errors
    /// [`SocketError::System`]; in practice none. On Windows there is nothing to take.
    ///
    /// ```
    /// use ringport::UdpSocket;
    /// use ringport::net::PathError;
    ///
    /// let socket = UdpSocket::bind("127.0.0.1:0")?;
    /// # #[cfg(target_os = "linux")]
    /// socket.path_errors(true)?;
    /// let nobody = UdpSocket::bind("127.0.0.1:0")?.local_addr()?; // closed at once
    /// socket.to_std()?.send_to(b"anybody there?", nobody)?;
    /// match socket.take_path_error()? {
    ///     Some(PathError::TooLarge { peer, mtu }) => println!("to {peer}: at most {} bytes", mtu.datagram()),
    ///     Some(error) => assert_eq!(error.peer(), nobody),
    ///     None => println!("all is well"),
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn take_path_error(&self) -> Result<Option<PathError>, SocketError> {
        path::take_error(self.as_fd())
    }
}
