//! What request queues of connections and listeners can do beyond moving bytes.

use std::net::SocketAddr;

use super::error::{PostError, Refused};
use super::options::{Receive, Send};
use super::request_queue::RequestQueue;
use crate::backend::contract::{Outward, Payload};
use crate::memory::{Buffer, BufferPool};
use crate::net::{StreamListener, StreamSocket};

impl RequestQueue<StreamSocket> {
    /// Posts a receive that takes its slice from `pool` only when there are bytes for it. An idle connection so holds
    /// no memory, however many receives are posted; where the pool has no slice, the bytes wait in the system until
    /// one comes back.
    ///
    /// With io_uring the kernel takes the slices where it can: a completion queue then keeps 64 of a pool that has at
    /// least 512, for all its connections together, as long as one of them receives so; it reserves them
    /// ([`BufferPool::reserve`]), and does without where they are promised to others.
    ///
    /// A completion without bytes has no buffer: the peer has sent its last, or the receive was cancelled. Receives
    /// of one connection that are posted at a time take from one pool.
    ///
    /// # Errors
    /// [`PostError`] when the request is not possible. An empty pool is no error.
    ///
    /// ```
    /// use ringport::{BufferPool, CompletionQueue, Completions, Limits, Receive, RequestQueue, StreamSocket};
    /// use std::io::Write;
    ///
    /// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let socket = StreamSocket::connect(listener.local_addr()?)?;
    /// let mut queue = CompletionQueue::builder(4).event()?;
    /// let limits = Limits { receives: 4, receive_buffers: 1, sends: 0, send_buffers: 0 };
    /// let requests = RequestQueue::new(&socket, &queue, &queue, limits, 0)?;
    /// let pool = BufferPool::builder().slices_per_region(4).build()?;
    /// requests.receive_pooled(&pool, Receive::new(), 1)?;
    /// assert_eq!(pool.free(), 4);
    ///
    /// listener.accept()?.0.write_all(b"hello")?;
    /// let mut completions = Completions::with_capacity(4);
    /// queue.notify()?;
    /// queue.wait(None)?;
    /// queue.dequeue(&mut completions);
    /// for completion in completions.drain() {
    ///     assert_eq!(completion.into_unique().as_deref(), Some(&b"hello"[..]));
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn receive_pooled(&self, pool: &BufferPool, options: Receive, token: u64) -> Result<(), PostError> {
        let end = self.receive.as_ref().ok_or(PostError::NoDirection("receives"))?;
        end.core.borrow_mut().post_bare(end.key, Some(pool), options, token)
    }

    /// Connects to `peer` (`ConnectEx`): its completion is an
    /// [`Operation::Connect`](crate::Operation::Connect). It counts as a send and keeps its place among them, so
    /// sends posted behind it leave as soon as the connection is made.
    ///
    /// Receives posted before one that fails may fail with it, or wait for the next.
    ///
    /// # Errors
    /// [`PostError`] when the request is not possible; that the peer is not there is told by the completion.
    ///
    /// ```
    /// use ringport::net::Domain;
    /// use ringport::{BufferPool, CompletionQueue, Limits, RequestQueue, StreamSocket};
    /// use std::io::Read;
    ///
    /// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let socket = StreamSocket::new(Domain::V4)?;
    /// let mut queue = CompletionQueue::builder(4).event()?;
    /// let limits = Limits { receives: 0, receive_buffers: 0, sends: 4, send_buffers: 1 };
    /// let requests = RequestQueue::new(&socket, &queue, &queue, limits, 0)?;
    /// let pool = BufferPool::builder().slices_per_region(4).build()?;
    /// requests.connect(listener.local_addr()?, 1)?;
    /// requests.send(pool.take_with(b"hello")?, 2)?;
    /// requests.finish(3)?;
    ///
    /// let mut completions = ringport::Completions::with_capacity(4);
    /// while completions.len() < 3 {
    ///     queue.dequeue(&mut completions);
    /// }
    /// let mut text = String::new();
    /// listener.accept()?.0.read_to_string(&mut text)?;
    /// assert_eq!(text, "hello");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn connect(&self, peer: SocketAddr, token: u64) -> Result<(), PostError> {
        self.post_outward(Outward::Connect, Send::new().to(peer), token)
    }

    /// Ends what is sent, behind the sends that are posted (`DisconnectEx`, as far as it goes without the receives):
    /// the peer reads the end once it has read them all. Receives go on. Its completion is an
    /// [`Operation::Finish`](crate::Operation::Finish); it counts as a send.
    ///
    /// # Errors
    /// [`PostError`] when the request is not possible.
    pub fn finish(&self, token: u64) -> Result<(), PostError> {
        self.post_outward(Outward::Finish, Send::new(), token)
    }

    fn post_outward(&self, what: Outward, options: Send<'_>, token: u64) -> Result<(), PostError> {
        let end = self.send.as_ref().ok_or(PostError::NoDirection("sends"))?;
        let mut core = end.core.borrow_mut();
        core.admit_send(end.key, 1)?;
        core.accept_send(end.key, Payload::None, what, options, token);
        Ok(())
    }
}

impl RequestQueue<StreamSocket> {
    /// Sends a slice at once where nothing is before it and the socket takes all of it: then it comes back, and
    /// nothing completes, as on a handle with `FILE_SKIP_COMPLETION_PORT_ON_SUCCESS`. Otherwise it is posted, and `None`
    /// comes back.
    #[inline]
    pub(crate) fn send_at_once(&self, buffer: Buffer, token: u64) -> Result<Option<Buffer>, Refused<Buffer>> {
        let Some(end) = self.send.as_ref() else {
            return Err(Refused { buffer, error: PostError::NoDirection("sends") });
        };
        end.core.borrow_mut().send_at_once(end.key, buffer, token)
    }
}

impl RequestQueue<StreamListener> {
    /// Takes the next connection (`AcceptEx`): its completion is an [`Operation::Accept`](crate::Operation::Accept),
    /// and [`Completion::into_stream`](crate::Completion::into_stream) has the socket. It counts as a receive.
    ///
    /// A connection that its peer has reset before it is taken fails no accept: where the system still gives it out,
    /// its first receive fails, as on Linux; where it does not, the accept takes the next one.
    ///
    /// When the process may open no more files it completes as [`Status::Failed`](crate::Status::Failed); the
    /// connection stays in the system's queue for the next accept.
    ///
    /// # Errors
    /// [`PostError`] when the request is not possible.
    pub fn accept(&self, token: u64) -> Result<(), PostError> {
        let end = self.receive.as_ref().ok_or(PostError::NoDirection("receives"))?;
        end.core.borrow_mut().post_bare(end.key, None, Receive::new(), token)
    }
}
