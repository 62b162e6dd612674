//! Datagram sockets that were opened elsewhere, by their descriptors.

use std::os::fd::OwnedFd;

use crate::net::UdpSocket;
use crate::net::foreign::{FromFdRefusal, check};

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
