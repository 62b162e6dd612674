//! A connection as its handler sees it.

use std::net::SocketAddr;

use super::outgoing::Outgoing;
use crate::memory::{Buffer, BufferPool};
use crate::server::stop::StopReason;
use crate::server::tcp::error::SendRefused;
use crate::server::tcp::shared::Shared;

/// Names a connection among all that a server ever has: none is given out twice.
///
/// ```
/// use ringport::TcpServer;
/// use std::io::Write;
///
/// let server = TcpServer::bind("127.0.0.1:0")?;
/// std::net::TcpStream::connect(server.local_addr())?.write_all(b"hello")?;
/// server.run(|mut message| {
///     println!("{:?} says {:?}", message.connection().id(), message.bytes());
///     message.connection().stop_server();
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId {
    /// Its place in the server.
    pub(in crate::server::tcp) index: u32,
    /// How often the place was given out before.
    pub(in crate::server::tcp) generation: u32,
    /// The thread whose connection it is, where each has its own.
    pub(in crate::server::tcp) shard: u32,
}

impl ConnectionId {
    /// As the context of its completions.
    pub(in crate::server::tcp) fn to_context(self) -> u64 {
        u64::from(self.generation) << 32 | u64::from(self.index)
    }
}

/// How a handler wants its connection to end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::server::tcp) enum Wish {
    #[default]
    None,
    /// After what was replied has left.
    Close,
    /// At once, by a reset.
    Reset,
    /// Its bytes are no message.
    Refuse,
}

/// A connection, while its handler is called.
///
/// What is sent is copied into slices of the server's and leaves when the handler has seen all messages that are there,
/// with one system call.
///
/// ```
/// use ringport::TcpServer;
/// use std::io::{Read, Write};
///
/// let server = TcpServer::bind("127.0.0.1:0")?;
/// let mut client = std::net::TcpStream::connect(server.local_addr())?;
/// client.write_all(b"hello")?;
/// let running = server.start(|mut message| {
///     let connection = message.connection();
///     let greeting = format!("good bye, {}", connection.peer_addr());
///     let _ = connection.send(greeting.as_bytes());
///     connection.close();
/// })?;
/// let mut text = String::new();
/// client.read_to_string(&mut text)?;
/// assert_eq!(text, format!("good bye, {}", client.local_addr()?));
/// # running.stop()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Connection<'call> {
    pub(super) id: ConnectionId,
    pub(super) peer: SocketAddr,
    pub(super) outgoing: &'call mut Outgoing,
    pub(super) wish: &'call mut Wish,
    pub(super) pool: &'call BufferPool,
    pub(super) shared: &'call Shared,
}

impl Connection<'_> {
    /// Its name in the server.
    pub fn id(&self) -> ConnectionId {
        self.id
    }

    /// The address of the other end.
    pub fn peer_addr(&self) -> SocketAddr {
        self.peer
    }

    /// Sends a copy of these bytes, behind what was sent before.
    ///
    /// # Errors
    /// [`SendRefused`] when they do not fit into what the connection may still send; none of them is sent then.
    #[inline]
    pub fn send(&mut self, bytes: &[u8]) -> Result<(), SendRefused> {
        self.outgoing.append(self.pool, bytes)
    }

    /// Sends a slice without a copy, behind what was sent before. Slices of a program's own pool will do, too.
    ///
    /// # Errors
    /// [`SendRefused`] with the slice, when the connection may not have another one on its way.
    #[inline]
    pub fn send_buffer(&mut self, buffer: Buffer) -> Result<(), (SendRefused, Buffer)> {
        self.outgoing.append_buffer(buffer)
    }

    /// The bytes that fit now.
    pub fn room(&self) -> usize {
        self.outgoing.room()
    }

    /// Bytes that were sent and have not reached the system.
    pub fn unsent(&self) -> usize {
        self.outgoing.unsent()
    }

    /// Ends the connection in order: what was sent leaves, the peer reads the end, and no more messages are handled.
    pub fn close(&mut self) {
        if *self.wish == Wish::None {
            *self.wish = Wish::Close;
        }
    }

    /// Ends the connection at once, by a reset.
    pub fn reset(&mut self) {
        *self.wish = Wish::Reset;
    }

    /// Begins the orderly stop of the server.
    pub fn stop_server(&self) {
        self.shared.stop(StopReason::Handler);
    }
}

impl std::fmt::Debug for Connection<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection")
            .field("id", &self.id)
            .field("peer", &self.peer)
            .field("unsent", &self.unsent())
            .finish_non_exhaustive()
    }
}
