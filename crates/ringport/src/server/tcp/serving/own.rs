//! A thread with a queue of its own.
//!
//! ```text
//!   polled         dequeue ─► nothing? ─► at once again
//!   event          notify ─► wait ─► dequeue
//!   event-polled   dequeue ─► nothing? ─► notify ─► wait
//! ```

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::desk::{Desk, Parts};
use super::queues::OwnQueue;
use crate::backend::BackendChoice;
use crate::net::StreamListener;
use crate::queue::{CompletionQueue, Completions, QueueError, WaitError};
use crate::server::design::Design;
use crate::server::error::ServerError;
use crate::server::stop::Alarm;
use crate::server::tcp::connection::Message;
use crate::server::tcp::counters::Notes;
use crate::server::tcp::framing::Framing;
use crate::server::tcp::options::{ACCEPTS, Options};
use crate::server::tcp::server::Arrived;
use crate::server::tcp::wheel::Moment;

/// A spinning thread looks at the clock once in so many turns.
const TURNS: u32 = 1 << 10;

/// See the module.
pub(in crate::server::tcp) struct Station<'server, F, M, H> {
    desk: Desk<OwnQueue, F, M, H>,
    queue: OwnQueue,
    completions: Completions,
    notes: &'server Notes,
    design: Design,
    stop_timeout: Duration,
    thread: usize,
    /// When the last batch was taken: exact enough for deadlines, and the clock is read once a batch.
    now: Moment,
}

impl<'server, F, M, H> Station<'server, F, M, H>
where
    F: Framing + Clone,
    M: Fn(&Arrived) -> H,
    H: FnMut(Message<'_>),
{
    /// Makes the queue on the calling thread, and begins to accept.
    pub(in crate::server::tcp) fn open(
        options: &Options,
        backend: BackendChoice,
        listener: &StreamListener,
        parts: Parts<F, M>,
        thread: usize,
        notes: &'server Notes,
    ) -> Result<Self, QueueError> {
        let size = parts.places * parts.terms.places() + ACCEPTS as usize;
        let builder = CompletionQueue::builder(size).backend(backend);
        let mut queue = builder.waiting(options.waiting).event()?;
        parts.shared.stopping().wake_by(Alarm::Queue(queue.waker()?));
        let queue = Rc::new(RefCell::new(queue));
        let desk = Desk::open(Rc::clone(&queue), listener, parts)?;
        Ok(Station {
            now: desk.now(),
            desk,
            queue,
            completions: Completions::with_capacity(options.max_results()),
            notes,
            design: options.design,
            stop_timeout: options.stop_timeout,
            thread,
        })
    }

    /// Serves until the stop, and then until no connection is left, or the patience for that is over.
    pub(in crate::server::tcp) fn serve(&mut self) -> Result<(), ServerError> {
        let spins = matches!(self.design, Design::Polled | Design::ShardedPolled);
        let waits_first = matches!(self.design, Design::Event | Design::ShardedEvent);
        let mut give_up_at: Option<Instant> = None;
        let mut turns = 0u32;
        loop {
            if self.desk.shared.stopping().asked() {
                let give_up_at = *give_up_at.get_or_insert_with(|| Instant::now() + self.stop_timeout);
                self.desk.stop(self.notes, self.desk.now());
                if Instant::now() >= give_up_at {
                    self.desk.give_up(self.notes);
                }
                if self.desk.is_empty() {
                    return Ok(());
                }
            }
            if waits_first {
                self.wait(give_up_at)?;
            }
            match self.batch() {
                taken if taken == self.completions.capacity() => turns = 0,
                taken if spins => {
                    std::hint::spin_loop();
                    turns = if taken > 0 { 0 } else { turns.wrapping_add(1) };
                    if turns == TURNS {
                        turns = 0;
                        self.desk.expire(self.notes, self.desk.now());
                    }
                }
                // A batch that is not full has emptied the queue, and the wait looks before it sleeps.
                taken => {
                    if taken == 0 {
                        self.now = self.desk.now();
                        self.desk.expire(self.notes, self.now);
                    }
                    // After the stop, the last connection may have gone with this batch.
                    if !waits_first && (give_up_at.is_none() || !self.desk.is_empty()) {
                        self.wait(give_up_at)?;
                    }
                }
            }
        }
    }

    /// Takes one batch and handles it; returns how many completions it had.
    #[inline]
    fn batch(&mut self) -> usize {
        let taken = self.queue.borrow_mut().dequeue(&mut self.completions);
        if taken == 0 {
            return 0;
        }
        self.notes.batches.add(1);
        let now = self.desk.now();
        self.now = now;
        for completion in self.completions.drain() {
            self.desk.completed(completion, self.notes, now);
        }
        if self.desk.time_left(now).is_some_and(|left| left.is_zero()) {
            self.desk.expire(self.notes, now);
        }
        taken
    }

    fn wait(&mut self, give_up_at: Option<Instant>) -> Result<(), ServerError> {
        let failed = |source: WaitError| ServerError::Wait { thread: self.thread, source };
        let left = give_up_at.map(|at| at.saturating_duration_since(Instant::now()));
        let time = self.desk.time_left(self.now).into_iter().chain(left).min();
        let mut queue = self.queue.borrow_mut();
        // It is armed already when the last wait ended without a completion.
        let _ = queue.notify();
        queue.wait(time).map_err(failed)?;
        Ok(())
    }
}
