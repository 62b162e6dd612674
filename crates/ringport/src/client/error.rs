//! What can go wrong with a client, and what to change.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use thiserror::Error;

use crate::memory::MemoryError;
use crate::net::SocketError;
use crate::queue::{PostError, QueueError, WaitError};
use crate::server::tcp::framing::FramingError;

/// Why a client could not be made, or a call of it did not end well.
///
/// ```
/// use ringport::TcpClient;
/// use ringport::client::ClientError;
/// use std::time::Duration;
///
/// // A listener that takes connections and never says a word.
/// let silent = std::net::TcpListener::bind("127.0.0.1:0")?;
/// let time = Duration::from_millis(20);
/// let mut client = TcpClient::builder(silent.local_addr()?).request_timeout(time).connect()?;
/// let error = client.request(b"hello").unwrap_err();
/// assert!(matches!(error, ClientError::TimedOut { peer, unanswered: 1, .. } if peer == silent.local_addr()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ClientError {
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
    /// The client's memory could not be had.
    #[error("memory of a TCP client: {0}")]
    Memory(#[source] MemoryError),
    /// The client's queues could not be made.
    #[error("queues of a TCP client: {0}")]
    Queue(#[source] QueueError),
    /// The queue refused a request that always has a place.
    #[error("a TCP client cannot go on: {0}")]
    Post(#[source] PostError),
    /// The queue failed for good: make another client.
    #[error("a TCP client cannot wait: {0}")]
    Wait(#[source] WaitError),
    /// No address of the peer could be connected to in time. Nothing of the message was sent. The next call tries
    /// again, not before the pause is over.
    #[error(
        "no connection to {address} after {attempts} attempts in {time:?}{}: check that it listens there, or raise \
         connect_timeout(..) or rounds(..)",
        last.as_ref().map_or_else(|| ", all of it a pause".to_owned(), |last| format!(", at last {last}"))
    )]
    Connect {
        /// What the client was made for.
        address: String,
        /// The address that was tried last, where there is one.
        peer: Option<SocketAddr>,
        /// Addresses that were tried.
        attempts: u32,
        /// How long it took.
        time: Duration,
        /// Why the last attempt failed; none, if the pause after an earlier one was longer than the time.
        #[source]
        last: Option<Box<SocketError>>,
    },
    /// The connection ended. It is not known which of the requests without a response the peer has seen, so
    /// none of them is sent again unless [`resend`](super::TcpClientBuilder::resend) asks for that. The next call
    /// connects anew.
    #[error("the connection to {peer} ended ({reason}); {unanswered} requests have no response")]
    Lost {
        /// The other end.
        peer: SocketAddr,
        /// Requests whose response was not taken. They are forgotten now.
        unanswered: usize,
        /// What the system said; [`UnexpectedEof`](io::ErrorKind::UnexpectedEof) where the peer ended it in order.
        #[source]
        reason: io::Error,
    },
    /// The time was over first. After a [`request`](super::TcpClient::request) the connection is closed, for its
    /// response may come yet and would be taken for that of the next one; likewise when a message was sent in
    /// part. Otherwise it is as it was, and the call may be made again.
    #[error(
        "{doing} took longer than {time:?}: {peer}, {unanswered} requests without a response; raise \
         request_timeout(..)"
    )]
    TimedOut {
        /// What was waited for.
        doing: &'static str,
        /// The other end.
        peer: SocketAddr,
        /// The time there was.
        time: Duration,
        /// Requests without a response.
        unanswered: usize,
    },
    /// The peer sent what is no message. The connection is closed.
    #[error("{peer} sent what is no message: {source}")]
    Malformed {
        /// The other end.
        peer: SocketAddr,
        /// What is wrong.
        source: FramingError,
    },
    /// As many requests as may be are without a response.
    #[error("{limit} requests have no response: take responses with receive(), or raise pipeline(..)")]
    TooManyUnanswered {
        /// Requests that may be.
        limit: usize,
    },
    /// A request would get the response of an earlier one.
    #[error("{unanswered} requests were sent before this one: take their responses with receive() first")]
    Unanswered {
        /// Requests without a response.
        unanswered: usize,
    },
    /// There is no connection, and nothing was sent that could be answered.
    #[error("not connected to {address}, and nothing was sent: call connect() or send(..) first")]
    NotConnected {
        /// What the client was made for.
        address: String,
    },
    /// The sends of this connection were ended.
    #[error("finish() was called and {peer} has not ended the connection yet: take its responses to the end")]
    Finished {
        /// The other end.
        peer: SocketAddr,
    },
    /// All slices are with responses that were kept.
    #[error("all {slices} slices are in use: drop responses that were kept, or raise spare_slices(..)")]
    NoSlices {
        /// Slices the client has.
        slices: usize,
    },
}
