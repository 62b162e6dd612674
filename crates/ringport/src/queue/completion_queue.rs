//! The completion queue, in kinds that can each do only what makes sense for them.

use std::cell::OnceCell;
use std::fmt;
use std::marker::PhantomData;

use super::builder::CompletionQueueBuilder;
use super::completions::Completions;
use super::core::{LARGEST, SharedCore};
use super::error::QueueError;
use crate::backend::BackendKind;
use crate::backend::sys::event::OwnedEvent;

/// A kind of completion queue: [`Polled`] or [`Event`].
///
/// No other type can be one. It lets a program write down what it does with queues of either kind.
///
/// ```
/// use ringport::CompletionQueue;
/// use ringport::queue::Notification;
///
/// fn places_left<N: Notification>(queue: &CompletionQueue<N>) -> usize {
///     queue.size() - queue.reserved()
/// }
/// assert_eq!(places_left(&CompletionQueue::builder(16).polled()?), 16);
/// assert_eq!(places_left(&CompletionQueue::builder(32).event()?), 32);
/// # Ok::<(), ringport::QueueError>(())
/// ```
pub trait Notification: sealed::Sealed {}

/// Kind of a queue without notification: its owner dequeues again and again.
///
/// It has no `notify` and no `wait`: using them does not compile. There is no value of this type.
///
/// ```
/// use ringport::queue::Polled;
/// use ringport::{CompletionQueue, Completions};
///
/// let mut queue: CompletionQueue<Polled> = CompletionQueue::builder(16).polled()?;
/// assert_eq!(queue.dequeue(&mut Completions::with_capacity(16)), 0); // at once: nothing is there
/// # Ok::<(), ringport::QueueError>(())
/// ```
#[derive(Debug)]
pub enum Polled {}

/// Kind of a queue with notification by an event.
///
/// It is dequeued like any other, and can be armed and waited for. There is no value of this type.
///
/// ```
/// use ringport::queue::Event;
/// use ringport::{CompletionQueue, WaitOutcome};
///
/// let mut queue: CompletionQueue<Event> = CompletionQueue::builder(16).event()?;
/// let waker = queue.waker()?;
/// queue.notify()?;
/// std::thread::spawn(move || waker.wake());
/// assert_eq!(queue.wait(None)?, WaitOutcome::Woken);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub enum Event {}

impl Notification for Polled {}
impl Notification for Event {}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Polled {}
    impl Sealed for super::Event {}

    /// Access to the state of a queue, for request queues; the types are the crate's own.
    #[allow(private_interfaces)]
    pub trait HasCore {
        fn core(&self) -> &super::SharedCore;
    }
}

/// Any completion queue that request queues can complete to.
///
/// No other type can be one. Both kinds are, so receives and sends of a socket may complete in different queues,
/// of the same thread.
///
/// ```
/// use ringport::{CompletionQueue, Limits, RequestQueue, UdpSocket};
///
/// let socket = UdpSocket::bind("127.0.0.1:0")?;
/// let (receives, sends) = (CompletionQueue::builder(8).event()?, CompletionQueue::builder(4).polled()?);
/// let limits = Limits { receives: 8, receive_buffers: 1, sends: 4, send_buffers: 1 };
/// let requests = RequestQueue::new(&socket, &receives, &sends, limits, 0)?;
/// assert_eq!((receives.reserved(), sends.reserved()), (8, 4));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait AsQueue: sealed::HasCore {}

/// A bounded queue of completions, used by the thread that made it.
///
/// Its size is the sum of the limits of the request queues on it, at most. Making it costs one ring or
/// epoll instance and one event; each completion it may hold costs 128 bytes, and each request that may be
/// outstanding 24 (a receive) or about 90 (a send), allocated when a request queue reserves its place; for
/// connections, of which few complete something at a time, when it is first needed.
///
/// Dropping it ends all requests of its queues and drops their completions. The order in which pools,
/// buffers, sockets and queues are dropped does not matter: the kernel never writes to freed memory.
///
/// ```
/// use ringport::{CompletionQueue, Completions};
///
/// let mut queue = CompletionQueue::builder(1024).polled()?;
/// let mut completions = Completions::with_capacity(64);
/// assert_eq!(queue.dequeue(&mut completions), 0); // and no system call was made
/// # Ok::<(), ringport::QueueError>(())
/// ```
pub struct CompletionQueue<N> {
    core: SharedCore,
    /// What other poll loops watch, once it was asked for.
    pub(super) descriptor: OnceCell<OwnedEvent>,
    kind: PhantomData<N>,
}

