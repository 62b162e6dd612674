//! What routers and peers say about datagrams that were sent before.
//!
//! ```text
//!   send ──► router: too large, its next link takes 1,400 ──► ICMP ──► the socket's errors ──► take_path_error
//! ```

use crate::backend::sys::descriptor::AsFd;
use std::net::SocketAddr;

use super::control::{ControlMessage, ControlMessages};
use super::error::SocketError;
use super::path_mtu::PathMtu;
use super::socket::{Domain, UdpSocket};
use crate::backend::sys::errno;
use crate::backend::sys::{error_queue, option};

/// What became of a datagram that was sent before: [`UdpSocket::take_path_error`].
///
/// Nobody vouches for it: who can guess the ports of a socket can forge such a message.
///
/// ```
/// use ringport::net::PathError;
///
/// let socket = ringport::UdpSocket::bind("127.0.0.1:0")?;
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

    /// Reads one from its control message: `struct sock_extended_err`, whose first field is the error and whose third,
    /// after four bytes of origin and kind, says more.
    fn read(peer: SocketAddr, message: ControlMessage<'_>) -> Option<PathError> {
        const ERRORS: [(i32, i32); 2] =
            [(libc::IPPROTO_IP, libc::IP_RECVERR), (libc::IPPROTO_IPV6, libc::IPV6_RECVERR)];
        let ControlMessage::Unknown { level, kind, data } = message else { return None };
        let word = |start: usize| data.get(start..)?.first_chunk().copied().map(u32::from_ne_bytes);
        let error = word(0).filter(|_| ERRORS.contains(&(level, kind)))? as i32;
        Some(match (error, word(8)) {
            (errno::EMSGSIZE, Some(packet)) => {
                PathError::TooLarge { peer, mtu: PathMtu::told(packet, &peer) }
            }
            _ => PathError::Unreachable { peer, error },
        })
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
    /// [`SocketError::System`]; in practice none.
    ///
    /// ```
    /// let socket = ringport::UdpSocket::bind("127.0.0.1:0")?;
    /// socket.path_errors(true)?;
    /// # Ok::<(), ringport::net::SocketError>(())
    /// ```
    pub fn path_errors(&self, on: bool) -> Result<(), SocketError> {
        let failed = || SocketError::system("asking for what becomes of datagrams");
        // A dual-stack socket needs both options, each for its own family.
        option::set_switch(self.as_fd(), libc::IPPROTO_IP, libc::IP_RECVERR, on).map_err(failed())?;
        if self.domain()? == Domain::V6 {
            option::set_switch(self.as_fd(), libc::IPPROTO_IPV6, libc::IPV6_RECVERR, on).map_err(failed())?;
        }
        Ok(())
    }

    /// The next of what routers and peers said, if there is one; it never waits. They are kept once
    /// [`UdpSocket::path_errors`] asked for them.
    ///
    /// # Errors
    /// [`SocketError::System`]; in practice none.
    ///
    /// ```
    /// use ringport::UdpSocket;
    /// use ringport::net::PathError;
    ///
    /// let socket = UdpSocket::bind("127.0.0.1:0")?;
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
        let failed = || SocketError::system("taking what became of datagrams");
        while let Some(error) = error_queue::take(self.as_fd()).map_err(failed())? {
            let mut messages = ControlMessages::new(error.control());
            if let Some(said) = messages.find_map(|message| PathError::read(error.peer, message)) {
                return Ok(Some(said));
            }
        }
        Ok(None)
    }
}
