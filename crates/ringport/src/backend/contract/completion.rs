//! One completed request, as it crosses from a backend to the user.

use super::Payload;
use crate::memory::BufferMut;

/// What a request did.
///
/// ```
/// use ringport::Operation;
/// # use ringport::{BufferPool, CompletionQueue, Completions, Limits, RequestQueue, UdpSocket};
/// # let socket = UdpSocket::bind("127.0.0.1:0")?;
/// # let pool = BufferPool::builder().slice_size(8).slices_per_region(8).build()?;
/// # let mut queue = CompletionQueue::builder(8).polled()?;
/// # let limits = Limits { receives: 4, receive_buffers: 2, sends: 4, send_buffers: 2 };
/// # let requests = RequestQueue::new(&socket, &queue, &queue, limits, 0)?;
/// requests.receive(pool.take()?, 1)?;
/// requests.send_to(pool.take_with(b"hello")?, socket.local_addr()?, 1)?; // the same token: they differ in this
///
/// let mut completions = Completions::with_capacity(4);
/// let (mut received, mut sent) = (0, 0);
/// while received + sent < 2 {
///     queue.dequeue(&mut completions);
///     for completion in completions.drain() {
///         match completion.operation() {
///             Operation::Receive => received += 1,
///             Operation::Send => sent += 1,
///             other => panic!("a UDP socket does no {other:?}"),
///         }
///     }
/// }
/// assert_eq!((received, sent), (1, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// A posted receive.
    Receive,
    /// A send.
    Send,
    /// A connection taken from a listener; charged as a receive.
    Accept,
    /// A connection made; charged as a send.
    Connect,
    /// The end of what is sent on a connection; charged as a send.
    Finish,
}

impl Operation {
    /// Whether it is charged as a receive; otherwise as a send.
    #[inline(always)]
    pub(crate) fn is_inward(self) -> bool {
        matches!(self, Operation::Receive | Operation::Accept)
    }
}

/// How a request ended: the status of `RIORESULT`, by name.
///
/// Every status gives the buffer back; [`Completion::result`] turns it into a `Result`.
///
/// ```
/// use ringport::Status;
/// # use ringport::{BufferPool, CompletionQueue, Completions, Limits, RequestQueue, UdpSocket};
/// # let socket = UdpSocket::bind("127.0.0.1:0")?;
/// # let pool = BufferPool::builder().slice_size(8).slices_per_region(8).build()?;
/// # let mut queue = CompletionQueue::builder(8).polled()?;
/// # let limits = Limits { receives: 4, receive_buffers: 2, sends: 4, send_buffers: 2 };
/// # let requests = RequestQueue::new(&socket, &queue, &queue, limits, 0)?;
/// requests.receive(pool.take()?, 1)?; // a slice of 8 bytes
/// std::net::UdpSocket::bind("127.0.0.1:0")?.send_to(b"ten bytes!", socket.local_addr()?)?;
///
/// let mut completions = Completions::with_capacity(4);
/// while queue.dequeue(&mut completions) == 0 {}
/// for completion in completions.drain() {
///     assert_eq!((completion.status(), completion.bytes()), (Status::Truncated, 8));
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// All of it was transferred.
    Success,
    /// The datagram was larger than its slices: the first bytes are there, the rest is gone. Windows
    /// reports this as `WSAEMSGSIZE`; Linux would be silent unless asked, so we ask.
    Truncated,
    /// Cancelled before it ran: its queue or socket was closed (`ERROR_OPERATION_ABORTED`).
    Aborted,
    /// The system refused it with this error number.
    Failed(i32),
}

/// The result of one request, with the buffer it was given: `RIORESULT` and everything needed to go on.
///
/// Exactly one completion follows each accepted request. Dropping it returns its slices to their pool.
///
/// ```
/// use ringport::{BufferPool, CompletionQueue, Completions, Limits, RequestQueue, UdpSocket};
///
/// let socket = UdpSocket::bind("127.0.0.1:0")?;
/// let pool = BufferPool::builder().slices_per_region(16).build()?;
/// let mut queue = CompletionQueue::builder(32).polled()?;
/// let limits = Limits { receives: 16, receive_buffers: 1, sends: 16, send_buffers: 1 };
/// let requests = RequestQueue::new(&socket, &queue, &queue, limits, 7)?;
///
/// requests.receive_from(pool.take()?, 1)?;
/// requests.send_to(pool.take_with(b"to myself")?, socket.local_addr()?, 2)?;
///
/// let mut completions = Completions::with_capacity(16);
/// while completions.len() < 2 {
///     queue.dequeue(&mut completions);
/// }
/// for completion in completions.drain() {
///     assert_eq!(completion.socket_context(), 7);
///     if completion.token() == 1 {
///         assert_eq!(completion.peer(), Some(socket.local_addr()?));
///         assert_eq!(completion.result()?, 9);
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Completion {
    pub(crate) payload: Payload,
    pub(crate) token: u64,
    pub(crate) socket_context: u64,
    pub(crate) bytes: u32,
    /// The attachment whose quota this completion holds until it is dequeued.
    pub(crate) key: u32,
    /// The error number of a failed one.
    pub(crate) error: i32,
    pub(crate) outcome: Outcome,
    pub(crate) operation: Operation,
    /// Whether it may trigger a notification: not when posted with `DONT_NOTIFY`.
    pub(crate) notifies: bool,
}

const _: () = assert!(size_of::<Completion>() <= 64, "a completion is at most one cache line");

/// [`Status`] without its error number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Success,
    Truncated,
    Aborted,
    Failed,
}

/// Whose request it was.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    pub(crate) key: u32,
    pub(crate) socket_context: u64,
    pub(crate) token: u64,
    pub(crate) notifies: bool,
}

impl Completion {
    /// Appends the completion of a receive into one slice, which is done for every datagram.
    ///
    /// Room is made before the completion is built, and the closure has only plain values to put together: so
    /// it is built in its place, and nothing is written in parts and read back whole.
    #[inline(always)]
    pub(crate) fn push_slice(
        out: &mut Vec<Completion>,
        buffer: BufferMut,
        bytes: u32,
        outcome: Outcome,
        origin: Origin,
    ) {
        let Origin { key, socket_context, token, notifies } = origin;
        out.extend(std::iter::once_with(move || Completion {
            payload: Payload::Unique(buffer),
            token,
            socket_context,
            bytes,
            key,
            error: 0,
            outcome,
            operation: Operation::Receive,
            notifies,
        }));
    }

    /// How it ended.
    #[inline]
    pub fn status(&self) -> Status {
        match self.outcome {
            Outcome::Success => Status::Success,
            Outcome::Truncated => Status::Truncated,
            Outcome::Aborted => Status::Aborted,
            Outcome::Failed => Status::Failed(self.error),
        }
    }
}

impl Status {
    /// Its two parts.
    #[inline]
    pub(crate) fn parts(self) -> (Outcome, i32) {
        match self {
            Status::Success => (Outcome::Success, 0),
            Status::Truncated => (Outcome::Truncated, 0),
            Status::Aborted => (Outcome::Aborted, 0),
            Status::Failed(error) => (Outcome::Failed, error),
        }
    }
}
