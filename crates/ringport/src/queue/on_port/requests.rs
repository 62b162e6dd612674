//! The request queue of a socket whose completions go to queues on a port.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use super::books::Side;
use super::end::End;
use super::outbox::Outbox;
use super::port_queue::PortQueue;
use super::quota::Quota;
use crate::backend::contract::Partner;
use crate::backend::contract::RequestCounters;
use crate::net::{Claim, RegisteredSocket, UdpSocket};
use crate::queue::claiming::claim;
use crate::queue::error::QueueError;
use crate::queue::limits::{Limits, Outstanding};

/// A request queue of one socket for many threads: what [`RequestQueue`](crate::RequestQueue) is to a queue of
/// one thread.
///
/// Any thread may post, at the same time: receives fill, and sends leave, in the order in which they were
/// accepted. Posting a receive is a write to memory; a system call is made only when the pump sleeps with less
/// than a quarter of the receives posted. A send goes to the socket at once, by the thread that posts it or by
/// one that is sending already (on Windows over overlapped operations by the pump, since their ends belong to whoever
/// begins them); no thread waits for another's system call. Deferred ones share one call, grouped by
/// peer ([`Send::defer`](crate::Send::defer)).
///
/// What can be posted depends on the socket:
///
/// | request queue of | receives | sends |
/// | --- | --- | --- |
/// | [`UdpSocket`] | `receive`, `receive_from`, `receive_when_free` | `send`, `send_to` |
/// | [`StreamSocket`](crate::StreamSocket) | `receive`, `receive_when_free`, both with [`wait_all`](crate::Receive::wait_all) if asked; `receive_pooled` | `connect`, `send`, `finish` |
/// | [`StreamListener`](crate::StreamListener) | `accept` | |
///
/// Several receives of one connection that complete on several threads are put in order by
/// [`InOrder`](crate::InOrder). A send of a connection that finds the socket full is taken on by the pump; nothing is
/// allocated for it.
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
pub struct PortRequestQueue<S = UdpSocket> {
    pub(super) receive: Option<End>,
    pub(super) send: Option<End>,
    pub(super) socket: S,
    pub(super) connected: AtomicBool,
    /// One thread resizes at a time.
    pub(super) resizing: Mutex<()>,
    /// Keeps other request queues and ports from its directions.
    _claim: Claim,
}

impl<S: RegisteredSocket> PortRequestQueue<S> {
    /// Makes a request queue for `socket`, whose receives complete in one queue and whose sends complete in
    /// another or the same (`RIOCreateRequestQueue`). `socket_context` comes back with each completion.
    ///
    /// A datagram socket takes about 1,700 bytes, and 770 for each receive with a send that its limits allow; over
    /// io_uring it has the same ring beside that as [`RequestQueue`](crate::RequestQueue::new).
    ///
    /// # Errors
    /// [`QueueError::InvalidLimits`], [`QueueError::NoRoom`] when a completion queue cannot reserve them,
    /// [`QueueError::LockLimit`] and [`QueueError::TooManySockets`] where io_uring has no room for its receives,
    /// [`QueueError::SocketTaken`] when the socket has a request queue for one of these directions already, or
    /// belongs to a completion port,
    /// [`QueueError::Closed`], [`QueueError::System`]. Nothing is kept then.
    pub fn new(
        socket: &S,
        receive_queue: &PortQueue,
        send_queue: &PortQueue,
        limits: Limits,
        socket_context: u64,
    ) -> Result<PortRequestQueue<S>, QueueError> {
        if let Some(fault) = limits.fault() {
            return Err(QueueError::InvalidLimits(fault));
        }
        let claim = claim(socket, &limits)?;
        let handle = socket.handle();
        let none = Limits { receives: 0, sends: 0, ..limits };
        let attach = |queue: &PortQueue, limits: Limits, partner| {
            let some = limits.receives > 0 || limits.sends > 0;
            some.then(|| End::attach(&queue.shared, &handle, limits, socket_context, partner)).transpose()
        };
        let (receive, send) = if Arc::ptr_eq(&receive_queue.shared, &send_queue.shared) {
            let end = attach(receive_queue, limits, None)?;
            let (receives, sends) = (limits.receives > 0, limits.sends > 0);
            (end.clone().filter(|_| receives), end.filter(|_| sends))
        } else {
            let queue = send_queue.shared.ask(|pump| pump.core.backend.completions()).flatten();
            let partner = queue.filter(|_| limits.sends > 0);
            let partner = partner.map(|queue| Partner { queue, sends: limits.sends });
            let receive = attach(receive_queue, Limits { receives: limits.receives, ..none }, partner)?;
            let send = attach(send_queue, Limits { sends: limits.sends, ..none }, None);
            (receive.clone(), send.inspect_err(|_| receive.iter().for_each(End::detach))?)
        };
        let connected = AtomicBool::new(handle.has_peer());
        Ok(PortRequestQueue {
            receive,
            send,
            socket: socket.clone(),
            connected,
            resizing: Mutex::new(()),
            _claim: claim,
        })
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
    pub fn socket(&self) -> &S {
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
}

impl<S> PortRequestQueue<S> {
    /// Its ends, one where both are the same.
    fn ends(&self) -> impl Iterator<Item = &End> {
        let receive = self.receive.as_ref();
        let same = |send: &&End| receive.is_some_and(|receive| Arc::ptr_eq(&receive.side, &send.side));
        receive.into_iter().chain(self.send.as_ref().filter(|send| !same(send)))
    }
}

impl<S> Drop for PortRequestQueue<S> {
    fn drop(&mut self) {
        self.ends().for_each(End::detach);
    }
}

impl<S: RegisteredSocket> std::fmt::Debug for PortRequestQueue<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PortRequestQueue")
            .field("socket", &self.socket)
            .field("limits", &self.limits())
            .finish_non_exhaustive()
    }
}
