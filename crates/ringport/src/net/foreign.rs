//! Sockets that were opened elsewhere: handed over by a service manager, or made with options of their own.

use crate::backend::sys::descriptor::{AsFd, OwnedFd};
use std::fmt;
use std::io;

use thiserror::Error;

use super::socket::UdpSocket;
use crate::backend::sys::errno;
use crate::backend::sys::option;

/// A descriptor that cannot be a [`UdpSocket`], handed back with the reason.
///
/// ```
/// use ringport::UdpSocket;
/// use ringport::net::FromFdRefusal;
///
/// let stream = std::net::TcpListener::bind("127.0.0.1:0")?;
/// let refused = UdpSocket::from_fd(stream.into()).unwrap_err();
/// assert!(matches!(refused.error, FromFdRefusal::NotUdp));
/// let stream: std::net::TcpListener = refused.fd.into();
/// assert!(stream.local_addr().is_ok());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct FromFdError {
    /// The descriptor, unchanged.
    pub fd: OwnedFd,
    /// Why it was refused.
    pub error: FromFdRefusal,
}

impl fmt::Display for FromFdError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(formatter)
    }
}

impl std::error::Error for FromFdError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&self.error)
    }
}

/// Why a descriptor cannot be a [`UdpSocket`].
///
/// ```
/// use ringport::UdpSocket;
///
/// let file = std::fs::File::open("/dev/null")?;
/// let refused = UdpSocket::from_fd(file.into()).unwrap_err();
/// assert_eq!(refused.error.to_string(), "the descriptor is not a socket: pass one of a UDP socket");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FromFdRefusal {
    /// Not a socket at all (`WSAENOTSOCK` in Registered I/O).
    #[error("the descriptor is not a socket: pass one of a UDP socket")]
    NotASocket,
    /// A raw socket (`WSAEOPNOTSUPP` in Registered I/O, which supports UDP and TCP only).
    #[error(
        "the descriptor is a raw socket, which registered I/O does not support: pass one of a UDP socket"
    )]
    RawSocket,
    /// A socket of another kind: a stream, a Unix socket, another protocol.
    #[error("the descriptor is a socket of another protocol: pass one of a UDP socket of IPv4 or IPv6")]
    NotUdp,
    /// The system could not say what it is.
    #[error("the system does not say what kind of socket this is: {0}")]
    System(#[source] io::Error),
}

impl UdpSocket {
    /// Takes over a socket that was opened elsewhere. It is not changed, and may be bound or not.
    ///
    /// # Errors
    /// [`FromFdError`] hands the descriptor back when it is not a UDP socket.
    ///
    /// ```
    /// use ringport::UdpSocket;
    ///
    /// let plain = std::net::UdpSocket::bind("127.0.0.1:0")?;
    /// let address = plain.local_addr()?;
    /// let socket = UdpSocket::from_fd(plain.into())?;
    /// assert_eq!(socket.local_addr()?, address);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_fd(fd: OwnedFd) -> Result<UdpSocket, FromFdError> {
        match check(&fd) {
            Ok(()) => Ok(UdpSocket::from_owned(fd)),
            Err(error) => Err(FromFdError { fd, error }),
        }
    }
}

fn check(fd: &OwnedFd) -> Result<(), FromFdRefusal> {
    let read = |name| option::get::<i32>(fd.as_fd(), libc::SOL_SOCKET, name);
    let kind = read(libc::SO_TYPE).map_err(|error| match error.raw_os_error() {
        Some(errno::ENOTSOCK) => FromFdRefusal::NotASocket,
        _ => FromFdRefusal::System(error),
    })?;
    if kind == libc::SOCK_RAW {
        return Err(FromFdRefusal::RawSocket);
    }
    let domain = read(libc::SO_DOMAIN).map_err(FromFdRefusal::System)?;
    let protocol = read(libc::SO_PROTOCOL).map_err(FromFdRefusal::System)?;
    let internet = matches!(domain, libc::AF_INET | libc::AF_INET6);
    // A datagram socket may also be one for pings: the protocol decides.
    if kind == libc::SOCK_DGRAM && internet && protocol == libc::IPPROTO_UDP {
        Ok(())
    } else {
        Err(FromFdRefusal::NotUdp)
    }
}
