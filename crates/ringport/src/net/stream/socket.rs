//! The stream socket: a counted descriptor.

use std::fmt;
use std::net::{Shutdown, SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use socket2::SockRef;

use crate::backend::sys::descriptor::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use crate::backend::sys::option;
use crate::net::Domain;
use crate::net::SocketError;
use crate::net::address::{CONNECT, ip_address, refused, resolve};
use crate::net::system::lending::lend;
use crate::net::system::local::local_address;
use crate::net::system::opening;

/// A TCP connection, or one that is to be made; or, on Linux, one of a Unix socket.
///
/// A clone is the same socket; the connection is closed when the last clone goes, those held by request queues
/// included. Every method may be called from any thread at any time. It is non-blocking.
///
/// Bytes are moved by a [`RequestQueue`](crate::RequestQueue) or a [`PortRequestQueue`](crate::PortRequestQueue):
///
/// ```
/// use ringport::{BufferPool, CompletionQueue, Completions, Limits, RequestQueue, StreamSocket};
/// use std::io::Write;
///
/// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
/// let socket = StreamSocket::connect(listener.local_addr()?)?;
/// let mut queue = CompletionQueue::builder(8).event()?;
/// let limits = Limits { receives: 4, receive_buffers: 1, sends: 4, send_buffers: 1 };
/// let requests = RequestQueue::new(&socket, &queue, &queue, limits, 0)?;
/// let pool = BufferPool::builder().slices_per_region(8).build()?;
/// requests.receive(pool.take()?, 1)?;
///
/// listener.accept()?.0.write_all(b"hello")?;
/// let mut completions = Completions::with_capacity(4);
/// queue.notify()?;
/// queue.wait(None)?;
/// queue.dequeue(&mut completions);
/// for completion in completions.drain() {
///     assert_eq!(completion.into_unique().as_deref(), Some(&b"hello"[..]));
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct StreamSocket(Arc<OwnedFd>);

impl StreamSocket {
    /// A TCP socket that is not connected yet: see [`RequestQueue::connect`](crate::RequestQueue::connect).
    ///
    /// # Errors
    /// [`SocketError::System`], when the machine lacks the family or the process may open no more files.
    ///
    /// ```
    /// use ringport::StreamSocket;
    /// use ringport::net::Domain;
    ///
    /// assert!(StreamSocket::new(Domain::V4)?.peer_addr().is_err());
    /// # Ok::<(), ringport::net::SocketError>(())
    /// ```
    pub fn new(domain: Domain) -> Result<StreamSocket, SocketError> {
        opening::stream(domain)
            .map(StreamSocket::from_owned)
            .map_err(SocketError::system("opening a TCP socket"))
    }

    /// Connects to the first of the addresses that answers. The calling thread waits for it; to go on meanwhile,
    /// use [`RequestQueue::connect`](crate::RequestQueue::connect).
    ///
    /// # Errors
    /// [`SocketError`] names the address or the host, and what to change.
    ///
    /// ```
    /// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let socket = ringport::StreamSocket::connect(listener.local_addr()?)?;
    /// assert_eq!(socket.peer_addr()?, listener.local_addr()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn connect(address: impl ToSocketAddrs + fmt::Debug) -> Result<StreamSocket, SocketError> {
        let mut first_error = None;
        for address in resolve(&address)? {
            match opening::connected(address) {
                Ok(socket) => return Ok(StreamSocket::from_owned(socket)),
                // The first is the one that the user most likely meant.
                Err(error) => _ = first_error.get_or_insert_with(|| refused(CONNECT, address, error)),
            }
        }
        // `resolve` gives at least one address, so there was an error.
        Err(first_error.unwrap_or(SocketError::BadAddress { text: format!("{address:?}") }))
    }

    /// The address of this end.
    ///
    /// # Errors
    /// [`SocketError::System`] for a Unix socket, which has none.
    ///
    /// ```
    /// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let socket = ringport::StreamSocket::connect(listener.local_addr()?)?;
    /// assert_eq!(listener.accept()?.1, socket.local_addr()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn local_addr(&self) -> Result<SocketAddr, SocketError> {
        local_address(self).map_err(SocketError::system("reading the address of a socket"))
    }

    /// The address of the other end.
    ///
    /// # Errors
    /// [`SocketError::System`] with `ENOTCONN` (`WSAENOTCONN`) when it is not connected, and for a Unix socket.
    ///
    /// ```
    /// use ringport::net::Domain;
    ///
    /// let socket = ringport::StreamSocket::new(Domain::V4)?;
    /// let error = std::io::Error::from(socket.peer_addr().unwrap_err());
    /// assert_eq!(error.kind(), std::io::ErrorKind::NotConnected);
    /// # Ok::<(), ringport::net::SocketError>(())
    /// ```
    pub fn peer_addr(&self) -> Result<SocketAddr, SocketError> {
        let address = self.options().peer_addr().and_then(ip_address);
        address.map_err(SocketError::system("reading the peer of a socket"))
    }

    /// Ends one direction or both, at once. To end it behind the sends that are posted, use
    /// [`RequestQueue::finish`](crate::RequestQueue::finish).
    ///
    /// # Errors
    /// [`SocketError::System`]; in practice that it is not connected.
    ///
    /// ```
    /// use std::io::Read;
    ///
    /// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let socket = ringport::StreamSocket::connect(listener.local_addr()?)?;
    /// socket.shutdown(std::net::Shutdown::Write)?;
    /// assert_eq!(listener.accept()?.0.read(&mut [0; 8])?, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn shutdown(&self, how: Shutdown) -> Result<(), SocketError> {
        self.options().shutdown(how).map_err(SocketError::system("ending a direction of a connection"))
    }

    /// Makes the close a reset: what is unsent is dropped, the peer's next call fails with `ECONNRESET`, and no
    /// state is kept for the connection. It happens when the last clone of the socket goes.
    ///
    /// # Errors
    /// [`SocketError::System`]; in practice none.
    ///
    /// ```
    /// use std::io::Read;
    ///
    /// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let socket = ringport::StreamSocket::connect(listener.local_addr()?)?;
    /// let mut peer = listener.accept()?.0;
    /// socket.reset_on_close()?;
    /// drop(socket);
    /// println!("{:?}", peer.read(&mut [0; 8])); // an error: the connection was reset
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn reset_on_close(&self) -> Result<(), SocketError> {
        self.set_linger(Some(Duration::ZERO))
    }

    /// Bytes that were sent and that the peer's system has not acknowledged, with one for the end.
    pub(crate) fn unacknowledged(&self) -> usize {
        option::unacknowledged(self.as_fd())
    }

    pub(crate) fn from_owned(descriptor: OwnedFd) -> StreamSocket {
        StreamSocket(Arc::new(descriptor))
    }

    /// Who owns it, without being one of them.
    #[cfg(windows)]
    pub(in crate::net) fn owners(&self) -> std::sync::Weak<OwnedFd> {
        Arc::downgrade(&self.0)
    }

    pub(super) fn options(&self) -> SockRef<'_> {
        SockRef::from(&*self.0)
    }

    #[inline]
    fn lent(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl fmt::Debug for StreamSocket {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = formatter.debug_struct("StreamSocket");
        if let Ok(address) = self.local_addr() {
            text.field("local", &address);
        }
        if let Ok(address) = self.peer_addr() {
            text.field("peer", &address);
        }
        text.field("descriptor", &self.0.as_raw_fd()).finish()
    }
}

lend!(StreamSocket);

impl From<TcpStream> for StreamSocket {
    fn from(stream: TcpStream) -> StreamSocket {
        // It cannot fail for a socket that is open.
        let _ = stream.set_nonblocking(true);
        StreamSocket::from_owned(stream.into())
    }
}
