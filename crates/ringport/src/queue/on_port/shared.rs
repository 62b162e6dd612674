//! What the pump, the threads of the port and everybody who posts share of one queue.

use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::armed;
use super::batches::Batches;
use super::command::Commands;
use super::drive::Drive;
use super::full::Full;
use super::notifier::{HeldRight, Holder, Target};
use super::outbox::Outbox;
use super::pump::Pump;
use super::quota::Quota;
use super::ready::{Drainer, Ready};
use super::wish::Wish;
use crate::backend::contract::{Completion, Operation};
use crate::backend::{self, BackendKind, Turns};
use crate::memory::{Berth, BufferMut, BufferPool, ChainMut, Ring, Use};
use crate::queue::error::QueueError;
use crate::queue::options::Receive;
use crate::queue::signals::Signals;

/// One request queue, as far as this completion queue is concerned.
#[derive(Debug)]
pub(super) struct Side {
    /// Its place in the books: the key of its completions.
    pub(super) id: u32,
    pub(super) context: u64,
    pub(super) receive: Quota,
    pub(super) send: Quota,
    pub(super) outbox: Option<Outbox>,
    /// The pump has few receives left of it, and wants to hear of more.
    pub(super) low: AtomicBool,
    pub(super) closed: AtomicBool,
}

impl Side {
    fn places(&self) -> usize {
        self.receive.limit() as usize + self.send.limit() as usize
    }

    pub(super) fn quota(&self, operation: Operation) -> &Quota {
        if operation.is_inward() { &self.receive } else { &self.send }
    }

    /// Closed, and all of its completions are dequeued.
    pub(super) fn is_done(&self) -> bool {
        self.closed.load(Ordering::Acquire) && self.receive.is_free() && self.send.is_free()
    }
}

/// A receive on its way to the pump.
#[derive(Debug)]
pub(super) struct Post {
    pub(super) id: u32,
    pub(super) options: Receive,
    pub(super) token: u64,
    pub(super) into: Into,
}

/// What a receive is to fill.
#[derive(Debug)]
pub(crate) enum Into {
    Slice(BufferMut),
    Chain(ChainMut),
    /// A slice of this pool, as soon as it has one.
    Pool(BufferPool),
    /// A slice of this pool, once there are bytes for it: of a connection.
    Pooled(BufferPool),
    /// No memory: an accept.
    Nothing,
}

/// Who is on the queue, and what is reserved.
#[derive(Debug, Default)]
pub(super) struct Books {
    pub(super) size: usize,
    pub(super) reserved: usize,
    pub(super) sides: Vec<Option<Arc<Side>>>,
    /// Places among them that are free again.
    free: Vec<u32>,
    /// Places that changed since whoever drains the queue has looked.
    pub(super) changed: Turns,
}

impl Books {
    /// How many sides there are.
    pub(super) fn count(&self) -> usize {
        self.sides.len() - self.free.len()
    }
}

/// See the module.
pub(super) struct Shared {
    pub(super) key: u64,
    pub(super) kind: BackendKind,
    pub(super) results_per_packet: usize,
    pub(super) target: Target,
    pub(super) completed: Arc<Ring<Completion>>,
    pub(super) berth: Berth<Drainer>,
    pub(super) posts: Arc<Ring<Post>>,
    /// The pump sleeps with few receives left: whoever posts wakes it.
    pub(super) wants_posts: Wish,
    pub(super) signals: Arc<Signals>,
    pub(super) commands: Commands,
    pub(super) full: Full,
    pub(super) batches: Batches,
    pub(super) drive: Drive,
    books: Mutex<Books>,
    /// Goes up with each change of the sides.
    pub(super) generation: AtomicU32,
    pub(super) closed: AtomicBool,
    pub(super) fault: AtomicI32,
    /// One packet is owed to tell of that.
    pub(super) owed: AtomicBool,
    pub(super) system_calls: AtomicU64,
    pub(super) gathered: AtomicU64,
    /// Packets that the queue has sent to its port.
    pub(super) packets: AtomicU64,
    /// Completions that went through it.
    pub(super) load: AtomicUsize,
    holder: AtomicU32,
    held_since: AtomicU64,
}

/// What a queue is made of, for [`Shared::new`].
pub(super) struct Parts {
    pub(super) key: u64,
    pub(super) kind: BackendKind,
    pub(super) size: usize,
    pub(super) results_per_packet: usize,
    pub(super) target: Target,
    pub(super) completed: Arc<Ring<Completion>>,
    pub(super) posts: Arc<Ring<Post>>,
    pub(super) signals: Arc<Signals>,
    pub(super) drive: Drive,
}

impl Shared {
    pub(super) fn new(parts: Parts) -> Shared {
        Shared {
            key: parts.key,
            kind: parts.kind,
            results_per_packet: parts.results_per_packet,
            target: parts.target,
            completed: parts.completed,
            berth: Berth::new(),
            posts: parts.posts,
            wants_posts: Wish::new(),
            signals: parts.signals,
            commands: Commands::new(),
            full: Full::default(),
            batches: Batches::new(),
            drive: parts.drive,
            books: Mutex::new(Books { size: parts.size, ..Books::default() }),
            generation: AtomicU32::new(0),
            closed: AtomicBool::new(false),
            fault: AtomicI32::new(0),
            owed: AtomicBool::new(false),
            system_calls: AtomicU64::new(0),
            gathered: AtomicU64::new(0),
            packets: AtomicU64::new(0),
            load: AtomicUsize::new(0),
            holder: AtomicU32::new(0),
            held_since: AtomicU64::new(0),
        }
    }

