//! What can be refused, and why.

use std::fmt;
use std::io;

use thiserror::Error;

use crate::advice::advice;
use crate::backend::BackendError;
use crate::backend::contract::AttachError;
use crate::memory::lock_limit;
use crate::net::SocketError;

/// A queue could not be made or changed. Nothing changed.
///
/// ```
/// use ringport::{CompletionQueue, QueueError};
///
/// let refused = CompletionQueue::builder(0).polled().unwrap_err();
/// assert!(matches!(refused, QueueError::InvalidSize { asked: 0, .. }));
/// assert_eq!(refused.to_string(), "a completion queue of 0 is not possible: ask for 1 to 134217728");
/// ```
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum QueueError {
    /// The size of a completion queue is zero or more than there may be (`RIOCreateCompletionQueue` calls
    /// it invalid).
    #[error("a completion queue of {asked} is not possible: ask for 1 to {largest}")]
    InvalidSize {
        /// The size asked for.
        asked: usize,
        /// The largest size.
        largest: usize,
    },
    /// The completion queue has not enough free places for the limits asked for (`WSAENOBUFS`).
    #[error(
        "{asked} places are needed in a completion queue of {size} with {reserved} reserved already: \
         make or resize it to at least {}", reserved + asked
    )]
    NoRoom {
        /// Places needed.
        asked: usize,
        /// Places that other request queues hold.
        reserved: usize,
        /// The queue's size.
        size: usize,
    },
    /// The queue would become smaller than what it holds at present (`WSAETOOMANYREFS`).
    #[error("{asked} {what} are too few: {needed} are in use")]
    InUse {
        /// What there would be too few of.
        what: &'static str,
        /// The number asked for.
        asked: usize,
        /// The least that is possible now.
        needed: usize,
    },
    /// The limits of a request queue make no sense.
    #[error("these limits are not possible: {0}")]
    InvalidLimits(&'static str),
    /// The socket has a request queue for this direction or on this completion queue already
    /// (`RIOCreateRequestQueue` calls it invalid), or belongs to a completion port.
    #[error("the socket has a request queue or belongs to a port already: use or close that one")]
    SocketTaken,
    /// The completion queue serves as many datagram sockets as one can: over io_uring 65,520 that receive, for each
    /// has a ring of buffers with a number of 16 bits.
    #[error(
        "a completion queue over io_uring receives from {most} datagram sockets at most: use several queues"
    )]
    TooManySockets {
        /// The most it serves.
        most: usize,
    },
    /// The memory in which the kernel is told of a socket's receives counts as locked, and no more may be locked:
    /// 16 bytes a receive over io_uring, and a page (4,096 bytes) at least. Over epoll there is none.
    #[error(
        "the receives of a socket need {asked} bytes of locked memory, and no more may be locked \
         (RLIMIT_MEMLOCK allows {allowed} in all): raise it (`ulimit -l`, LimitMEMLOCK= in a systemd unit), give the \
         program CAP_IPC_LOCK, use fewer sockets or smaller limits of receives, or the epoll backend"
    )]
    LockLimit {
        /// Bytes needed for this socket.
        asked: usize,
        /// Bytes that may be locked in all, shared with whatever else the user has locked.
        allowed: usize,
    },
    /// The completion queue was closed.
    #[error("the completion queue is closed: make another one")]
    Closed,
    /// The backend asked for cannot run here.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// The socket refused something that was needed.
    #[error(transparent)]
    Socket(#[from] SocketError),
    /// The system had no resources for the queue.
    #[error("{what}: {source}{}", advice(source))]
    System {
        /// What was tried.
        what: &'static str,
        /// What the system said.
        source: io::Error,
    },
}

impl From<AttachError> for QueueError {
    fn from(error: AttachError) -> QueueError {
        match error {
            AttachError::Full(most) => QueueError::TooManySockets { most },
            AttachError::Locked(asked) => QueueError::LockLimit { asked, allowed: lock_limit() },
            AttachError::System(source) => {
                QueueError::System { what: "attaching a socket to the completion queue", source }
            }
        }
    }
}

