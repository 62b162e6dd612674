//! UDP sockets on a port.

use std::net::SocketAddr;

use super::buffers::{ReadBuffer, WriteBuffer};
use super::common::common_methods;
use super::handle::Handle;
use super::{NotStarted, Started};
use crate::backend::plain::{Extent, What};
use crate::net::UdpSocket;

/// A UDP socket that belongs to a port ([`CompletionPort::associate_udp`](crate::CompletionPort::associate_udp)).
///
/// A clone is the same handle, and any thread may use it. Receives are filled in the order they were started, one
/// datagram each; sends leave in that order, and are tried at once. See also
/// [`Done`](super::Done) for what a packet tells.
///
/// ```
/// use ringport::{BufferPool, CompletionPort, Packet, UdpSocket};
///
/// let port = CompletionPort::new(1)?;
/// let pool = BufferPool::builder().slices_per_region(16).build()?;
/// let socket = UdpSocket::bind("127.0.0.1:0")?;
/// let server = port.associate_udp(&socket, 1)?;
/// server.receive_from(pool.take()?, 0)?;
///
/// let client = std::net::UdpSocket::bind("127.0.0.1:0")?;
/// client.send_to(b"hello", socket.local_addr()?)?;
/// let Packet::Operation(done) = port.wait(None)? else { panic!("nothing else was posted") };
/// let peer = done.peer();
/// if let (Some(peer), Some(buffer)) = (peer, done.into_unique()) {
///     server.send_to(buffer, peer, 0)?; // an echo, without a copy
/// }
/// assert_eq!(client.recv(&mut [0; 16])?, 5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct PortUdpSocket {
    pub(super) handle: Handle,
    pub(super) socket: UdpSocket,
}

common_methods!(
    PortUdpSocket,
    "socket",
    r#"let handle = port.associate_udp(&ringport::UdpSocket::bind("127.0.0.1:0")?, 7)?;"#
);

