//! What can go wrong with a server, and what to change.

use std::io;

use thiserror::Error;

use crate::advice::advice_on_threads;
use crate::backend::BackendError;
use crate::backend::sys::errno;
use crate::memory::{CapacityExceeded, MemoryError, PoolExhausted};
use crate::net::SocketError;
use crate::port::{PortError, PortWaitError};
use crate::queue::{PostError, QueueError, WaitError};

/// Why a server could not be bound or started, or why it ended.
///
/// ```
/// use ringport::UdpServer;
/// use ringport::net::SocketError;
/// use ringport::server::ServerError;
///
/// let first = UdpServer::bind("127.0.0.1:0")?;
/// let second = UdpServer::bind(first.local_addr());
/// assert!(matches!(second, Err(ServerError::Socket(SocketError::AddressInUse { .. }))));
/// # Ok::<(), ServerError>(())
/// ```
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ServerError {
    /// The socket could not be bound or set up.
    #[error(transparent)]
    Socket(#[from] SocketError),
    /// An option has a value that is not possible.
    #[error("{option} is {asked}, allowed is {allowed}")]
    Option {
        /// The builder's method.
        option: &'static str,
        /// What was asked for.
        asked: String,
        /// What may be asked for.
        allowed: String,
    },
    /// The memory of a thread could not be had; with [`Lock::Required`](crate::Lock::Required) also when
    /// it could not be locked.
    #[error("memory of server thread {thread}: {source}")]
    Memory {
        /// The thread, from 0.
        thread: usize,
        /// Why.
        source: MemoryError,
    },
    /// The queues of a thread could not be made.
    #[error("queues of server thread {thread}: {source}")]
    Queue {
        /// The thread, from 0.
        thread: usize,
        /// Why.
        source: QueueError,
    },
    /// The backend asked for cannot run here.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// A request that a server always may post was refused.
    #[error("server thread {thread} cannot post its receives: {source}")]
    Post {
        /// The thread, from 0.
        thread: usize,
        /// Why.
        source: PostError,
    },
    /// A thread could not be started, or the signals could not be watched.
    #[error("{what}: {source}{}", advice_on_threads(source))]
    System {
        /// What was being done.
        what: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// A thread could not be pinned to its processor.
    #[error(
        "server thread {thread} cannot run on processor {processor} ({source}): choose processors that exist \
         and that this process may use"
    )]
    Pin {
        /// The thread, from 0.
        thread: usize,
        /// The processor.
        processor: usize,
        /// What the system said.
        source: io::Error,
    },
    /// Waiting for datagrams failed for good.
    #[error("server thread {thread}: {source}")]
    Wait {
        /// The thread, from 0.
        thread: usize,
        /// Why.
        source: WaitError,
    },
    /// The completion port could not be made.
    #[error(transparent)]
    Port(#[from] PortError),
    /// Waiting on the completion port failed for good.
    #[error("server thread {thread}: {source}")]
    PortWait {
        /// The thread, from 0.
        thread: usize,
        /// Why.
        source: PortWaitError,
    },
    /// The system refuses every receive.
    #[error("server thread {thread} cannot receive any more: {source}")]
    Receive {
        /// The thread, from 0.
        thread: usize,
        /// What the system said last.
        source: io::Error,
    },
    /// A handler panicked. The server stopped in order: replies promised before were sent, and the other
    /// threads handled what they had received.
    #[error("the handler of server thread {thread} panicked: {message}")]
    HandlerPanicked {
        /// The thread, from 0.
        thread: usize,
        /// What it said.
        message: String,
    },
    /// The server has ended, so its socket is closed.
    #[error("the server has ended")]
    Ended,
}

/// Why a datagram was not sent. Nothing of it was kept.
///
/// ```
/// use ringport::UdpServer;
/// use ringport::server::SendError;
///
/// let server = UdpServer::bind("127.0.0.1:0")?;
/// let sender = server.sender();
/// drop(server);
/// assert!(matches!(sender.send_copy("127.0.0.1:9".parse()?, b"late"), Err(SendError::Ended)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SendError {
    /// More bytes than a slice of the server holds.
    #[error("the bytes are longer than a slice: {0}; raise slice_size(..)")]
    TooLong(#[from] CapacityExceeded),
    /// No slice is free for the copy.
    #[error(transparent)]
    Exhausted(#[from] PoolExhausted),
    /// As many copies as may be on their way are.
    #[error("{limit} copies are on their way already: raise pending(..), or send fewer at a time")]
    LimitReached {
        /// The limit, the value of `pending`.
        limit: u32,
    },
    /// The socket was full for as long as a push waits.
    #[error("the send buffer of the socket was full for {waited:?}: send less, or raise socket_buffer(..)")]
    Full {
        /// How long it waited for room.
        waited: std::time::Duration,
    },
    /// It is larger than may be sent to that peer: than a packet on its way, where the server does not let it be cut
    /// ([`dont_fragment`](super::UdpServer::dont_fragment)), or than any datagram (65,507 bytes over IPv4, 65,527 over
    /// IPv6).
    #[error(
        "the datagram is larger than may be sent to that peer: ask for its path_mtu and send at most so many bytes, or \
         allow fragments (dont_fragment)"
    )]
    TooLarge,
    /// The system refused it.
    #[error("the system did not send the datagram: {0}")]
    System(io::Error),
    /// The server has ended, so its socket is closed.
    #[error("the server has ended")]
    Ended,
}

impl From<io::Error> for SendError {
    fn from(error: io::Error) -> SendError {
        match error.raw_os_error() {
            Some(errno::EMSGSIZE) => SendError::TooLarge,
            _ => SendError::System(error),
        }
    }
}