    pub(super) fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has the pump do something, and waits for its answer; `None` when the queue is closed, and when the pump itself
    /// asks, which would wait for ever.
    pub(super) fn ask<R: Send + 'static>(
        &self,
        run: impl FnOnce(&mut Pump) -> R + Send + 'static,
    ) -> Option<R> {
        if self.is_pump_here() {
            return None;
        }
        let told = self.commands.push(run);
        self.wake_pump();
        told.recv().ok()
    }

    /// Reserves the places of a side and enters it into the books. It is made only where there is room, for its
    /// memory is that of all the requests it allows.
    pub(super) fn enter(
        &self,
        asked: usize,
        make: impl FnOnce(u32) -> Side,
    ) -> Result<Arc<Side>, QueueError> {
        let mut books = self.books();
        if self.is_closed() {
            return Err(QueueError::Closed);
        }
        if asked > books.size.saturating_sub(books.reserved) {
            return Err(QueueError::NoRoom { asked, reserved: books.reserved, size: books.size });
        }
        let id = books.free.pop().unwrap_or(books.sides.len() as u32);
        let side = Arc::new(make(id));
        books.reserved += asked;
        match books.sides.get_mut(id as usize) {
            Some(place) => *place = Some(Arc::clone(&side)),
            None => books.sides.push(Some(Arc::clone(&side))),
        }
        books.changed.add(id);
        self.full.make_room(books.sides.len());
        self.generation.fetch_add(1, Ordering::Release);
        Ok(side)
    }

    /// Forgets a side whose completions are all dequeued, or that never had any.
    pub(super) fn forget(&self, side: &Side) {
        let mut books = self.books();
        let place = books.sides.get_mut(side.id as usize);
        // Whoever dequeues and whoever closes may both find it done.
        if place.and_then(|place| place.take_if(|other| std::ptr::eq(Arc::as_ptr(other), side))).is_some() {
            books.reserved = books.reserved.saturating_sub(side.places());
            books.free.push(side.id);
            books.changed.add(side.id);
            self.generation.fetch_add(1, Ordering::Release);
        }
    }

    /// Appends completions, for which there is room because it was reserved, and notifies if any of them asks for
    /// it. Those of a closed queue are dropped.
    #[inline]
    pub(super) fn complete(&self, completions: &mut Vec<Completion>) {
        if completions.is_empty() {
            return;
        }
        if self.is_closed() {
            return drop_all(completions);
        }
        self.load.fetch_add(completions.len(), Ordering::Relaxed);
        let kept = self.completed.push_all(completions);
        debug_assert!(kept, "completions have reserved places");
        self.fire();
    }

    /// Sends the packet of an armed queue, if there is a reason.
    #[inline]
    pub(super) fn fire(&self) {
        if let Some(drainer) = armed::fire(&self.berth, &self.completed, || self.is_over()) {
            self.hand_out(drainer);
        }
    }

    /// Sends the packet of an armed queue, whatever there is.
    pub(super) fn poke(&self) {
        if let Some(drainer) = self.berth.take() {
            self.hand_out(drainer);
        }
    }

    /// Arms the queue with the right, or sends it on.
    pub(super) fn arm(&self, drainer: Box<Drainer>) {
        match armed::arm(&self.berth, &self.completed, || self.is_over(), drainer) {
            Some(drainer) => self.hand_out(drainer),
            None => self.note_armed(),
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Whether the right is wanted, whatever is in the queue.
    pub(super) fn is_over(&self) -> bool {
        self.is_closed() || self.owed.load(Ordering::Acquire)
    }

    fn hand_out(&self, drainer: Box<Drainer>) {
        if let Some(ready) = self.claim(drainer)
            && let Err(ready) = self.target.deliver(ready)
        {
            // The port is closed: nobody will ever take it.
            ready.forfeit();
        }
    }

    /// Makes a packet of the right, unless the queue is closed.
    pub(super) fn claim(&self, drainer: Box<Drainer>) -> Option<Ready> {
        if self.is_closed() {
            drainer.discard();
            return None;
        }
        self.owed.store(false, Ordering::Relaxed);
        self.packets.fetch_add(1, Ordering::Relaxed);
        Some(Ready::new(drainer))
    }

    /// Puts the right where the end of the queue finds it.
    pub(super) fn lay_down(&self, drainer: Box<Drainer>) {
        drop(self.berth.put(drainer));
        if self.is_closed() {
            self.close();
        }
    }

    /// After `closed` was set: takes the right out of the berth, and drops what is in the queue.
    pub(super) fn close(&self) {
        if let Some(drainer) = self.berth.take() {
            drainer.discard();
        }
    }

    /// The thread of this number took the packet.
    pub(super) fn note_holder(&self, thread: u32) {
        self.holder.store(thread, Ordering::Relaxed);
        self.held_since.store(backend::now().max(1), Ordering::Release);
    }

    /// It let the right go.
    pub(super) fn note_no_holder(&self) {
        self.held_since.store(0, Ordering::Release);
    }
}

/// Drops completions that nobody is to see; their slices return to their pools.
pub(super) fn drop_all(completions: &mut Vec<Completion>) {
    for completion in completions.drain(..) {
        if !completion.operation.is_inward() {
            completion.payload.mark(Use::Held);
        }
    }
}

impl Holder for Shared {
    fn held(&self) -> Option<HeldRight> {
        let since = self.held_since.load(Ordering::Acquire);
        let age = Duration::from_nanos(backend::now().saturating_sub(since));
        let thread = self.holder.load(Ordering::Relaxed);
        (since != 0).then_some(HeldRight { key: self.key, thread, age, blocked: false })
    }
}