impl PortUdpSocket {
    /// The socket itself, to ask and to change; not to receive from or to send with.
    ///
    /// ```
    /// let port = ringport::CompletionPort::new(1)?;
    /// let associated = port.associate_udp(&ringport::UdpSocket::bind("127.0.0.1:0")?, 7)?;
    /// assert_ne!(associated.socket().local_addr()?.port(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn socket(&self) -> &UdpSocket {
        &self.socket
    }

    /// Receives a datagram, without its sender (`WSARecv`).
    ///
    /// # Errors
    /// [`NotStarted`] with the buffer: the limit is reached, or the handle or its port is closed.
    ///
    /// ```
    /// use ringport::{CompletionPort, Packet, UdpSocket};
    ///
    /// let port = CompletionPort::new(1)?;
    /// let socket = UdpSocket::bind("127.0.0.1:0")?;
    /// let associated = port.associate_udp(&socket, 7)?;
    /// associated.receive(Vec::with_capacity(100), 42)?;
    /// std::net::UdpSocket::bind("127.0.0.1:0")?.send_to(b"hello", socket.local_addr()?)?;
    /// let Packet::Operation(done) = port.wait(None)? else { panic!("nothing else was posted") };
    /// assert_eq!((done.context(), done.result()?), (42, 5));
    /// assert_eq!((done.received(), done.peer()), (&b"hello"[..], None));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn receive<B: ReadBuffer>(&self, buffer: B, context: u64) -> Result<Started, NotStarted<B>> {
        let what = What::Receive(Extent::Payload);
        self.handle.start(what, None, buffer, B::into_operation, context)
    }

    /// Receives a datagram and its sender's address (`WSARecvFrom`).
    ///
    /// # Errors
    /// [`NotStarted`] with the buffer: the limit is reached, or the handle or its port is closed.
    ///
    /// ```
    /// use ringport::{CompletionPort, Packet, UdpSocket};
    ///
    /// let port = CompletionPort::new(1)?;
    /// let socket = UdpSocket::bind("127.0.0.1:0")?;
    /// let associated = port.associate_udp(&socket, 7)?;
    /// associated.receive_from(Vec::with_capacity(100), 42)?;
    /// std::net::UdpSocket::bind("127.0.0.1:0")?.send_to(b"hello", socket.local_addr()?)?;
    /// let Packet::Operation(done) = port.wait(None)? else { panic!("nothing else was posted") };
    /// assert_eq!((done.context(), done.result()?), (42, 5));
    /// assert!(done.peer().is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn receive_from<B: ReadBuffer>(&self, buffer: B, context: u64) -> Result<Started, NotStarted<B>> {
        let what = What::Receive(Extent::Address);
        self.handle.start(what, None, buffer, B::into_operation, context)
    }

    /// Receives a datagram, its sender's address, and the control messages that the socket was told to give
    /// (`WSARecvMsg`). The latter need a slice of a pool, which has room for them.
    ///
    /// # Errors
    /// [`NotStarted`] with the buffer: the limit is reached, or the handle or its port is closed.
    ///
    /// ```
    /// use ringport::{CompletionPort, Packet, UdpSocket};
    ///
    /// let port = CompletionPort::new(1)?;
    /// let socket = UdpSocket::bind("127.0.0.1:0")?;
    /// let associated = port.associate_udp(&socket, 7)?;
    /// socket.packet_info(true)?; // the address that a datagram was sent to
    /// let pool = ringport::BufferPool::builder().slices_per_region(4).build()?;
    /// associated.receive_message(pool.take()?, 42)?;
    /// std::net::UdpSocket::bind("127.0.0.1:0")?.send_to(b"hello", socket.local_addr()?)?;
    /// let Packet::Operation(done) = port.wait(None)? else { panic!("nothing else was posted") };
    /// assert_eq!((done.context(), done.result()?), (42, 5));
    /// assert_eq!(done.control().count(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn receive_message<B: ReadBuffer>(&self, buffer: B, context: u64) -> Result<Started, NotStarted<B>> {
        let what = What::Receive(Extent::Message);
        self.handle.start(what, None, buffer, B::into_operation, context)
    }

    /// Sends a datagram to the peer that the socket is connected to (`WSASend`).
    ///
    /// # Errors
    /// [`NotStarted`] with the buffer: the limit is reached, or the handle or its port is closed.
    ///
    /// ```
    /// use ringport::{CompletionPort, Packet, UdpSocket};
    ///
    /// let port = CompletionPort::new(1)?;
    /// let socket = UdpSocket::bind("127.0.0.1:0")?;
    /// let associated = port.associate_udp(&socket, 7)?;
    /// socket.connect(socket.local_addr()?)?; // its own peer
    /// associated.send(b"hello".to_vec(), 42)?;
    /// let Packet::Operation(done) = port.wait(None)? else { panic!("nothing else was posted") };
    /// assert_eq!((done.context(), done.result()?), (42, 5));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn send<B: WriteBuffer>(&self, buffer: B, context: u64) -> Result<Started, NotStarted<B>> {
        self.handle.start(What::Send, None, buffer, B::into_operation, context)
    }

    /// Sends a datagram to `peer` (`WSASendTo`).
    ///
    /// # Errors
    /// [`NotStarted`] with the buffer: the limit is reached, or the handle or its port is closed.
    ///
    /// ```
    /// use ringport::{CompletionPort, Packet, UdpSocket};
    ///
    /// let port = CompletionPort::new(1)?;
    /// let socket = UdpSocket::bind("127.0.0.1:0")?;
    /// let associated = port.associate_udp(&socket, 7)?;
    /// associated.send_to(b"hello".to_vec(), socket.local_addr()?, 42)?;
    /// let Packet::Operation(done) = port.wait(None)? else { panic!("nothing else was posted") };
    /// assert_eq!((done.context(), done.result()?), (42, 5));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn send_to<B: WriteBuffer>(
        &self,
        buffer: B,
        peer: SocketAddr,
        context: u64,
    ) -> Result<Started, NotStarted<B>> {
        self.handle.start(What::Send, Some(peer), buffer, B::into_operation, context)
    }
}
