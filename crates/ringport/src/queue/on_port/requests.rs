//! The request queue of a socket whose completions go to queues on a port.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use super::outbox::{Outbox, Posted};
use super::port_queue::PortQueue;
use super::quota::Quota;
use super::shared::{Into, Post, Shared, Side};
use crate::backend::contract::{Attachment, ReceiveSide, SendRequest, SendSide};
use crate::memory::{BufferMut, BufferPool, Use};
use crate::net::{Claim, UdpSocket};
use crate::queue::buffers::{ReceiveBuffer, SendBuffer};
use crate::queue::claiming::claim;
use crate::queue::error::{PostError, QueueError, Refused};
use crate::queue::limits::{Limits, Outstanding, RequestCounters};
use crate::queue::options::{Receive, Send};

/// A request queue of one socket for many threads: what [`RequestQueue`](crate::RequestQueue) is to a queue of
/// one thread.
///
/// Any thread may post, at the same time: receives fill, and sends leave, in the order in which they were
/// accepted. Posting a receive is a write to memory; a system call is made only when the pump sleeps with less
/// than a quarter of the receives posted. A send goes to the socket at once, by the thread that posts it or by
/// one that is sending already; no thread waits for another's system call. Deferred ones share one call.
///
/// Dropping it cancels what is outstanding; each request still completes and can be dequeued.
///
/// ```
/// use ringport::{BufferPool, CompletionPort, CompletionQueue, Limits, PortRequestQueue, UdpSocket};
///
/// let port = CompletionPort::new(0)?;
/// let queue = CompletionQueue::builder(64).on(&port, 0)?;
/// let socket = UdpSocket::bind("127.0.0.1:0")?;
/// let limits = Limits { receives: 16, receive_buffers: 1, sends: 16, send_buffers: 1 };
/// let requests = PortRequestQueue::new(&socket, &queue, &queue, limits, 7)?;
/// let pool = BufferPool::builder().slices_per_region(32).build()?;
///
/// let peer = socket.local_addr()?;
/// requests.receive_from(pool.take()?, 1)?;
/// let greeting = pool.take_with(b"hello")?;
/// std::thread::scope(|scope| {
///     // Any thread may send, also one that never waits on the port.
///     scope.spawn(|| requests.send_to(greeting, peer, 2).is_ok());
/// });
/// let mut completions = ringport::Completions::with_capacity(8);
/// let mut done = 0;
/// while done < 2 {
///     if let ringport::Packet::Ready(mut ready) = port.wait(None)? {
///         done += ready.dequeue(&mut completions);
///         completions.clear();
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct PortRequestQueue {
    pub(super) receive: Option<End>,
    pub(super) send: Option<End>,
    socket: UdpSocket,
    connected: AtomicBool,
    /// One thread resizes at a time.
    pub(super) resizing: Mutex<()>,
    /// Keeps other request queues and ports from its directions.
    _claim: Claim,
}

/// One end of it: a completion queue, and its place there.
#[derive(Clone)]
pub(super) struct End {
    pub(super) shared: Arc<Shared>,
    pub(super) side: Arc<Side>,
}

impl PortRequestQueue {
    /// Makes a request queue for `socket`, whose receives complete in one queue and whose sends complete in
    /// another or the same (`RIOCreateRequestQueue`). `socket_context` comes back with each completion.
    ///
    /// # Errors
    /// [`QueueError::InvalidLimits`], [`QueueError::NoRoom`] when a completion queue cannot reserve them,
    /// [`QueueError::SocketTaken`] when the socket has a request queue for one of these directions already, or
    /// belongs to a completion port,
    /// [`QueueError::Closed`], [`QueueError::System`]. Nothing is kept then.
    pub fn new(
        socket: &UdpSocket,
        receive_queue: &PortQueue,
        send_queue: &PortQueue,
        limits: Limits,
        socket_context: u64,
    ) -> Result<PortRequestQueue, QueueError> {
        if let Some(fault) = limits.fault() {
            return Err(QueueError::InvalidLimits(fault));
        }
        let claim = claim(socket, &limits)?;
        let none = Limits { receives: 0, sends: 0, ..limits };
        let attach = |queue: &PortQueue, limits: Limits| {
            let some = limits.receives > 0 || limits.sends > 0;
            some.then(|| End::attach(&queue.shared, socket, limits, socket_context)).transpose()
        };
        let (receive, send) = if Arc::ptr_eq(&receive_queue.shared, &send_queue.shared) {
            let end = attach(receive_queue, limits)?;
            let (receives, sends) = (limits.receives > 0, limits.sends > 0);
            (end.clone().filter(|_| receives), end.filter(|_| sends))
        } else {
            let receive = attach(receive_queue, Limits { receives: limits.receives, ..none })?;
            let send = attach(send_queue, Limits { sends: limits.sends, ..none });
            (receive.clone(), send.inspect_err(|_| receive.iter().for_each(End::detach))?)
        };
        let connected = AtomicBool::new(socket.peer_addr().is_ok());
        Ok(PortRequestQueue {
            receive,
            send,
            socket: socket.clone(),
            connected,
            resizing: Mutex::new(()),
            _claim: claim,
        })
    }

