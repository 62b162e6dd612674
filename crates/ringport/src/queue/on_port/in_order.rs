//! One stream in the hands of several threads.
//!
//! With several receives pending, and threads that re-arm before they process, completions of one stream reach
//! different threads, and the later one may be handled first. Here they are put back in order.
//!
//! ```text
//!   receive ──► numbered in the order of posting ──► queue ──► thread A: 0, 1     thread B: 2     thread C: 3
//!                                                                   └───────── deliver ────────────┘
//!                                                      handler: 0, 1, 2, 3, by whoever brings the next that is due
//! ```

use super::post::Into;
use super::quota::Quota;
use super::requests::PortRequestQueue;
use super::turnstile::Turnstile;
use crate::backend::contract::{Completion, Operation};
use crate::memory::BufferPool;
use crate::net::StreamSocket;
use crate::queue::buffers::ReceiveBuffer;
use crate::queue::error::{PostError, Refused};
use crate::queue::options::Receive;

/// A receive on its way to the queue.
struct Numbered {
    into: Into,
    options: Receive,
}

/// The receives of one connection, delivered in post order whatever threads bring their completions.
///
/// It takes the connection's [`PortRequestQueue`]: its receives are posted here, which numbers them (the token is the
/// number), and their completions are given to [`deliver`](InOrder::deliver), by any thread, in any order. The
/// handler gets them one at a time, first posted first. A thread never waits for another's handler: it leaves its
/// completion, and the one whose turn it is goes on with it. No lock is held while a handler runs.
///
/// No more receives than the queue's limit are posted or wait to be handled. Every completion must be delivered:
/// behind one that is dropped, all others wait. A connection with one receive pending, or whose threads process
/// before they re-arm, needs none of this.
///
/// ```
/// use ringport::{
///     BufferPool, CompletionPort, CompletionQueue, Completions, InOrder, Limits, Packet, PortRequestQueue, Receive,
///     StreamSocket,
/// };
/// use std::io::Write;
/// use std::sync::Mutex;
///
/// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
/// let socket = StreamSocket::connect(listener.local_addr()?)?;
/// let port = CompletionPort::new(2)?;
/// let queue = CompletionQueue::builder(16).on(&port, 0)?;
/// let limits = Limits { receives: 8, receive_buffers: 1, sends: 8, send_buffers: 1 };
/// let stream = InOrder::new(PortRequestQueue::new(&socket, &queue, &queue, limits, 0)?);
/// let pool = BufferPool::builder().slice_size(4).slices_per_region(16).build()?;
/// for _ in 0..8 {
///     stream.receive_pooled(&pool, Receive::new())?;
/// }
/// listener.accept()?.0.write_all(b"bytes in the order of the stream")?;
///
/// let text = Mutex::new(String::new());
/// std::thread::scope(|scope| {
///     for _ in 0..2 {
///         scope.spawn(|| {
///             let mut completions = Completions::with_capacity(1);
///             while text.lock().is_ok_and(|text| text.len() < 32) {
///                 let Ok(Packet::Ready(mut ready)) = port.wait(None) else { return };
///                 ready.dequeue(&mut completions);
///                 ready.notify(); // another thread may take the next before this one is handled
///                 for completion in completions.drain() {
///                     let _ = stream.deliver(completion, |completion| {
///                         let buffer = completion.into_unique();
///                         if let (Ok(mut text), Some(buffer)) = (text.lock(), buffer) {
///                             text.push_str(&String::from_utf8_lossy(&buffer));
///                         }
///                     });
///                 }
///             }
///             let _ = port.post(0, 0); // the other one need not wait
///         });
///     }
/// });
/// assert_eq!(text.into_inner()?, "bytes in the order of the stream");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct InOrder {
    requests: PortRequestQueue<StreamSocket>,
    /// Between being numbered and being posted nobody may overtake, so one thread posts for all.
    posting: Turnstile<Numbered>,
    completed: Turnstile<Completion>,
    /// Receives that are posted, or wait for their turn to be handled.
    quota: Quota,
}

