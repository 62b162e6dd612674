//! Datagram sockets that were opened elsewhere, as Windows hands them over.

use std::os::windows::io::OwnedSocket;

use crate::net::UdpSocket;
use crate::net::foreign::{FromFdRefusal, check};

/// A socket that cannot be a [`UdpSocket`], handed back with the reason.
///
/// ```
/// use ringport::UdpSocket;
/// use ringport::net::FromFdRefusal;
///
/// let stream = std::net::TcpListener::bind("127.0.0.1:0")?;
/// let refused = UdpSocket::from_socket(stream.into()).unwrap_err();
/// assert!(matches!(refused.error, FromFdRefusal::NotUdp));
/// let stream: std::net::TcpListener = refused.socket.into();
/// assert!(stream.local_addr().is_ok());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct FromFdError {
    /// The socket, unchanged.
    pub socket: OwnedSocket,
    /// Why it was refused.
    pub error: FromFdRefusal,
}

impl UdpSocket {
    /// Takes over a socket that was opened elsewhere. It may be bound or not, and is changed in one
    /// way: its receives no longer fail because of datagrams that were sent before (`SIO_UDP_CONNRESET` and
    /// `SIO_UDP_NETRESET` are off).
    ///
    /// Registered I/O needs a socket that was made for it (`WSA_FLAG_REGISTERED_IO`), as all of this crate are and those
    /// of the standard library are not.
    ///
    /// # Errors
    /// [`FromFdError`] hands the socket back when it is not a UDP socket.
    ///
    /// ```
    /// use ringport::UdpSocket;
    ///
    /// let plain = std::net::UdpSocket::bind("127.0.0.1:0")?;
    /// let address = plain.local_addr()?;
    /// let socket = UdpSocket::from_socket(plain.into())?;
    /// assert_eq!(socket.local_addr()?, address);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_socket(socket: OwnedSocket) -> Result<UdpSocket, FromFdError> {
        match check(&socket) {
            Ok(()) => Ok(UdpSocket::from_owned(socket)),
            Err(error) => Err(FromFdError { socket, error }),
        }
    }
}