    /// Posts a receive: payload only (`RIOReceive`).
    ///
    /// # Errors
    /// [`PostError`], with the buffer handed back.
    #[inline]
    pub fn receive<B: ReceiveBuffer>(&self, buffer: B, token: u64) -> Result<(), Refused<B>> {
        self.receive_with(buffer, Receive::new(), token)
    }

    /// Posts a receive that also gives the peer's address and control data (`RIOReceiveEx`).
    ///
    /// # Errors
    /// [`PostError`], with the buffer handed back.
    #[inline]
    pub fn receive_from<B: ReceiveBuffer>(&self, buffer: B, token: u64) -> Result<(), Refused<B>> {
        self.receive_with(buffer, Receive::new().addresses(), token)
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
        let end = match self.admit_receive(buffer.slices(), options) {
            Ok(end) => end,
            Err(error) => return Err(Refused { buffer, error }),
        };
        end.post(buffer.into_posted(), options, token);
        Ok(())
    }

    /// Posts a receive for each of these slices, with what one costs for all of them. None is posted where the limit
    /// has no room for all, or the queue is closed; they stay then.
    #[inline]
    pub(crate) fn receive_all(&self, buffers: &mut Vec<BufferMut>, options: Receive, token: u64) {
        let Some(end) = self.receive.as_ref() else { return };
        if !buffers.is_empty() && !end.shared.is_closed() && end.side.receive.charge_all(buffers.len() as u32)
        {
            end.post_all(buffers, options, token);
        }
    }

    /// Posts a receive whose slice comes from `pool`: now, or as soon as one is returned to it.
    ///
    /// # Errors
    /// [`PostError`] when the request itself is not possible. An empty pool is no error.
    pub fn receive_when_free(
        &self,
        pool: &BufferPool,
        options: Receive,
        token: u64,
    ) -> Result<(), PostError> {
        let end = self.admit_receive(1, options)?;
        end.post(Into::Pool(pool.clone()), options, token);
        Ok(())
    }

    /// Charges a receive, if it may be posted.
    #[inline]
    fn admit_receive(&self, slices: usize, options: Receive) -> Result<&End, PostError> {
        let end = self.receive.as_ref().ok_or(PostError::NoDirection("receives"))?;
        if options.wait_all {
            return Err(PostError::NotSupported("WAITALL (streams only)"));
        }
        end.admit(&end.side.receive, slices, "receives", "receive_buffers")?;
        Ok(end)
    }

    /// Sends to the connected peer (`RIOSend`).
    ///
    /// # Errors
    /// [`PostError`], with the buffer handed back.
    pub fn send<B: SendBuffer>(&self, buffer: B, token: u64) -> Result<(), Refused<B>> {
        self.send_with(buffer, Send::new(), token)
    }

    /// Sends to `peer` (`RIOSendEx`).
    ///
    /// # Errors
    /// [`PostError`], with the buffer handed back.
    pub fn send_to<B: SendBuffer>(&self, buffer: B, peer: SocketAddr, token: u64) -> Result<(), Refused<B>> {
        self.send_with(buffer, Send::new().to(peer), token)
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
        let (end, outbox) = match self.admit_send(buffer.slices(), &options) {
            Ok(admitted) => admitted,
            Err(error) => return Err(Refused { buffer, error }),
        };
        let payload = buffer.into_send();
        payload.mark(Use::Sending);
        let request = SendRequest {
            payload,
            token,
            peer: options.to,
            control: None,
            notifies: !options.silent,
            retried: false,
        };
        let control = options.control.filter(|control| !control.is_empty()).cloned();
        outbox.post(Posted { request, control, defer: options.defer }, &end.shared, end.side.id);
        Ok(())
    }

