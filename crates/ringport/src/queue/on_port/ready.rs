//! The right to drain a queue.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::armed::Right;
use super::books::Side;
use super::shared::Shared;
use crate::backend::contract::{Completion, Operation};
use crate::memory::{Reader, Use};
use crate::queue::completions::Completions;

/// What the right consists of: the reading end of the queue, and what its holder remembers of the sides.
pub(crate) struct Drainer {
    shared: Arc<Shared>,
    reader: Reader<Completion>,
    sides: Vec<Option<Arc<Side>>>,
    generation: u32,
}

impl Drainer {
    pub(super) fn new(shared: Arc<Shared>, reader: Reader<Completion>) -> Drainer {
        Drainer { shared, reader, sides: Vec::new(), generation: 0 }
    }

    /// Frees the places of completions that were dequeued.
    #[inline]
    fn release(&mut self, completions: &[Completion]) {
        let generation = self.shared.generation.load(Ordering::Acquire);
        if generation != self.generation {
            self.learn(generation);
        }
        let same = |a: &Completion, b: &Completion| a.key == b.key && a.operation == b.operation;
        for run in completions.chunk_by(same) {
            let Some(first) = run.first() else { continue };
            if first.operation == Operation::Send {
                run.iter().for_each(|completion| completion.payload.mark(Use::Held));
            }
            let Some(side) = self.sides.get(first.key as usize).and_then(Option::as_ref) else { continue };
            side.quota(first.operation).release(run.len() as u32);
            if side.is_done() {
                self.shared.forget(side);
            }
        }
    }

    /// Looks up the sides that came and went. Only those: where ten thousand connections come and go, all of them
    /// would be looked up for each.
    #[cold]
    fn learn(&mut self, generation: u32) {
        let books = &mut *self.shared.books();
        if self.sides.len() < books.sides.len() {
            self.sides.resize(books.sides.len(), None);
        }
        while let Some(id) = books.changed.next() {
            if let (Some(known), Some(side)) = (self.sides.get_mut(id as usize), books.sides.get(id as usize))
            {
                known.clone_from(side);
            }
        }
        self.generation = generation;
    }

    /// The queue is closed: drops what is in it.
    pub(super) fn discard(mut self) {
        while let Some(completion) = self.reader.pop() {
            self.release(std::slice::from_ref(&completion));
        }
    }
}

impl Right for Drainer {
    type Value = Completion;

    #[inline]
    fn reader(&mut self) -> &mut Reader<Completion> {
        &mut self.reader
    }

    #[inline]
    fn asks(completion: &Completion) -> bool {
        completion.notifies
    }
}

/// The packet of a completion queue on a port, and the exclusive right to drain that queue.
///
/// It is a value: it can be kept, sent to another thread, and dropped. Until it is re-armed
/// ([`notify`](Ready::notify), which consumes it and cannot fail), nobody else dequeues, so completions of one
/// socket are handled in order without any lock. Dropping it re-arms as well, so a panic of its holder stops
/// nothing.
///
/// Process first and re-arm then, and everything stays in order. Re-arm first and process then, and another
/// thread works on later completions at the same time.
///
/// ```
/// use ringport::{
///     BufferPool, CompletionPort, CompletionQueue, Completions, Limits, Packet, PortRequestQueue, UdpSocket,
/// };
///
/// let port = CompletionPort::new(2)?;
/// let queue = CompletionQueue::builder(64).on(&port, 7)?;
/// let socket = UdpSocket::bind("127.0.0.1:0")?;
/// let limits = Limits { receives: 32, receive_buffers: 1, sends: 32, send_buffers: 1 };
/// let requests = PortRequestQueue::new(&socket, &queue, &queue, limits, 0)?;
/// let pool = BufferPool::builder().slices_per_region(64).build()?;
/// requests.receive_from(pool.take()?, 1)?;
/// std::net::UdpSocket::bind("127.0.0.1:0")?.send_to(b"hello", socket.local_addr()?)?;
///
/// let mut completions = Completions::with_capacity(32);
/// if let Packet::Ready(mut ready) = port.wait(None)? {
///     assert_eq!(ready.key(), 7);
///     while ready.dequeue(&mut completions) > 0 {
///         for completion in completions.drain() {
///             println!("{} bytes from {:?}", completion.bytes(), completion.peer());
///         }
///     }
///     ready.notify();
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "dropping it re-arms the queue at once"]
pub struct Ready {
    /// Taken only when the right is given up.
    drainer: Option<Box<Drainer>>,
    /// How many results this packet may still bring.
    left: usize,
}

impl Ready {
    pub(super) fn new(drainer: Box<Drainer>) -> Ready {
        Ready { left: drainer.shared.results_per_packet, drainer: Some(drainer) }
    }

    /// The key of the queue.
    pub fn key(&self) -> u64 {
        self.drainer.as_ref().map_or(0, |drainer| drainer.shared.key)
    }

    /// Takes completions, in the order they completed, until `completions` is full, no more are there, or this
    /// packet has brought as many as one may
    /// ([`results_per_packet`](crate::queue::CompletionQueueBuilder::results_per_packet)); returns how many
    /// (`RIODequeueCompletion`). It makes no system call and takes no lock; over Registered I/O it takes one that nobody
    /// waits for, and posts what is due.
    #[inline]
    pub fn dequeue(&mut self, completions: &mut Completions) -> usize {
        let most = completions.room().min(self.left);
        let Some(drainer) = self.drainer.as_mut() else { return 0 };
        let entries = completions.entries_mut();
        let before = entries.len();
        entries.extend(std::iter::from_fn(|| drainer.reader.pop()).take(most));
        if entries.len() == before && most > 0 && drainer.shared.bring() {
            entries.extend(std::iter::from_fn(|| drainer.reader.pop()).take(most));
        }
        let taken = entries.get(before..).unwrap_or_default();
        self.left -= taken.len();
        drainer.release(taken);
        taken.len()
    }

    /// Re-arms the queue (`RIONotify`): the next completion that notifies sends a packet to the port. One that is
    /// there already sends it at once, behind the packets that wait.
    pub fn notify(self) {}

    /// Lets the right go, for there is nobody who could use it.
    pub(super) fn forfeit(mut self) {
        if let Some(drainer) = self.drainer.take() {
            let shared = Arc::clone(&drainer.shared);
            shared.lay_down(drainer);
        }
    }

    /// Takes it apart, for a port whose packets are numbers: the right, and what is left.
    #[cfg(windows)]
    pub(crate) fn into_parts(mut self) -> Result<(Box<Drainer>, usize), Ready> {
        match self.drainer.take() {
            Some(drainer) => Ok((drainer, self.left)),
            None => Err(self),
        }
    }

    /// Puts it together again.
    #[cfg(windows)]
    pub(crate) fn from_parts(drainer: Box<Drainer>, left: usize) -> Ready {
        Ready { drainer: Some(drainer), left }
    }

    /// The thread of this number has it now.
    pub(crate) fn taken(&self, thread: u32) {
        if let Some(drainer) = self.drainer.as_ref() {
            drainer.shared.note_holder(thread);
        }
    }
}

impl Drop for Ready {
    fn drop(&mut self) {
        if let Some(drainer) = self.drainer.take() {
            let shared = Arc::clone(&drainer.shared);
            shared.note_no_holder();
            shared.arm(drainer);
        }
    }
}

impl std::fmt::Debug for Ready {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ready").field("key", &self.key()).finish_non_exhaustive()
    }
}
