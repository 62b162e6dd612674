//! Streams and listeners that were opened elsewhere, by their descriptors.

use std::os::fd::OwnedFd;

use socket2::SockRef;

use crate::net::stream::listens;
use crate::net::{StreamListener, StreamRefusal, StreamSocket};

/// A descriptor that cannot be a [`StreamSocket`](crate::StreamSocket) or a
/// [`StreamListener`](crate::StreamListener), handed back with the reason.
///
/// ```
/// use ringport::StreamSocket;
/// use ringport::net::StreamRefusal;
///
/// let socket = std::net::UdpSocket::bind("127.0.0.1:0")?;
/// let refused = StreamSocket::from_fd(socket.into()).unwrap_err();
/// assert!(matches!(refused.error, StreamRefusal::NotAStream));
/// let socket: std::net::UdpSocket = refused.fd.into();
/// assert!(socket.local_addr().is_ok());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct StreamRefused {
    /// The descriptor, unchanged.
    pub fd: OwnedFd,
    /// Why it was refused.
    pub error: StreamRefusal,
}

impl StreamSocket {
    /// Takes over a connection, or an unconnected stream socket, that was opened elsewhere. It becomes
    /// non-blocking, as all of its copies do.
    ///
    /// # Errors
    /// [`StreamRefused`] hands the descriptor back when it is something else.
    ///
    /// ```
    /// let (one, _other) = std::os::unix::net::UnixStream::pair()?;
    /// let socket = ringport::StreamSocket::from_fd(one.into())?;
    /// # let _ = socket;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_fd(fd: OwnedFd) -> Result<StreamSocket, StreamRefused> {
        let checked = match listens(&fd) {
            Ok(false) => SockRef::from(&fd).set_nonblocking(true).map_err(StreamRefusal::System),
            Ok(true) => Err(StreamRefusal::Listens),
            Err(error) => Err(error),
        };
        match checked {
            Ok(()) => Ok(StreamSocket::from_owned(fd)),
            Err(error) => Err(StreamRefused { fd, error }),
        }
    }
}

impl StreamListener {
    /// Takes over a listener that was opened elsewhere. It becomes non-blocking, as all of its copies do.
    ///
    /// # Errors
    /// [`StreamRefused`] hands the descriptor back when it is something else.
    ///
    /// ```
    /// let plain = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let address = plain.local_addr()?;
    /// assert_eq!(ringport::StreamListener::from_fd(plain.into())?.local_addr()?, address);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_fd(fd: OwnedFd) -> Result<StreamListener, StreamRefused> {
        let checked = match listens(&fd) {
            Ok(true) => SockRef::from(&fd).set_nonblocking(true).map_err(StreamRefusal::System),
            Ok(false) => Err(StreamRefusal::DoesNotListen),
            Err(error) => Err(error),
        };
        match checked {
            Ok(()) => Ok(StreamListener::from_owned(fd)),
            Err(error) => Err(StreamRefused { fd, error }),
        }
    }
}