    fn admit_send(&self, slices: usize, options: &Send<'_>) -> Result<(&End, &Outbox), PostError> {
        let end = self.send.as_ref().ok_or(PostError::NoDirection("sends"))?;
        let outbox = end.side.outbox.as_ref().ok_or(PostError::NoDirection("sends"))?;
        if options.to.is_none() && !self.is_connected() {
            return Err(PostError::NoDestination);
        }
        end.admit(&end.side.send, slices, "sends", "send_buffers")?;
        Ok((end, outbox))
    }

    /// Sends everything deferred (`RIO_MSG_COMMIT_ONLY`). It makes no completion of its own and works when the
    /// queue is full.
    pub fn commit(&self) {
        if let Some(end) = self.send.as_ref()
            && let Some(outbox) = end.side.outbox.as_ref()
        {
            outbox.commit(&end.shared, end.side.id);
        }
    }

    /// Ends what is outstanding: receives and sends that have not run complete as aborted (`CancelIoEx`). The
    /// queue then takes requests again.
    pub fn cancel(&self) {
        self.ends().for_each(|end| end.cancel(false));
    }

    /// The limits.
    pub fn limits(&self) -> Limits {
        let quota = |end: &Option<End>, pick: fn(&Side) -> &Quota| {
            end.as_ref().map_or((0, 1), |end| (pick(&end.side).limit(), pick(&end.side).buffers()))
        };
        let (receives, receive_buffers) = quota(&self.receive, |side| &side.receive);
        let (sends, send_buffers) = quota(&self.send, |side| &side.send);
        Limits { receives, receive_buffers, sends, send_buffers }
    }

    /// The socket.
    pub fn socket(&self) -> &UdpSocket {
        &self.socket
    }

    /// What is charged against the limits: posted, or completed and not dequeued.
    pub fn outstanding(&self) -> Outstanding {
        Outstanding {
            receives: self.receive.as_ref().map_or(0, |end| end.side.receive.outstanding()),
            starved: self.receive.as_ref().and_then(End::starved).unwrap_or(0),
            sends: self.send.as_ref().map_or(0, |end| end.side.send.outstanding()),
        }
    }

    /// Receives charged against the limit, for which nobody is asked.
    #[inline]
    pub(crate) fn receives_outstanding(&self) -> u32 {
        self.receive.as_ref().map_or(0, |end| end.side.receive.outstanding())
    }

    /// Sends charged against the limit.
    #[inline]
    pub(crate) fn sends_outstanding(&self) -> u32 {
        self.send.as_ref().map_or(0, |end| end.side.send.outstanding())
    }

    /// What happened on the socket that no completion tells. The pump is asked, so it may take as long as a pump
    /// gathers.
    pub fn counters(&self) -> RequestCounters {
        let mut sum = RequestCounters::default();
        self.ends().for_each(|end| end.count(&mut sum));
        sum
    }

    /// System calls that its sends have made so far, on whatever thread; those of the pump are counted by
    /// [`PortQueue::system_calls`].
    pub fn system_calls(&self) -> u64 {
        self.send.as_ref().and_then(|end| end.side.outbox.as_ref()).map_or(0, Outbox::system_calls)
    }

    /// Closes it, as dropping it does.
    pub fn close(self) {}

    fn is_connected(&self) -> bool {
        if !self.connected.load(Ordering::Relaxed) {
            self.connected.store(self.socket.peer_addr().is_ok(), Ordering::Relaxed);
        }
        self.connected.load(Ordering::Relaxed)
    }

    /// Its ends, one where both are the same.
    fn ends(&self) -> impl Iterator<Item = &End> {
        let receive = self.receive.as_ref();
        let same = |send: &&End| receive.is_some_and(|receive| Arc::ptr_eq(&receive.side, &send.side));
        receive.into_iter().chain(self.send.as_ref().filter(|send| !same(send)))
    }
}