impl<N> CompletionQueue<N> {
    pub(super) fn from_core(core: SharedCore) -> CompletionQueue<N> {
        CompletionQueue { core, descriptor: OnceCell::new(), kind: PhantomData }
    }

    pub(super) fn shared(&self) -> &SharedCore {
        &self.core
    }

    /// Takes completions, in the order they completed, until `completions` is full or no more are there;
    /// returns how many (`RIODequeueCompletion`).
    ///
    /// The quota of a request and the hold on its buffer end here. Over io_uring an empty dequeue reads
    /// shared memory and makes no system call, and a full one makes about one for 32 datagrams; over epoll
    /// it makes one for up to 64, and one to find that there are none. Nothing is allocated.
    pub fn dequeue(&mut self, completions: &mut Completions) -> usize {
        self.core.borrow_mut().dequeue(completions)
    }

    /// Changes the size; what is queued stays (`RIOResizeCompletionQueue`).
    ///
    /// # Errors
    /// [`QueueError::InvalidSize`], or [`QueueError::InUse`] below what attached request queues reserve;
    /// nothing changes then.
    pub fn resize(&mut self, size: usize) -> Result<(), QueueError> {
        let mut core = self.core.borrow_mut();
        if size == 0 || size > LARGEST {
            return Err(QueueError::InvalidSize { asked: size, largest: LARGEST });
        }
        if size < core.reserved {
            return Err(QueueError::InUse { what: "places", asked: size, needed: core.reserved });
        }
        core.size = size;
        Ok(())
    }

    /// How many completions it can hold.
    pub fn size(&self) -> usize {
        self.core.borrow().size
    }

    /// How many places request queues have reserved, closed ones included while completions of theirs are
    /// not dequeued.
    pub fn reserved(&self) -> usize {
        self.core.borrow().reserved
    }

    /// Which backend carries it.
    pub fn backend(&self) -> BackendKind {
        self.core.borrow().kind()
    }

    /// System calls that moving data and waiting have made so far; making and closing queues included.
    pub fn system_calls(&self) -> u64 {
        self.core.borrow().backend.system_calls()
    }

    /// Waits so far that held completions back for more ([`Waiting`](super::Waiting)). Always 0 with
    /// [`Waiting::Latency`](super::Waiting::Latency).
    pub fn gathered(&self) -> u64 {
        self.core.borrow().gathered
    }

    /// Requests whose memory is kept for good because the kernel did not finish them when their socket was
    /// closed. Always 0, unless the ring itself failed.
    pub fn leaked(&self) -> u64 {
        self.core.borrow().leaked
    }

    /// The error that stopped the backend for good, if one did: nothing completes any more
    /// (`RIO_CORRUPT_CQ`).
    pub fn fault(&self) -> Option<std::io::Error> {
        self.core.borrow().backend.fault().map(std::io::Error::from_raw_os_error)
    }

    /// Closes it, as dropping it does (`RIOCloseCompletionQueue`).
    pub fn close(self) {}
}

impl<N> Drop for CompletionQueue<N> {
    fn drop(&mut self) {
        self.core.borrow_mut().close();
    }
}

#[allow(private_interfaces)]
impl<N> sealed::HasCore for CompletionQueue<N> {
    fn core(&self) -> &SharedCore {
        &self.core
    }
}

impl<N> AsQueue for CompletionQueue<N> {}

impl CompletionQueue<Polled> {
    /// Starts making a completion queue with room for `size` completions, 1 to 0x8000000.
    pub fn builder(size: usize) -> CompletionQueueBuilder {
        CompletionQueueBuilder::new(size)
    }
}

impl<N> fmt::Debug for CompletionQueue<N> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let core = self.core.borrow();
        formatter
            .debug_struct("CompletionQueue")
            .field("backend", &core.kind())
            .field("size", &core.size)
            .field("reserved", &core.reserved)
            .finish_non_exhaustive()
    }
}
