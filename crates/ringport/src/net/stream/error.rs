//! Descriptors that are not what they should be.

use std::fmt;
use std::io;

use thiserror::Error;

pub use crate::net::system::foreign_streams::StreamRefused;
use crate::net::system::words::STREAMS;

impl fmt::Display for StreamRefused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(formatter)
    }
}

impl std::error::Error for StreamRefused {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&self.error)
    }
}

/// Why a descriptor cannot be a stream socket or a listener.
///
/// ```
/// use ringport::net::StreamRefusal;
///
/// assert!(StreamRefusal::DoesNotListen.to_string().contains("call listen on it first"));
/// ```
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StreamRefusal {
    /// Not a socket at all (`WSAENOTSOCK` in Registered I/O).
    #[error("the descriptor is not a socket: pass one of {STREAMS}")]
    NotASocket,
    /// A socket of another kind: datagrams, raw packets, another family.
    #[error("the descriptor is of a socket of another kind: pass one of {STREAMS}")]
    NotAStream,
    /// A listener where a connection is wanted.
    #[error("the descriptor is a listener: pass a connection, or make a StreamListener of it")]
    Listens,
    /// Something that does not listen where a listener is wanted.
    #[error("the descriptor does not listen: call listen on it first, or make a StreamSocket of it")]
    DoesNotListen,
    /// The system could not say what it is, or would not make it non-blocking.
    #[error("the system does not say what kind of socket this is: {0}")]
    System(#[source] io::Error),
}
