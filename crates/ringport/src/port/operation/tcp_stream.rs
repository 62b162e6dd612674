//! TCP connections on a port.

use std::io;
use std::net::{Shutdown, SocketAddr};

use socket2::SockRef;

use super::buffers::{ReadBuffer, WriteBuffer};
use super::common::common_methods;
use super::handle::Handle;
use super::{NotStarted, OperationBuffer, Started};
use crate::backend::plain::{Extent, What};

/// A TCP connection that belongs to a port, or one that is to be made
/// ([`CompletionPort::associate_stream`](crate::CompletionPort::associate_stream),
/// [`CompletionPort::stream`](crate::CompletionPort::stream)).
///
/// A clone is the same handle, and any thread may use it. Its receives are done one after the other, in the order
/// they were started, and so are its sends.
///
/// ```
/// use ringport::net::Domain;
/// use ringport::{CompletionPort, Packet};
/// use std::io::Write;
///
/// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
/// let port = CompletionPort::new(1)?;
/// let stream = port.stream(Domain::V4, 1)?;
/// stream.connect(listener.local_addr()?, 0)?;
/// let Packet::Operation(connected) = port.wait(None)? else { panic!("nothing else was posted") };
/// connected.result()?;
///
/// listener.accept()?.0.write_all(b"hello")?;
/// stream.receive(Vec::with_capacity(100), 0)?;
/// let Packet::Operation(done) = port.wait(None)? else { panic!("nothing else was posted") };
/// assert_eq!(done.received(), b"hello");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct PortTcpStream {
    pub(super) handle: Handle,
}

common_methods!(PortTcpStream, "connection", r#"let handle = port.stream(ringport::net::Domain::V4, 7)?;"#);

impl PortTcpStream {
    /// Connects to `peer` (`ConnectEx`). Its packet has no buffer.
    ///
    /// # Errors
    /// [`NotStarted`]: the limit is reached, or the handle or its port is closed.
    pub fn connect(&self, peer: SocketAddr, context: u64) -> Result<Started, NotStarted<()>> {
        self.handle.start(What::Connect, Some(peer), (), |()| OperationBuffer::None, context)
    }

    /// Receives what there is, as soon as there is something (`WSARecv`). When the peer sends no more, the result
    /// is [`EndOfFile`](super::OperationFailure::EndOfFile).
    ///
    /// # Errors
    /// [`NotStarted`] with the buffer: the limit is reached, or the handle or its port is closed.
    #[inline]
    pub fn receive<B: ReadBuffer>(&self, buffer: B, context: u64) -> Result<Started, NotStarted<B>> {
        let what = What::Receive(Extent::Stream);
        self.handle.start(what, None, buffer, B::into_operation, context)
    }

    /// Sends all of the buffer (`WSASend`). If it fails or is cancelled half way,
    /// [`Done::bytes`](super::Done::bytes) says how much went out.
    ///
    /// # Errors
    /// [`NotStarted`] with the buffer: the limit is reached, or the handle or its port is closed.
    #[inline]
    pub fn send<B: WriteBuffer>(&self, buffer: B, context: u64) -> Result<Started, NotStarted<B>> {
        self.handle.start(What::SendAll, None, buffer, B::into_operation, context)
    }

    /// Ends one direction or both, at once; operations that wait for it are done then.
    ///
    /// # Errors
    /// What the system says: in practice that it is not connected.
    ///
    /// ```
    /// # let port = ringport::CompletionPort::new(1)?;
    /// let stream = port.stream(ringport::net::Domain::V4, 7)?;
    /// assert!(stream.shutdown(std::net::Shutdown::Write).is_err()); // not connected yet
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        SockRef::from(self.handle.descriptor()).shutdown(how)
    }

    /// The address of this end.
    ///
    /// # Errors
    /// What the system says: in practice none, but that Windows has none for a socket that was not connected yet.
    ///
    /// ```
    /// # let port = ringport::CompletionPort::new(1)?;
    /// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let stream = port.associate_stream(std::net::TcpStream::connect(listener.local_addr()?)?, 7)?;
    /// assert_ne!(stream.local_addr()?.port(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        ip_address(SockRef::from(self.handle.descriptor()).local_addr()?)
    }

    /// The address of the other end.
    ///
    /// # Errors
    /// What the system says: in practice that it is not connected.
    ///
    /// ```
    /// # let port = ringport::CompletionPort::new(1)?;
    /// let stream = port.stream(ringport::net::Domain::V4, 7)?;
    /// assert!(stream.peer_addr().is_err()); // not connected yet
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        ip_address(SockRef::from(self.handle.descriptor()).peer_addr()?)
    }
}

pub(super) fn ip_address(address: socket2::SockAddr) -> io::Result<SocketAddr> {
    address.as_socket().ok_or_else(|| io::ErrorKind::Unsupported.into())
}