/// A request was refused: it makes no completion, and nothing of it was kept.
///
/// ```
/// use ringport::queue::PostError;
/// use ringport::{BufferPool, CompletionQueue, Limits, RequestQueue, UdpSocket};
///
/// let socket = UdpSocket::bind("127.0.0.1:0")?;
/// let pool = BufferPool::builder().slices_per_region(4).build()?;
/// let queue = CompletionQueue::builder(4).polled()?;
/// let limits = Limits { receives: 0, receive_buffers: 0, sends: 4, send_buffers: 1 };
/// let requests = RequestQueue::new(&socket, &queue, &queue, limits, 0)?;
///
/// let refused = requests.send(pool.take_with(b"to whom?")?, 1).unwrap_err();
/// assert!(matches!(refused.error, PostError::NoDestination));
/// assert_eq!(&refused.buffer[..], b"to whom?");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PostError {
    /// As many requests as the limit allows are outstanding; each holds its place until its completion is
    /// dequeued (`WSAENOBUFS`).
    #[error("the limit of {limit} {what} is reached: dequeue completions, or resize the request queue")]
    LimitReached {
        /// `"receives"` or `"sends"`.
        what: &'static str,
        /// The limit.
        limit: u32,
    },
    /// A chain of more slices than the limit allows, or of none (`WSAEINVAL`).
    #[error("a request of {given} slices where 1 to {allowed} are allowed: raise {what} in the limits")]
    SliceCount {
        /// The limit's name.
        what: &'static str,
        /// Slices in the request.
        given: usize,
        /// The most allowed.
        allowed: u32,
    },
    /// A send on a socket that is not connected names no destination.
    #[error("the socket is not connected and the send names no destination: use send_to, or connect it")]
    NoDestination,
    /// The option does not exist for this kind of socket (`WSAEOPNOTSUPP`).
    #[error("{0} is not supported on this socket")]
    NotSupported(&'static str),
    /// The completion queue was closed.
    #[error("the completion queue is closed")]
    Closed,
    /// The backend of the completion queue failed for good with this error number: no receive would ever complete
    /// (`RIO_CORRUPT_CQ`). Make another queue.
    #[error("the completion queue failed: {}; make another one", std::io::Error::from_raw_os_error(*.0))]
    Failed(i32),
    /// The request queue was made without this direction: its limit is 0.
    #[error("the limit of {0} is 0 in this request queue")]
    NoDirection(&'static str),
}

/// A refused request with its buffer, as it was.
///
/// A `?` that boxes the error takes the buffer with it, which returns to its pool when that box is dropped; to go on
/// with it, take it out.
///
/// ```
/// use ringport::queue::PostError;
/// # use ringport::{BufferPool, CompletionQueue, Completions, Limits, RequestQueue, UdpSocket};
/// # let socket = UdpSocket::bind("127.0.0.1:0")?;
/// # let pool = BufferPool::builder().slice_size(8).slices_per_region(8).build()?;
/// # let mut queue = CompletionQueue::builder(8).polled()?;
/// # let limits = Limits { receives: 1, receive_buffers: 2, sends: 4, send_buffers: 2 };
/// # let requests = RequestQueue::new(&socket, &queue, &queue, limits, 0)?;
/// requests.receive(pool.take()?, 1)?; // the limit is 1
/// let refused = requests.receive(pool.take()?, 2).unwrap_err();
/// assert!(matches!(refused.error, PostError::LimitReached { limit: 1, .. }));
/// let buffer = refused.buffer; // as it was, to be posted later
/// assert_eq!(buffer.capacity(), 8);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Refused<B> {
    /// The buffer, to use again.
    pub buffer: B,
    /// Why it was refused.
    pub error: PostError,
}

impl<B> fmt::Debug for Refused<B> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Refused").field("error", &self.error).finish_non_exhaustive()
    }
}

impl<B> fmt::Display for Refused<B> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(formatter)
    }
}

impl<B> std::error::Error for Refused<B> {}

/// The queue is armed already and its notification has not fired; nothing changed (`WSAEALREADY` of
/// `RIONotify`).
///
/// A loop that arms before each wait may take it for success: after a time-out or a wake-up the queue is armed still.
///
/// ```
/// use ringport::CompletionQueue;
/// use ringport::queue::AlreadyArmed;
///
/// let mut queue = CompletionQueue::builder(16).event()?;
/// queue.notify()?;
/// assert_eq!(queue.notify(), Err(AlreadyArmed));
/// assert!(queue.is_armed());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the queue is armed already: wait for its notification before arming it again")]
pub struct AlreadyArmed;

/// Waiting was not possible.
///
/// ```
/// use ringport::CompletionQueue;
/// use ringport::queue::WaitError;
///
/// let mut queue = CompletionQueue::builder(16).event()?;
/// assert!(matches!(queue.wait(None), Err(WaitError::NotArmed))); // it does not sleep for ever
/// # Ok::<(), ringport::QueueError>(())
/// ```
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum WaitError {
    /// There is nothing to wait for: the queue is not armed.
    #[error("the queue is not armed: call notify first")]
    NotArmed,
    /// The backend failed for good; the queue cannot go on (`RIO_CORRUPT_CQ`).
    #[error("the completion queue failed: {0}")]
    Failed(io::Error),
}
