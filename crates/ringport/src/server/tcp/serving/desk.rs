//! What becomes of each completion: connections are taken on, looked after, and let go.
//!
//! ```text
//!   accept ──► room? reserve? ──► table ──► receive, handle, send ──► gone: its place and reserve are free
//!                └─ no: refused, counted      ▲
//!                                    wheel ───┘ deadlines
//! ```
//!
//! One for each thread that has a queue of its own; one for all threads of a port.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::queues::{Accepts, Queues};
use super::table::Table;
use crate::memory::BufferPool;
use crate::net::{StreamListener, StreamSocket};
use crate::queue::{Completion, Limits, Operation, QueueError};
use crate::server::tcp::connection::{ConnectionId, Fate, Message, Served, Surroundings};
use crate::server::tcp::counters::Notes;
use crate::server::tcp::framing::Framing;
use crate::server::tcp::options::{ACCEPTS, Terms};
use crate::server::tcp::server::Arrived;
use crate::server::tcp::shared::Shared;
use crate::server::tcp::wheel::{Moment, Wheel};

/// The context of the listener's completions.
const LISTENER: u64 = u64::MAX;
/// How long nothing is accepted after the system had no descriptor to give, unless a connection ends.
const RETRY: Duration = Duration::from_millis(100);

/// See the module. The fields are dropped in this order: request queues before the queues.
pub(in crate::server::tcp) struct Desk<Q: Queues, F, M, H> {
    table: Table<Served<Q::Requests, F, H>>,
    accepts: Mutex<Option<Q::Accepts>>,
    queues: Q,
    /// Accepts that are not posted, for want of descriptors.
    missing: AtomicU32,
    wheel: Mutex<Wheel>,
    framing: Mutex<F>,
    make: M,
    pub(super) pool: BufferPool,
    terms: Arc<Terms>,
    pub(super) shared: Arc<Shared>,
    shard: u32,
    stopped: AtomicBool,
}

/// What a desk is made of.
pub(in crate::server::tcp) struct Parts<F, M> {
    pub(in crate::server::tcp) framing: F,
    pub(in crate::server::tcp) make: M,
    pub(in crate::server::tcp) pool: BufferPool,
    pub(in crate::server::tcp) terms: Arc<Terms>,
    pub(in crate::server::tcp) shared: Arc<Shared>,
    pub(in crate::server::tcp) places: usize,
    pub(in crate::server::tcp) shard: u32,
}

