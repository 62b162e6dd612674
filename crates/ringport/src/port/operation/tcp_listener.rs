//! TCP listeners on a port.

use std::io;
use std::net::SocketAddr;

use socket2::SockRef;

use super::common::common_methods;
use super::handle::Handle;
use super::tcp_stream::ip_address;
use super::{NotStarted, OperationBuffer, Started};
use crate::backend::plain::What;

/// A TCP listener that belongs to a port
/// ([`CompletionPort::associate_listener`](crate::CompletionPort::associate_listener)).
///
/// A clone is the same handle, and any thread may use it.
///
/// ```
/// use ringport::{CompletionPort, Packet};
///
/// let port = CompletionPort::new(1)?;
/// let listener = port.associate_listener(std::net::TcpListener::bind("127.0.0.1:0")?, 1)?;
/// listener.accept(0)?;
/// let client = std::net::TcpStream::connect(listener.local_addr()?)?;
/// let Packet::Operation(done) = port.wait(None)? else { panic!("nothing else was posted") };
/// assert_eq!(done.peer(), Some(client.local_addr()?));
/// if let Some(stream) = done.into_stream() {
///     let connection = port.associate_stream(stream, 2)?;
///     connection.send(b"welcome".to_vec(), 0)?;
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct PortTcpListener {
    pub(super) handle: Handle,
}

common_methods!(
    PortTcpListener,
    "listener",
    r#"let handle = port.associate_listener(std::net::TcpListener::bind("127.0.0.1:0")?, 7)?;"#
);

impl PortTcpListener {
    /// Takes the next connection (`AcceptEx`): [`Done::into_stream`](super::Done::into_stream) has it, and
    /// [`Done::peer`](super::Done::peer) where it came from. Its packet has no buffer. A connection that its peer has
    /// reset before it is taken fails no accept: its first receive fails, or, where the system does not give it out,
    /// the accept takes the next one.
    ///
    /// # Errors
    /// [`NotStarted`]: the limit is reached, or the handle or its port is closed.
    pub fn accept(&self, context: u64) -> Result<Started, NotStarted<()>> {
        self.handle.start(What::Accept, None, (), |()| OperationBuffer::None, context)
    }

    /// The address that it listens on.
    ///
    /// # Errors
    /// What the system says; in practice none.
    ///
    /// ```
    /// # let port = ringport::CompletionPort::new(1)?;
    /// let listener = port.associate_listener(std::net::TcpListener::bind("127.0.0.1:0")?, 7)?;
    /// assert_ne!(listener.local_addr()?.port(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        ip_address(SockRef::from(self.handle.descriptor()).local_addr()?)
    }
}
