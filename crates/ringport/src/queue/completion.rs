//! Reading a completion.

use std::io;
use std::net::SocketAddr;

use thiserror::Error;

use super::{Completion, Operation, Status};
use crate::backend::contract::Payload;
use crate::backend::decode_address;
use crate::backend::sys::errno;
use crate::memory::{Buffer, BufferMut, Chain, ChainMut, HasHeader};
use crate::net::StreamSocket;

/// The buffer that comes back with a completion, in the form it was posted.
///
/// Made by [`Completion::into_buffer`]. What is not taken out of it returns to its pool when it is dropped.
///
/// ```
/// use ringport::queue::CompletedBuffer;
/// # use ringport::{BufferPool, CompletionQueue, Completions, Limits, RequestQueue, UdpSocket};
/// # let socket = UdpSocket::bind("127.0.0.1:0")?;
/// # let pool = BufferPool::builder().slice_size(8).slices_per_region(8).build()?;
/// # let mut queue = CompletionQueue::builder(8).polled()?;
/// # let limits = Limits { receives: 4, receive_buffers: 2, sends: 4, send_buffers: 2 };
/// # let requests = RequestQueue::new(&socket, &queue, &queue, limits, 0)?;
/// let news = pool.take_with(b"news")?.freeze();
/// requests.send_to(news.clone(), socket.local_addr()?, 1)?; // shared: we keep a handle
///
/// let mut completions = Completions::with_capacity(4);
/// while queue.dequeue(&mut completions) == 0 {}
/// for completion in completions.drain() {
///     match completion.into_buffer() {
///         CompletedBuffer::Shared(buffer) => assert_eq!(buffer[..], news[..]),
///         other => panic!("it was sent shared: {other:?}"),
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum CompletedBuffer {
    /// A unique slice.
    Unique(BufferMut),
    /// A shared slice that was sent.
    Shared(Buffer),
    /// A unique chain.
    ChainMut(ChainMut),
    /// A shared chain that was sent.
    Chain(Chain),
    /// There is none: the receive was aborted before its pool had a slice for it.
    None,
}

/// Why a request transferred nothing, or not all.
///
/// ```
/// use ringport::queue::OperationError;
/// use ringport::{BufferPool, CompletionQueue, Completions, Limits, RequestQueue, UdpSocket};
///
/// let socket = UdpSocket::bind("127.0.0.1:0")?;
/// let pool = BufferPool::builder().slices_per_region(4).build()?;
/// let mut queue = CompletionQueue::builder(4).polled()?;
/// let limits = Limits { receives: 4, receive_buffers: 1, sends: 0, send_buffers: 0 };
/// let requests = RequestQueue::new(&socket, &queue, &queue, limits, 0)?;
/// requests.receive(pool.take()?, 1)?;
/// requests.cancel();
///
/// let mut completions = Completions::with_capacity(4);
/// assert_eq!(queue.dequeue(&mut completions), 1);
/// for completion in completions.drain() {
///     assert!(matches!(completion.result(), Err(OperationError::Aborted)));
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OperationError {
    /// The datagram was larger than its slices; this many bytes of it are there.
    #[error("the datagram was larger than its slices: {delivered} bytes were delivered")]
    Truncated {
        /// Bytes delivered.
        delivered: usize,
    },
    /// Cancelled before it ran.
    #[error("the request was cancelled before it ran")]
    Aborted,
    /// The datagram that was to be sent is larger than a packet may be: one that was told not to be cut into fragments
    /// ([`dont_fragment`](crate::UdpSocket::dont_fragment)) than its way takes, any other than 65,507 bytes over IPv4 or
    /// 65,527 over IPv6. Nothing of it was sent.
    #[error(
        "a datagram of {asked} bytes is larger than may be sent to that peer: ask for its path_mtu and send at most so \
         many, or allow fragments (dont_fragment)"
    )]
    TooLarge {
        /// The bytes of the send; where it has several datagrams ([`Send::segments`](super::Send::segments)), of all.
        asked: usize,
    },
    /// Refused by the system.
    #[error("the system refused the request: {0}")]
    Failed(io::Error),
}

