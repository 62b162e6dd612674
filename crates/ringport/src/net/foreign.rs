//! Sockets that were opened elsewhere: handed over by a service manager, or made with options of their own.
//!
//! How they are handed over is a matter of the system: `UdpSocket::from_fd` on Linux, `UdpSocket::from_socket` on
//! Windows.

use std::fmt;
use std::io;

use thiserror::Error;

pub use super::system::foreign::FromFdError;
use crate::backend::sys::descriptor::{AsFd, OwnedFd};
use crate::backend::sys::errno;
use crate::backend::sys::kind::{Kind, kind};

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

/// Why a descriptor cannot be a [`UdpSocket`](super::UdpSocket).
///
/// ```
/// use ringport::net::FromFdRefusal;
///
/// let refusal = FromFdRefusal::NotASocket;
/// assert_eq!(refusal.to_string(), "the descriptor is not a socket: pass one of a UDP socket");
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

/// Whether it can be one.
pub(super) fn check(fd: &OwnedFd) -> Result<(), FromFdRefusal> {
    match kind(fd.as_fd()) {
        Ok(Kind::Udp) => Ok(()),
        Ok(Kind::Raw) => Err(FromFdRefusal::RawSocket),
        Ok(Kind::Stream | Kind::Other) => Err(FromFdRefusal::NotUdp),
        Err(error) if error.raw_os_error() == Some(errno::ENOTSOCK) => Err(FromFdRefusal::NotASocket),
        Err(error) => Err(FromFdRefusal::System(error)),
    }
}
