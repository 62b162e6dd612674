//! One operation on its way, and one that is done.

use std::net::SocketAddr;

use super::buffer::OperationBuffer;
use crate::backend::sys::descriptor::OwnedFd;
use crate::memory::Use;

/// What an operation is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// Read a file at this offset.
    Read(u64),
    /// Write a file at this offset, all of it.
    Write(u64),
    /// Receive a datagram, or what a stream has.
    Receive(Extent),
    /// Send a datagram, to the address of the request if it has one.
    Send,
    /// Send all of it down a stream.
    SendAll,
    /// Take a connection.
    Accept,
    /// Connect to the address of the request.
    Connect,
}

/// How much of a datagram is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// A stream has no more.
    Stream,
    Payload,
    /// The peer's address too.
    Address,
    /// The peer's address and the control data too; the latter only into a slice of a pool.
    Message,
}

/// The direction of an operation. Those of one direction of a socket run one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// Into the process: read, receive, accept.
    In = 0,
    /// Out of it: write, send, connect.
    Out = 1,
}

impl What {
    pub(crate) fn direction(self) -> Direction {
        match self {
            What::Read(_) | What::Receive(_) | What::Accept => Direction::In,
            What::Write(_) | What::Send | What::SendAll | What::Connect => Direction::Out,
        }
    }
}

/// One operation with all it owns.
#[derive(Debug)]
pub(crate) struct Request {
    /// Names it among those of its handle.
    pub(crate) number: u64,
    pub(crate) context: u64,
    pub(crate) what: What,
    /// Bytes that are through already; only a stream and a file take a part. 1 for a connection under way.
    pub(crate) progress: usize,
    pub(crate) buffer: OperationBuffer,
    /// Where to send or connect to; where it came from, once that is known and no slice keeps it.
    pub(crate) peer: Option<SocketAddr>,
    /// The connection that was taken.
    pub(crate) accepted: Option<OwnedFd>,
}

impl Request {
    /// Marks its slice as being in use by the system.
    pub(crate) fn mark_begun(&self) {
        self.buffer.mark(match self.what.direction() {
            Direction::In => Use::Receiving,
            Direction::Out => Use::Sending,
        });
    }

    /// Bytes that are through already.
    fn transferred(&self) -> usize {
        if self.what == What::Connect { 0 } else { self.progress }
    }

    /// The packet of it.
    pub(crate) fn done(self, key: u64, outcome: Outcome) -> Done {
        self.buffer.mark(Use::Held);
        Done { key, status: outcome.status, bytes: outcome.bytes, request: self }
    }
}

/// How an operation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Success,
    /// Nothing more comes: the end of the file, or of what the peer sends.
    End,
    /// The datagram was longer than the buffer.
    Truncated,
    /// It was cancelled.
    Aborted,
    /// The system refused it with this error.
    Failed(i32),
}

/// How an operation ended, and with how many bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outcome {
    pub(crate) status: Status,
    pub(crate) bytes: usize,
}

impl Outcome {
    pub(crate) fn success(bytes: usize) -> Outcome {
        Outcome { status: Status::Success, bytes }
    }

    /// What had got through before counts still.
    pub(crate) fn failed(error: i32, request: &Request) -> Outcome {
        Outcome { status: Status::Failed(error), bytes: request.transferred() }
    }

    pub(crate) fn aborted(request: &Request) -> Outcome {
        Outcome { status: Status::Aborted, bytes: request.transferred() }
    }
}

/// The result of one operation on a handle of a port, with the buffer it was given: what an `OVERLAPPED` and its
/// completion packet are together.
///
/// Exactly one comes for each operation that was started. Dropping it frees what it holds: a slice goes back to its
/// pool, a connection is closed.
///
/// ```
/// use ringport::{CompletionPort, Packet, UdpSocket};
///
/// let port = CompletionPort::new(1)?;
/// let socket = UdpSocket::bind("127.0.0.1:0")?;
/// let associated = port.associate_udp(&socket, 7)?;
/// associated.receive_from(Vec::with_capacity(100), 42)?;
/// std::net::UdpSocket::bind("127.0.0.1:0")?.send_to(b"hello", socket.local_addr()?)?;
///
/// let Packet::Operation(done) = port.wait(None)? else { panic!("nothing else was posted") };
/// assert_eq!((done.key(), done.context()), (7, 42));
/// assert_eq!(done.result()?, 5);
/// assert!(done.peer().is_some());
/// assert_eq!(done.into_vec(), Some(b"hello".to_vec()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Done {
    pub(crate) key: u64,
    pub(crate) status: Status,
    pub(crate) bytes: usize,
    pub(crate) request: Request,
}
