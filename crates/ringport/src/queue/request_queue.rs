//! The request queue: receives and sends of one socket.

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;

use super::buffers::{ReceiveBuffer, SendBuffer};
use super::claiming::claim;
use super::completion_queue::AsQueue;
use super::core::{Core, SharedCore};
use super::error::{PostError, QueueError, Refused};
use super::limits::Limits;
use super::options::{Receive, Send};
use crate::backend::contract::{Attachment, Outward, Partner, ReceiveSide, SendSide};
use crate::memory::BufferPool;
use crate::net::{Claim, DataSocket, RegisteredSocket, UdpSocket};

/// One end of a request queue: a completion queue, and the key of the socket in it.
#[derive(Clone)]
pub(super) struct End {
    pub(super) core: SharedCore,
    pub(super) key: u32,
}

/// Bounded receives and sends on one socket: `RIO_RQ`, made as by `RIOCreateRequestQueue`.
///
/// It belongs to the thread of its completion queues. The limits are reserved in those, so a completion
/// always finds its place. Posting a receive writes to memory and makes no system call; a plain send makes
/// one, deferred sends share one.
///
/// The order is the order of posting: datagrams fill the receives as they were posted, and sends leave as
/// they were posted, but for deferred sends of datagrams that leave together: those are grouped by peer, each of
/// which gets its own in order ([`Send::defer`](super::Send::defer)). Dropping it cancels what is outstanding; each request still completes, as
/// [`Status::Aborted`](super::Status::Aborted) or with its data, and can be dequeued. With Registered I/O of Windows that
/// may be when the last owner of the socket closes it, so close sockets before their completion queues.
///
/// ```
/// use ringport::{BufferPool, CompletionQueue, Completions, Limits, RequestQueue, UdpSocket};
///
/// let socket = UdpSocket::bind("127.0.0.1:0")?;
/// let pool = BufferPool::builder().slices_per_region(64).build()?;
/// let mut queue = CompletionQueue::builder(64).polled()?;
/// let limits = Limits { receives: 2, receive_buffers: 1, sends: 8, send_buffers: 4 };
/// let requests = RequestQueue::new(&socket, &queue, &queue, limits, 0)?;
///
/// requests.receive(pool.take()?, 1)?;
/// requests.receive(pool.take()?, 2)?;
/// let refused = requests.receive(pool.take()?, 3).unwrap_err();
/// println!("{}; its buffer is back: {:?}", refused.error, refused.buffer.capacity());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct RequestQueue<S = UdpSocket> {
    /// Before the ends: where a queue ends with this, the kernel may let go of requests only once the socket is closed.
    pub(super) socket: S,
    pub(super) receive: Option<End>,
    pub(super) send: Option<End>,
    pub(super) limits: Cell<Limits>,
    pub(super) connected: Cell<bool>,
    /// Keeps other request queues and ports from its directions; let go of after they were detached.
    _claim: Claim,
}