impl<Q, F, M, H> Desk<Q, F, M, H>
where
    Q: Queues,
    F: Framing + Clone,
    M: Fn(&Arrived) -> H,
    H: FnMut(Message<'_>),
{
    /// Begins to accept.
    pub(super) fn open(queues: Q, listener: &StreamListener, parts: Parts<F, M>) -> Result<Self, QueueError> {
        let limits = Limits { receives: ACCEPTS, receive_buffers: 1, sends: 0, send_buffers: 0 };
        let accepts = queues.listener(listener, limits, LISTENER)?;
        let Parts { framing, make, pool, terms, shared, places, shard } = parts;
        let desk = Desk {
            table: Table::new(places),
            accepts: Mutex::new(Some(accepts)),
            queues,
            missing: AtomicU32::new(ACCEPTS),
            // One more, for the time after which accepts are tried again.
            wheel: Mutex::new(Wheel::new(places + 1)),
            framing: Mutex::new(framing),
            make,
            pool,
            terms,
            shared,
            shard,
            stopped: AtomicBool::new(false),
        };
        desk.accept_missing(ACCEPTS);
        Ok(desk)
    }

    fn wheel(&self) -> MutexGuard<'_, Wheel> {
        self.wheel.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The present, for a batch.
    pub(super) fn now(&self) -> Moment {
        self.wheel().moment(Instant::now())
    }

    fn around<'desk>(&'desk self, notes: &'desk Notes, now: Moment) -> Surroundings<'desk> {
        Surroundings { pool: &self.pool, terms: &self.terms, shared: &self.shared, notes, now }
    }

    /// A request of the listener or of a connection completed.
    #[inline]
    pub(super) fn completed(&self, completion: Completion, notes: &Notes, now: Moment) {
        let context = completion.socket_context();
        if context == LISTENER {
            return self.accepted(completion, notes, now);
        }
        let (index, generation) = (context as u32, (context >> 32) as u32);
        let around = self.around(notes, now);
        let terms = &*self.terms;
        let looked = self.table.with(index, Some(generation), |served| {
            let fate = served.completed(completion, &around);
            (fate, if fate == Fate::Sooner { served.deadline(terms) } else { Moment::NEVER })
        });
        match looked {
            None | Some((Fate::Open, _)) => {}
            Some((Fate::Sooner, deadline)) => self.wheel().set(index, deadline),
            Some((Fate::Gone, _)) => self.let_go(index, generation, notes),
        }
    }

    #[cold]
    fn accepted(&self, completion: Completion, notes: &Notes, now: Moment) {
        if completion.operation() != Operation::Accept || self.stopped.load(Ordering::Acquire) {
            return;
        }
        self.missing.fetch_add(1, Ordering::Relaxed);
        let aborted = completion.status() == crate::queue::Status::Aborted;
        match completion.into_stream() {
            Some(socket) => {
                self.accept_missing(ACCEPTS);
                self.take_on(&socket, notes, now);
            }
            None if aborted => {}
            None => {
                notes.accept_failed.add(1);
                // To try again at once would fail again, and again.
                let again = now.after(RETRY);
                self.wheel().set(self.table.places() as u32, again);
            }
        }
    }

    /// Posts accepts that are not posted, as many as `most`.
    fn accept_missing(&self, most: u32) {
        let accepts = self.accepts.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(accepts) = accepts.as_ref() else { return };
        let missing = self.missing.load(Ordering::Relaxed);
        // Under the lock nobody else takes from it.
        self.missing.fetch_sub(missing.min(most), Ordering::Relaxed);
        for _ in 0..missing.min(most) {
            // It is refused only when the queue is closed.
            let _ = accepts.accept();
        }
    }

    /// Takes a connection on, if there is room for it.
    fn take_on(&self, socket: &StreamSocket, notes: &Notes, now: Moment) {
        let refuse = || _ = socket.reset_on_close();
        if !self.shared.enter(self.terms.max_connections) {
            notes.refused_full.add(1);
            return refuse();
        }
        let Ok(reservation) = self.pool.reserve(self.terms.reserve()) else {
            notes.refused_memory.add(1);
            self.shared.leave();
            return refuse();
        };
        let around = self.around(notes, now);
        let inserted = self.table.insert(|index, generation| {
            let id = ConnectionId { index, generation, shard: self.shard };
            let requests = self.queues.connection(socket, self.terms.limits(), id.to_context()).ok()?;
            // The peer may be gone already, which the first receive tells.
            let peer = socket.peer_addr().unwrap_or(self.shared.local);
            if self.terms.no_delay {
                let _ = socket.set_no_delay(true);
            }
            let handler = (self.make)(&Arrived { id, peer });
            let framing = self.framing.lock().unwrap_or_else(PoisonError::into_inner).clone();
            Some(Served::new(id, peer, requests, framing, handler, reservation, &around))
        });
        let Some(index) = inserted else {
            notes.refused_memory.add(1);
            self.shared.leave();
            return refuse();
        };
        notes.accepted.add(1);
        if let Some(deadline) = self.table.with(index, None, |served| served.deadline(&self.terms)) {
            self.wheel().set(index, deadline);
        }
        if self.stopped.load(Ordering::Acquire) {
            // Another thread has begun the end meanwhile, and may have looked here before there was anything.
            self.one(index, notes, &mut |served| served.stop(&self.around(notes, now)));
        }
    }

    /// Lets a connection go. What it had posted completes for nobody.
    #[cold]
    fn let_go(&self, index: u32, generation: u32, notes: &Notes) {
        let Some(served) = self.table.take(index, generation) else { return };
        notes.ended(served.ending());
        self.wheel().cancel(index);
        drop(served);
        // Only now: the next one with this number has a deadline of its own.
        self.table.vacate(index);
        self.shared.leave();
        if self.missing.load(Ordering::Relaxed) > 0 {
            // It may have given the descriptor back that was missing.
            self.accept_missing(1);
        }
    }

    /// Looks after the connections whose deadline has come.
    pub(super) fn expire(&self, notes: &Notes, now: Moment) {
        loop {
            let due = self.wheel().pop_due(now);
            let Some(index) = due else { return };
            if index as usize == self.table.places() {
                // One: if it fails as well, the others would, too.
                self.accept_missing(1);
                continue;
            }
            let around = self.around(notes, now);
            let terms = &*self.terms;
            let looked = self.table.with(index, None, |served| {
                (served.timed_out(&around), served.deadline(terms), served.generation())
            });
            match looked {
                Some((Fate::Gone, _, generation)) => self.let_go(index, generation, notes),
                Some((_, deadline, _)) => self.wheel().set(index, deadline),
                None => {}
            }
        }
    }

    /// How long to wait for the first deadline at most; and whether there is one already past.
    pub(super) fn time_left(&self, now: Moment) -> Option<Duration> {
        self.wheel().next_deadline().map(|deadline| deadline.since(now))
    }

    /// Begins the end: nothing is accepted any more, and connections that wait for a message are closed. Once.
    pub(super) fn stop(&self, notes: &Notes, now: Moment) {
        if self.stopped.swap(true, Ordering::AcqRel) {
            return;
        }
        drop(self.accepts.lock().unwrap_or_else(PoisonError::into_inner).take());
        self.each(notes, |served| served.stop(&self.around(notes, now)));
    }

    /// Ends all connections that are left.
    pub(super) fn give_up(&self, notes: &Notes) {
        self.each(notes, |served| {
            served.give_up();
            Fate::Gone
        });
    }

    fn each(&self, notes: &Notes, mut run: impl FnMut(&mut Served<Q::Requests, F, H>) -> Fate) {
        for index in 0..self.table.places() as u32 {
            self.one(index, notes, &mut run);
        }
    }

    fn one(&self, index: u32, notes: &Notes, run: &mut impl FnMut(&mut Served<Q::Requests, F, H>) -> Fate) {
        let looked = self
            .table
            .with(index, None, |served| (run(served), served.generation(), served.deadline(&self.terms)));
        match looked {
            Some((Fate::Gone, generation, _)) => self.let_go(index, generation, notes),
            Some((Fate::Sooner, _, deadline)) => self.wheel().set(index, deadline),
            _ => {}
        }
    }

    /// Whether it has no connections.
    pub(super) fn is_empty(&self) -> bool {
        self.table.len() == 0
    }
}