impl End {
    fn attach(
        shared: &Arc<Shared>,
        socket: &UdpSocket,
        limits: Limits,
        context: u64,
    ) -> Result<End, QueueError> {
        let Limits { receives, receive_buffers, sends, send_buffers } = limits;
        let places = receives as usize + sends as usize;
        let side = shared.enter(places, |id| Side {
            id,
            context,
            receive: Quota::new(receives, receive_buffers),
            send: Quota::new(sends, send_buffers),
            outbox: (sends > 0).then(|| Outbox::new(socket, context, sends, send_buffers)),
            closed: AtomicBool::new(false),
        })?;
        let attachment = Attachment {
            socket: socket.clone(),
            context,
            receive: (receives > 0).then(|| ReceiveSide::new(receives, receive_buffers)),
            send: (sends > 0).then(|| SendSide::new(sends, send_buffers)),
            closed: false,
            dirty: false,
            counters: Default::default(),
        };
        let entered = Arc::clone(&side);
        let attached = shared.ask(move |pump| pump.attach(&entered, attachment));
        match attached.unwrap_or(Err(QueueError::Closed)) {
            Ok(()) => Ok(End { shared: Arc::clone(shared), side }),
            Err(error) => {
                shared.forget(&side);
                Err(error)
            }
        }
    }

    #[inline]
    fn admit(
        &self,
        quota: &Quota,
        slices: usize,
        what: &'static str,
        buffers: &'static str,
    ) -> Result<(), PostError> {
        if self.shared.closed.load(Ordering::Acquire) {
            return Err(PostError::Closed);
        }
        let allowed = quota.buffers();
        if slices == 0 || slices > allowed as usize {
            return Err(PostError::SliceCount { what: buffers, given: slices, allowed });
        }
        if quota.charge() { Ok(()) } else { Err(PostError::LimitReached { what, limit: quota.limit() }) }
    }

    /// Hands a charged receive to the pump.
    #[inline]
    fn post(&self, into: Into, options: Receive, token: u64) {
        let shared = &self.shared;
        let pushed = shared.posts.push(Post { id: self.side.id, options, token, into });
        debug_assert!(pushed.is_ok(), "a charged receive has its place");
        if shared.wants_posts.take() {
            shared.wake_pump();
        }
    }

    /// The same for several.
    #[inline]
    fn post_all(&self, buffers: &mut Vec<BufferMut>, options: Receive, token: u64) {
        let shared = &self.shared;
        let id = self.side.id;
        let post = |buffer| Post { id, options, token, into: Into::Slice(buffer) };
        let pushed = shared.posts.push_each(buffers, post);
        debug_assert!(pushed, "charged receives have their places");
        if shared.wants_posts.take() {
            shared.wake_pump();
        }
    }

    fn cancel(&self, close: bool) {
        let side = Arc::clone(&self.side);
        let _ = self.shared.ask(move |pump| pump.cancel(&side, close));
        // The pump has done so, unless it has ended.
        if let Some(outbox) = self.side.outbox.as_ref() {
            outbox.abort(&self.shared, self.side.id, close);
        }
    }

    fn detach(&self) {
        self.side.closed.store(true, Ordering::Release);
        self.cancel(true);
        if self.side.is_done() {
            self.shared.forget(&self.side);
        }
    }

    fn starved(&self) -> Option<u32> {
        let side = Arc::clone(&self.side);
        self.shared.ask(move |pump| {
            let attachment = pump.core.table.get(pump.key_of(&side)?)?;
            Some(attachment.receive.as_ref()?.starved.len() as u32)
        })?
    }

    fn count(&self, sum: &mut RequestCounters) {
        let side = Arc::clone(&self.side);
        let counted = self.shared.ask(move |pump| {
            let key = pump.key_of(&side)?;
            Some(pump.core.table.get(key)?.counters)
        });
        if let Some(counters) = counted.flatten() {
            sum.unreachable += counters.unreachable;
            sum.truncated += counters.truncated;
            sum.failed += counters.failed;
            sum.rearmed += counters.rearmed;
            sum.blocked += counters.blocked;
            sum.unsegmented += counters.unsegmented;
        }
        if let Some(outbox) = self.side.outbox.as_ref() {
            outbox.count(sum);
        }
    }
}

impl Drop for PortRequestQueue {
    fn drop(&mut self) {
        self.ends().for_each(End::detach);
    }
}

impl std::fmt::Debug for PortRequestQueue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PortRequestQueue")
            .field("socket", &self.socket)
            .field("limits", &self.limits())
            .finish_non_exhaustive()
    }
}