impl Completion {
    /// What it was: a receive, a send, or what makes and ends connections.
    #[inline]
    pub fn operation(&self) -> Operation {
        self.operation
    }

    /// What the user gave when the request queue was made (`SocketContext`).
    #[inline]
    pub fn socket_context(&self) -> u64 {
        self.socket_context
    }

    /// What the user gave with the request (`RequestContext`).
    #[inline]
    pub fn token(&self) -> u64 {
        self.token
    }

    /// Bytes transferred, also for a truncated datagram.
    #[inline]
    pub fn bytes(&self) -> usize {
        self.bytes as usize
    }

    /// The bytes transferred, or why not all of them.
    ///
    /// # Errors
    /// [`OperationError`], which says what a status other than [`Status::Success`] means.
    pub fn result(&self) -> Result<usize, OperationError> {
        match self.status() {
            Status::Success => Ok(self.bytes()),
            Status::Truncated => Err(OperationError::Truncated { delivered: self.bytes() }),
            Status::Aborted => Err(OperationError::Aborted),
            Status::Failed(errno::EMSGSIZE) if self.operation == Operation::Send => {
                Err(OperationError::TooLarge { asked: self.asked() })
            }
            Status::Failed(error) => Err(OperationError::Failed(io::Error::from_raw_os_error(error))),
        }
    }

    /// The bytes that were to be sent.
    fn asked(&self) -> usize {
        let mut asked = 0;
        self.payload.each_slice(|bytes| {
            asked += bytes.len();
            true
        });
        asked
    }

    /// Whether the datagram was larger than its slices.
    #[inline]
    pub fn truncated(&self) -> bool {
        self.status() == Status::Truncated
    }

    /// Where a received datagram came from, if the receive asked for addresses. It is decoded from the
    /// slice's headroom at each call.
    #[inline]
    pub fn peer(&self) -> Option<SocketAddr> {
        decode_address(self.first_slice()?.name_bytes())
    }

    /// The slice of a request that was posted with a [`BufferMut`].
    #[inline]
    pub fn buffer(&self) -> Option<&BufferMut> {
        match &self.payload {
            Payload::Unique(buffer) => Some(buffer),
            _ => None,
        }
    }

    /// Takes the buffer out, in the form it was posted.
    #[inline]
    pub fn into_buffer(self) -> CompletedBuffer {
        match self.payload {
            Payload::Unique(buffer) => CompletedBuffer::Unique(buffer),
            Payload::Shared(buffer) => CompletedBuffer::Shared(buffer),
            Payload::ChainMut(chain) => CompletedBuffer::ChainMut(chain),
            Payload::Chain(chain) => CompletedBuffer::Chain(chain),
            Payload::Stream(_) | Payload::None => CompletedBuffer::None,
        }
    }

    /// Takes the slice of a request that was posted with a [`BufferMut`]; `None` for any other, whose
    /// buffer is dropped.
    #[inline]
    pub fn into_unique(self) -> Option<BufferMut> {
        match self.payload {
            Payload::Unique(buffer) => Some(buffer),
            _ => None,
        }
    }

    /// Takes the connection that an accept brought. `None` for one that failed or was cancelled, and for any other
    /// request.
    #[inline]
    pub fn into_stream(self) -> Option<StreamSocket> {
        match self.payload {
            Payload::Stream(socket) => Some(socket),
            _ => None,
        }
    }

    /// Whether a receive of a connection found that the peer has sent its last: a success without bytes.
    #[inline]
    pub fn is_end(&self) -> bool {
        self.operation == Operation::Receive && self.status() == Status::Success && self.bytes == 0
    }

    /// Whether it brought data, if not all.
    pub(super) fn transferred(&self) -> bool {
        self.operation == Operation::Receive && matches!(self.status(), Status::Success | Status::Truncated)
    }

    /// The slice whose headroom the kernel wrote to.
    #[inline]
    pub(super) fn first_slice(&self) -> Option<&BufferMut> {
        match (&self.payload, self.operation) {
            (Payload::Unique(buffer), Operation::Receive) => Some(buffer),
            (Payload::ChainMut(chain), Operation::Receive) => chain.buffers().first(),
            _ => None,
        }
    }
}