impl InOrder {
    /// Takes the request queue of a connection, before any receive is posted on it, with its limit of receives as it
    /// is now.
    pub fn new(requests: PortRequestQueue<StreamSocket>) -> InOrder {
        let limit = requests.limits().receives;
        InOrder {
            requests,
            posting: Turnstile::new(limit as usize),
            completed: Turnstile::new(limit as usize),
            quota: Quota::new(limit, 1),
        }
    }

    /// The request queue, for all but receives: one that is posted there directly is in nobody's order.
    pub fn requests(&self) -> &PortRequestQueue<StreamSocket> {
        &self.requests
    }

    /// Receives that are posted, or whose completions were not handled yet.
    pub fn outstanding(&self) -> u32 {
        self.quota.outstanding()
    }

    /// Posts a receive, from any thread: see [`PortRequestQueue::receive_with`].
    ///
    /// # Errors
    /// [`PostError`], with the buffer handed back. [`PostError::LimitReached`] also when too many completions wait to
    /// be handled.
    pub fn receive<B: ReceiveBuffer>(&self, buffer: B, options: Receive) -> Result<(), Refused<B>> {
        match self.admit(buffer.slices(), options) {
            Ok(()) => {
                self.post(buffer.into_posted(), options);
                Ok(())
            }
            Err(error) => Err(Refused { buffer, error }),
        }
    }

    /// Posts a receive that takes its slice from `pool` only when there are bytes for it: see
    /// [`RequestQueue::receive_pooled`](crate::RequestQueue::receive_pooled).
    ///
    /// # Errors
    /// [`PostError`], as [`receive`](InOrder::receive). An empty pool is no error.
    pub fn receive_pooled(&self, pool: &BufferPool, options: Receive) -> Result<(), PostError> {
        self.admit(1, options)?;
        self.post(Into::Pooled(pool.clone()), options);
        Ok(())
    }

    /// Has `handler` called for this completion when all that were posted before it are handled: now, with those that
    /// waited for it; or later, by the thread that brings what is missing. So a handler may get completions that
    /// other threads have brought. One that panics loses its completion; the next that is delivered goes on.
    ///
    /// # Errors
    /// The completion, when it is of something else than a receive posted here: a send, or another socket.
    pub fn deliver(
        &self,
        completion: Completion,
        mut handler: impl FnMut(Completion),
    ) -> Result<(), Completion> {
        let ours = self.requests.receive.as_ref().is_some_and(|end| end.side.id == completion.key);
        if completion.operation != Operation::Receive || !ours {
            return Err(completion);
        }
        let place = completion.token as usize;
        self.completed.fill(place, completion, |completion| {
            self.quota.release(1);
            handler(completion);
        })
    }

    fn admit(&self, slices: usize, options: Receive) -> Result<(), PostError> {
        if !self.quota.charge() {
            return Err(PostError::LimitReached { what: "receives", limit: self.quota.limit() });
        }
        self.requests.check_receive(slices, options).map(|_| ()).inspect_err(|_| self.quota.release(1))
    }

    /// Numbers a charged receive and hands it to the queue, in one order for all threads.
    fn post(&self, into: Into, options: Receive) {
        // A charged receive has its places.
        let Some(place) = self.posting.take_place() else { return };
        let posted = self.posting.fill(place, Numbered { into, options }, |Numbered { into, options }| {
            let number = self.completed.take_place();
            debug_assert!(number.is_some(), "a charged receive has its place");
            if let (Some(number), Some(end)) = (number, self.requests.receive.as_ref()) {
                end.post(into, options, number as u64);
            }
        });
        debug_assert!(posted.is_ok(), "nobody else fills a place that was just taken");
    }
}

impl std::fmt::Debug for InOrder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InOrder")
            .field("requests", &self.requests)
            .field("outstanding", &self.outstanding())
            .finish_non_exhaustive()
    }
}

const _: fn() = || {
    fn shared<T: Send + Sync>() {}
    shared::<InOrder>();
};
