//! Streams and listeners that were opened elsewhere, as Windows hands them over.

use std::os::windows::io::OwnedSocket;

use socket2::SockRef;

use crate::net::stream::listens;
use crate::net::{StreamListener, StreamRefusal, StreamSocket};

/// A socket that cannot be a [`StreamSocket`](crate::StreamSocket) or a
/// [`StreamListener`](crate::StreamListener), handed back with the reason.
///
/// ```
/// use ringport::StreamSocket;
/// use ringport::net::StreamRefusal;
///
/// let socket = std::net::UdpSocket::bind("127.0.0.1:0")?;
/// let refused = StreamSocket::from_socket(socket.into()).unwrap_err();
/// assert!(matches!(refused.error, StreamRefusal::NotAStream));
/// let socket: std::net::UdpSocket = refused.socket.into();
/// assert!(socket.local_addr().is_ok());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct StreamRefused {
    /// The socket, unchanged.
    pub socket: OwnedSocket,
    /// Why it was refused.
    pub error: StreamRefusal,
}

impl StreamSocket {
    /// Takes over a connection, or an unconnected stream socket, that was opened elsewhere. It becomes
    /// non-blocking, as all of its copies do.
    ///
    /// # Errors
    /// [`StreamRefused`] hands the socket back when it is something else.
    ///
    /// ```
    /// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let plain = std::net::TcpStream::connect(listener.local_addr()?)?;
    /// let socket = ringport::StreamSocket::from_socket(plain.into())?;
    /// assert_eq!(socket.peer_addr()?, listener.local_addr()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_socket(socket: OwnedSocket) -> Result<StreamSocket, StreamRefused> {
        let checked = match listens(&socket) {
            Ok(false) => SockRef::from(&socket).set_nonblocking(true).map_err(StreamRefusal::System),
            Ok(true) => Err(StreamRefusal::Listens),
            Err(error) => Err(error),
        };
        match checked {
            Ok(()) => Ok(StreamSocket::from_owned(socket)),
            Err(error) => Err(StreamRefused { socket, error }),
        }
    }
}

impl StreamListener {
    /// Takes over a listener that was opened elsewhere. It becomes non-blocking, as all of its copies do.
    ///
    /// # Errors
    /// [`StreamRefused`] hands the socket back when it is something else.
    ///
    /// ```
    /// let plain = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let address = plain.local_addr()?;
    /// assert_eq!(ringport::StreamListener::from_socket(plain.into())?.local_addr()?, address);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_socket(socket: OwnedSocket) -> Result<StreamListener, StreamRefused> {
        let checked = match listens(&socket) {
            Ok(true) => SockRef::from(&socket).set_nonblocking(true).map_err(StreamRefusal::System),
            Ok(false) => Err(StreamRefusal::DoesNotListen),
            Err(error) => Err(error),
        };
        match checked {
            Ok(()) => Ok(StreamListener::from_owned(socket)),
            Err(error) => Err(StreamRefused { socket, error }),
        }
    }
}