impl<S: RegisteredSocket> RequestQueue<S> {
    /// Makes a request queue for `socket`, whose receives complete in one queue and whose sends complete
    /// in another or the same. The socket need not be bound or connected yet. `socket_context` comes back
    /// with each completion.
    ///
    /// A datagram socket takes about 700 bytes, and 370 for each receive with a send that its limits allow. Over
    /// io_uring its receives have 16 bytes each beside that, 4,096 at least, which count as locked memory
    /// (`RLIMIT_MEMLOCK`) since Linux 6.13, unless the process has `CAP_IPC_LOCK`.
    ///
    /// # Errors
    /// [`QueueError::InvalidLimits`], [`QueueError::NoRoom`] when a completion queue cannot reserve them,
    /// [`QueueError::LockLimit`] and [`QueueError::TooManySockets`] where io_uring has no room for its receives,
    /// [`QueueError::SocketTaken`] when the socket has a request queue for one of these directions already, or
    /// belongs to a completion port, [`QueueError::System`] when the backend has no resources. Nothing is kept then.
    pub fn new(
        socket: &S,
        receive_queue: &impl AsQueue,
        send_queue: &impl AsQueue,
        limits: Limits,
        socket_context: u64,
    ) -> Result<RequestQueue<S>, QueueError> {
        if let Some(fault) = limits.fault() {
            return Err(QueueError::InvalidLimits(fault));
        }
        let claim = claim(socket, &limits)?;
        let handle = socket.handle();
        let attachment = |receive, send| Attachment::new(handle.clone(), socket_context, receive, send);
        let receives =
            (limits.receives > 0).then(|| ReceiveSide::new(&handle, limits.receives, limits.receive_buffers));
        let sends = (limits.sends > 0).then(|| SendSide::new(&handle, limits.sends, limits.send_buffers));
        let (receive_core, send_core) = (receive_queue.core(), send_queue.core());
        let (receive, send) = if Rc::ptr_eq(receive_core, send_core) {
            let (has_receives, has_sends) = (receives.is_some(), sends.is_some());
            let end = attach(receive_core, attachment(receives, sends))?;
            (has_receives.then(|| end.clone()), has_sends.then_some(end))
        } else {
            let queue = send_core.borrow().backend.completions();
            let partner = queue.filter(|_| sends.is_some());
            receive_core
                .borrow_mut()
                .backend
                .pair(partner.map(|queue| Partner { queue, sends: limits.sends }));
            let receive = receives.map(|side| attach(receive_core, attachment(Some(side), None))).transpose();
            receive_core.borrow_mut().backend.pair(None);
            let receive = receive?;
            let send = match sends.map(|side| attach(send_core, attachment(None, Some(side)))).transpose() {
                Ok(send) => send,
                Err(error) => {
                    receive.iter().for_each(End::detach);
                    return Err(error);
                }
            };
            (receive, send)
        };
        Ok(RequestQueue {
            receive,
            send,
            connected: Cell::new(handle.has_peer()),
            socket: socket.clone(),
            limits: Cell::new(limits),
            _claim: claim,
        })
    }

    /// Closes it, as dropping it does: what is outstanding completes as aborted or with its data, and its
    /// places are free once those completions were dequeued.
    pub fn close(self) {}
}

impl<S> RequestQueue<S> {
    pub(super) fn same_attachment(&self) -> bool {
        match (self.receive.as_ref(), self.send.as_ref()) {
            (Some(receive), Some(send)) => Rc::ptr_eq(&receive.core, &send.core),
            _ => false,
        }
    }
}

impl<S: DataSocket> RequestQueue<S> {
    /// Posts a receive: payload only (`RIOReceive`).
    ///
    /// # Errors
    /// [`PostError`], with the buffer handed back.
    #[inline]
    pub fn receive<B: ReceiveBuffer>(&self, buffer: B, token: u64) -> Result<(), Refused<B>> {
        self.receive_with(buffer, Receive::new(), token)
    }

    /// Posts a receive with options.
    ///
    /// # Errors
    /// [`PostError`], with the buffer handed back.
    #[inline]
    pub fn receive_with<B: ReceiveBuffer>(
        &self,
        buffer: B,
        options: Receive,
        token: u64,
    ) -> Result<(), Refused<B>> {
        let Some(end) = self.receive.as_ref() else {
            return Err(Refused { buffer, error: PostError::NoDirection("receives") });
        };
        end.core.borrow_mut().post_receive(end.key, buffer, options, token)
    }

    /// Posts a receive whose slice comes from `pool`: now, or as soon as one is returned to it. While it
    /// waits it is charged against the limit like any other; the thread that returns a slice wakes it, so
    /// no timer runs.
    ///
    /// # Errors
    /// [`PostError`] when the request itself is not possible. An empty pool is no error.
    pub fn receive_when_free(
        &self,
        pool: &BufferPool,
        options: Receive,
        token: u64,
    ) -> Result<(), PostError> {
        let end = self.receive.as_ref().ok_or(PostError::NoDirection("receives"))?;
        end.core.borrow_mut().post_from_pool(end.key, pool, options, token)
    }

