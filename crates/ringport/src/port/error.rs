//! What can go wrong with a port.

use std::io;
use std::time::Duration;

use crate::advice::advice_on_threads;
use crate::backend::BackendError;

/// Why a port, or a handle on it, could not be made.
///
/// ```
/// use ringport::CompletionPort;
///
/// let refused = CompletionPort::new(100_000).unwrap_err();
/// assert!(refused.to_string().contains("100000"));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PortError {
    /// More threads are to run at once than a port can count.
    #[error("a concurrency of {asked} was asked for; 0 (the number of processors) to {most} are possible")]
    Concurrency {
        /// What was asked for.
        asked: usize,
        /// The most that is possible.
        most: usize,
    },
    /// A queue of packets that can hold none, or too many.
    #[error("a limit of {asked} posted packets was asked for; 1 to {most} are possible")]
    QueueLimit {
        /// What was asked for.
        asked: usize,
        /// The most that is possible.
        most: usize,
    },
    /// The socket is associated with a port, or has a request queue, at this moment (`CreateIoCompletionPort` calls it
    /// invalid).
    #[error("the socket belongs to a port or a request queue already: use that, or close it first")]
    AlreadyAssociated,
    /// The socket was associated with another port before, or had a request queue. Windows keeps a socket with its
    /// first port until it is closed. Linux does not, so there this never happens.
    #[error(
        "the socket, or a copy of it, was given to a completion port before, and Windows keeps it there until all \
         copies are closed: open another socket for this port"
    )]
    AssociatedBefore,
    /// The backend asked for cannot run here.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// A monitor that would do nothing but look.
    #[error(
        "a look of the monitor every {asked:?} was asked for; {least:?} or more is possible, or Monitor::Off"
    )]
    MonitorTick {
        /// What was asked for.
        asked: Duration,
        /// The least that is possible.
        least: Duration,
    },
    /// The system refused something.
    #[error("{what}: {source}{}", advice_on_threads(source))]
    System {
        /// What was tried.
        what: &'static str,
        /// What the system answered.
        source: io::Error,
    },
    /// The port is closed.
    #[error("the completion port is closed")]
    Closed,
}

/// Why a wait ended without a packet: the two cases that `GetQueuedCompletionStatus` tells apart by
/// `WAIT_TIMEOUT` and `ERROR_ABANDONED_WAIT_0`, and a failure of the system.
///
/// An operation that failed is no failure of the wait: its packet says so.
///
/// ```
/// use ringport::CompletionPort;
/// use ringport::port::PortWaitError;
/// use std::time::Duration;
///
/// let port = CompletionPort::new(1)?;
/// let nothing = port.wait(Some(Duration::from_micros(10)));
/// assert!(matches!(nothing, Err(PortWaitError::TimedOut)));
/// port.close();
/// assert!(matches!(port.wait(None), Err(PortWaitError::Closed)));
/// # Ok::<(), ringport::port::PortError>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PortWaitError {
    /// The time was over first; nothing was taken.
    #[error("no packet came in time")]
    TimedOut,
    /// The port is closed.
    #[error("the completion port is closed")]
    Closed,
    /// The system failed to wait.
    #[error("waiting for completions: {0}")]
    Failed(io::Error),
}

/// Why a packet was not posted. Nothing was queued; the packet is two numbers that the caller still has.
///
/// ```
/// use ringport::CompletionPort;
/// use ringport::port::PacketRefused;
///
/// let port = CompletionPort::builder().queue_limit(1).build()?;
/// port.post(1, 1)?;
/// assert_eq!(port.post(1, 2), Err(PacketRefused::Full { limit: 1 }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PacketRefused {
    /// As many packets are queued as may be.
    #[error("{limit} packets are queued, which is the limit; let threads take some, or raise queue_limit")]
    Full {
        /// The limit.
        limit: usize,
    },
    /// The port is closed.
    #[error("the completion port is closed")]
    Closed,
    /// The system has no memory for one more packet, as Windows may say. On Linux this never happens.
    #[error("the system has no memory for one more packet; let threads take some")]
    NoMemory,
}
