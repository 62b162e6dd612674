//! What the pump, the threads of the port and everybody who posts share of one queue.
//!
//! Who is on it is in the [`books`](super::books), and how its completions become packets in [`packet`](super::packet).

use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::batches::Batches;
use super::books::{Books, Side};
use super::command::Commands;
use super::drive::Drive;
use super::full::Full;
use super::notifier::{HeldRight, Holder, Target};
use super::post::Post;
use super::pump::Pump;
use super::ready::Drainer;
use super::wish::Wish;
use crate::backend::contract::Completion;
use crate::backend::{self, BackendKind};
use crate::memory::{Berth, Ring};
use crate::queue::error::QueueError;
use crate::queue::signals::Signals;

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
            books: Mutex::new(Books::new(parts.size)),
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

    /// Enters a side into the books, if there is room for it.
    pub(super) fn enter(
        &self,
        asked: usize,
        make: impl FnOnce(u32) -> Side,
    ) -> Result<Arc<Side>, QueueError> {
        let mut books = self.books();
        if self.is_closed() {
            return Err(QueueError::Closed);
        }
        let side = books.enter(asked, make)?;
        self.full.make_room(books.sides.len());
        self.generation.fetch_add(1, Ordering::Release);
        Ok(side)
    }

    /// Forgets a side whose completions are all dequeued, or that never had any.
    pub(super) fn forget(&self, side: &Side) {
        // Whoever dequeues and whoever closes may both find it done. The books stay locked until the change is told.
        let mut books = self.books();
        if books.forget(side) {
            self.generation.fetch_add(1, Ordering::Release);
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
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

impl Holder for Shared {
    fn held(&self) -> Option<HeldRight> {
        let since = self.held_since.load(Ordering::Acquire);
        let age = Duration::from_nanos(backend::now().saturating_sub(since));
        let thread = self.holder.load(Ordering::Relaxed);
        (since != 0).then_some(HeldRight { key: self.key, thread, age, blocked: false })
    }
}