    /// Sends to the connected peer (`RIOSend`).
    ///
    /// # Errors
    /// [`PostError`], with the buffer handed back.
    pub fn send<B: SendBuffer>(&self, buffer: B, token: u64) -> Result<(), Refused<B>> {
        self.send_with(buffer, Send::new(), token)
    }

    /// Sends with options.
    ///
    /// # Errors
    /// [`PostError`], with the buffer handed back.
    pub fn send_with<B: SendBuffer>(
        &self,
        buffer: B,
        options: Send<'_>,
        token: u64,
    ) -> Result<(), Refused<B>> {
        let Some(end) = self.send.as_ref() else {
            return Err(Refused { buffer, error: PostError::NoDirection("sends") });
        };
        if let Some(error) = options.fault(self.socket.handle_is_stream(), || self.is_connected()) {
            return Err(Refused { buffer, error });
        }
        let mut core = end.core.borrow_mut();
        match core.admit_send(end.key, buffer.slices()) {
            Ok(()) => {
                core.accept_send(end.key, buffer.into_send(), Outward::Data, options, token);
                Ok(())
            }
            Err(error) => Err(Refused { buffer, error }),
        }
    }

    /// Sends everything deferred (`RIO_MSG_COMMIT_ONLY`). It makes no completion of its own and works when
    /// the queue is full.
    pub fn commit(&self) {
        if let Some(end) = self.send.as_ref() {
            end.core.borrow_mut().commit(end.key);
        }
    }

    /// Whether a send without destination has one. Asked of the socket until it is connected.
    fn is_connected(&self) -> bool {
        if !self.connected.get() {
            self.connected.set(self.socket.handle().has_peer());
        }
        self.connected.get()
    }
}

impl RequestQueue<UdpSocket> {
    /// Posts a receive that also gives the peer's address and control data (`RIOReceiveEx`).
    ///
    /// # Errors
    /// [`PostError`], with the buffer handed back.
    #[inline]
    pub fn receive_from<B: ReceiveBuffer>(&self, buffer: B, token: u64) -> Result<(), Refused<B>> {
        self.receive_with(buffer, Receive::new().addresses(), token)
    }

    /// Sends to `peer` (`RIOSendEx`).
    ///
    /// # Errors
    /// [`PostError`], with the buffer handed back.
    pub fn send_to<B: SendBuffer>(
        &self,
        buffer: B,
        peer: std::net::SocketAddr,
        token: u64,
    ) -> Result<(), Refused<B>> {
        self.send_with(buffer, Send::new().to(peer), token)
    }
}

impl<S> Drop for RequestQueue<S> {
    fn drop(&mut self) {
        let same = self.same_attachment();
        let send = self.send.as_ref().filter(|_| !same);
        self.receive.iter().chain(send).for_each(End::detach);
    }
}

impl End {
    fn detach(&self) {
        self.core.borrow_mut().detach(self.key);
    }
}

/// Reserves the places of an attachment and adds it.
fn attach(core: &SharedCore, attachment: Attachment) -> Result<End, QueueError> {
    let inner: &mut Core = &mut core.borrow_mut();
    let places = attachment.places();
    inner.reserve_for(&attachment)?;
    match inner.attach(attachment) {
        Ok(key) => Ok(End { core: Rc::clone(core), key }),
        Err(error) => {
            inner.unreserve(places);
            Err(error)
        }
    }
}

impl<S: RegisteredSocket> fmt::Debug for RequestQueue<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RequestQueue")
            .field("socket", &self.socket)
            .field("limits", &self.limits.get())
            .field("outstanding", &self.outstanding())
            .finish_non_exhaustive()
    }
}
