//! The state behind one completion queue and the request queues on it.
//!
//! ```text
//!            ready (completed in user space)  ┐
//!   dequeue ◄─                                ├─ oldest first
//!            the kernel's queue, by reap      ┘
//! ```
//!
//! Completions stay in the kernel's queue until somebody dequeues them; only what completes in user space
//! (sends, aborted requests) waits in `ready`. Before such a completion is queued, what the kernel has
//! completed already is moved there first, so that the order of completion is kept.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::completions::Completions;
use super::error::QueueError;
use super::gathering::Gathering;
use super::signals::{CommitFlag, Signals};
use crate::backend::contract::{Attachment, Completion, Contract, Effort, Operation, Status, Table};
use crate::backend::{self, BackendKind, EventDescriptor};
use crate::memory::Use;

/// The largest completion queue (`RIO_MAX_CQ_SIZE`).
pub(super) const LARGEST: usize = 0x800_0000;

/// A completion queue's state, shared by its handle and its request queues, all on one thread.
pub(super) type SharedCore = Rc<RefCell<Core>>;

/// See the module.
#[derive(Debug)]
pub(super) struct Core {
    pub(super) backend: Box<dyn Contract>,
    pub(super) table: Table,
    /// Completed in user space, or taken from the kernel early; oldest first.
    pub(super) ready: VecDeque<Completion>,
    /// Where a backend puts completions on their way to `ready`.
    scratch: Vec<Completion>,
    pub(super) size: usize,
    pub(super) reserved: usize,
    /// Attachments with receives to publish.
    pub(super) dirty: Vec<u32>,
    /// Attachments with receives that wait for their pool.
    pub(super) starved: Vec<u32>,
    pub(super) committers: Vec<(u32, Arc<CommitFlag>)>,
    pub(super) armed: bool,
    pub(super) notify_reset: bool,
    pub(super) closed: bool,
    pub(super) signals: Arc<Signals>,
    pub(super) wake_watched: bool,
    /// The queue's own event, made when its descriptor is asked for.
    pub(super) event: Option<Arc<EventDescriptor>>,
    /// How long a wait may gather, and what was received since the last one.
    gathering: Gathering,
    received: u64,
    /// The last dequeue since the last wait found the end of the queue.
    emptied: bool,
    /// Memory that could not be taken back from the kernel.
    pub(super) leaked: u64,
}

impl Core {
    pub(super) fn new(
        backend: Box<dyn Contract>,
        size: usize,
        notify_reset: bool,
        gather_at_most: Duration,
    ) -> Result<Core, QueueError> {
        let signals =
            Signals::new().map_err(|source| QueueError::System { what: "making an event", source })?;
        Ok(Core {
            backend,
            table: Table::default(),
            ready: VecDeque::new(),
            scratch: Vec::new(),
            size,
            reserved: 0,
            dirty: Vec::new(),
            starved: Vec::new(),
            committers: Vec::new(),
            armed: false,
            notify_reset,
            closed: false,
            signals: Arc::new(signals),
            wake_watched: false,
            event: None,
            gathering: Gathering::new(gather_at_most),
            received: 0,
            emptied: false,
            leaked: 0,
        })
    }

    /// Reserves `places`, with the memory for their completions, so that nothing is allocated later.
    pub(super) fn reserve(&mut self, places: usize) -> Result<(), QueueError> {
        if self.closed {
            return Err(QueueError::Closed);
        }
        if places > self.size - self.reserved.min(self.size) {
            return Err(QueueError::NoRoom { asked: places, reserved: self.reserved, size: self.size });
        }
        self.reserved += places;
        self.ready.reserve(self.reserved.saturating_sub(self.ready.len()));
        self.scratch.reserve(self.reserved);
        Ok(())
    }

    /// Gives reserved places back.
    pub(super) fn unreserve(&mut self, places: usize) {
        self.reserved = self.reserved.saturating_sub(places);
    }

    /// Adds an attachment whose places were reserved.
    pub(super) fn attach(&mut self, attachment: Attachment) -> io::Result<u32> {
        let key = self.table.insert(attachment);
        let count = self.table.len();
        self.dirty.reserve(count);
        self.starved.reserve(count);
        let attachment = self.table.get_mut(key);
        let result = attachment.map_or(Ok(()), |attachment| self.backend.attach(key, attachment));
        if result.is_err() {
            self.table.remove(key);
        }
        result.map(|()| key)
    }

    /// Lists an attachment for the next publish.
    #[inline]
    pub(super) fn mark_dirty(&mut self, key: u32) {
        if let Some(attachment) = self.table.get_mut(key)
            && !attachment.dirty
        {
            attachment.dirty = true;
            self.dirty.push(key);
        }
    }

    /// Hands posted receives to the backend and does what other threads asked for.
    #[inline]
    pub(super) fn prepare(&mut self) {
        let signals = self.signals.take();
        if signals != 0 {
            self.answer(signals);
        }
        while let Some(key) = self.dirty.pop() {
            if let Some(attachment) = self.table.get_mut(key) {
                attachment.dirty = false;
                // A failure has set the backend's fault, which the next wait reports.
                let _ = self.backend.publish(key, attachment);
            }
        }
    }

    /// Puts due sends of `key` on the wire.
    pub(super) fn flush(&mut self, key: u32) {
        self.collect();
        let Some(attachment) = self.table.get_mut(key) else { return };
        self.backend.flush(key, attachment, &mut self.scratch);
        self.ready.extend(self.scratch.drain(..));
    }

    /// Moves what the kernel has completed so far behind what is ready, to keep the order.
    pub(super) fn collect(&mut self) {
        self.backend.reap(&mut self.table, &mut self.scratch, usize::MAX, Effort::Memory);
        self.ready.extend(self.scratch.drain(..));
    }

    /// Fills `out` with completions, oldest first.
    pub(super) fn dequeue(&mut self, out: &mut Completions) -> usize {
        let room = out.room();
        let entries = out.entries_mut();
        let before = entries.len();
        self.prepare();
        let early = room.min(self.ready.len());
        entries.extend(self.ready.drain(..early));
        if early < room {
            // While it pays to gather, a queue that was emptied since the last wait is left alone until
            // the next: entering the kernel for each datagram as it comes is what gathering avoids.
            let known_empty = self.emptied && (early > 0 || self.gathering.pays());
            let effort = if known_empty { Effort::Memory } else { Effort::Kernel };
            let count = self.backend.reap(&mut self.table, entries, room - early, effort);
            // Once: who asks again without a wait in between is answered by the kernel.
            let unanswered = known_empty && early + count == 0;
            self.emptied = !unanswered && count < room - early;
        }
        // Sends that had found their socket full complete together, however few were asked for.
        if entries.len() - before > room {
            self.ready.extend(entries.drain(before + room..));
        }
        let taken = entries.get(before..).unwrap_or_default();
        self.received += release(&mut self.table, &mut self.reserved, taken);
        taken.len()
    }

    /// Whether a completion that notifies is there, looking as far as needed to know.
    pub(super) fn notifiable(&mut self) -> bool {
        if self.notifiable_in_user_space() {
            return true;
        }
        let most = self.backend.lookahead();
        loop {
            let count = self.backend.reap(&mut self.table, &mut self.scratch, most, Effort::Known);
            if count == 0 {
                return false;
            }
            self.emptied = count < most;
            let found = self.scratch.iter().any(|completion| completion.notifies);
            self.ready.extend(self.scratch.drain(..));
            if found {
                return true;
            }
        }
    }

    /// As [`notifiable`](Core::notifiable), and if nothing is known of, asks the kernel without sleeping.
    pub(super) fn notifiable_now(&mut self) -> io::Result<bool> {
        if self.notifiable() {
            return Ok(true);
        }
        self.backend.wait(&mut self.table, Some(Duration::ZERO), Duration::ZERO)?;
        self.prepare();
        Ok(self.notifiable())
    }

    /// Whether a completion that notifies is in `ready`.
    pub(super) fn notifiable_in_user_space(&self) -> bool {
        self.ready.iter().any(|completion| completion.notifies)
    }

    /// How long the next wait may gather, judged by what was dequeued since the last one.
    pub(super) fn next_gathering(&mut self) -> Duration {
        if !self.gathering.is_on() {
            return Duration::ZERO;
        }
        self.gathering.next(backend::now(), std::mem::take(&mut self.received))
    }

    /// Sleeps once, at most until `deadline`; false when it has passed.
    pub(super) fn sleep(&mut self, deadline: Option<Instant>, gather: Duration) -> io::Result<bool> {
        let time = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        if time.is_some_and(|time| time.is_zero()) {
            return Ok(false);
        }
        // A wait never gathers past its own end.
        let gather = time.map_or(gather, |time| gather.min(time));
        self.emptied = false;
        self.backend.wait(&mut self.table, time, gather)?;
        Ok(true)
    }

    /// Ends everything in flight of `key`; its requests complete, aborted where they had not run.
    pub(super) fn cancel(&mut self, key: u32) -> io::Result<()> {
        self.collect();
        let result = self.backend.quiesce(key, &mut self.table, &mut self.scratch);
        self.ready.extend(self.scratch.drain(..));
        if result.is_ok() {
            self.abort(key);
        } else {
            self.leak(key);
        }
        result
    }

    /// Cancels like [`cancel`](Core::cancel); the socket then takes requests again.
    pub(super) fn cancel_and_go_on(&mut self, key: u32) {
        if self.cancel(key).is_ok() {
            self.backend.resume(key);
        }
        self.tell_if_notifiable();
    }

    /// Sets the limits of one side, whose places were reserved.
    pub(super) fn set_limit(&mut self, key: u32, operation: Operation, limit: u32, buffers: u32) {
        let Some(attachment) = self.table.get_mut(key) else { return };
        match operation {
            Operation::Receive => {
                if let Some(side) = attachment.receive.as_mut() {
                    side.posted.grow_to(limit as usize);
                    (side.limit, side.buffers) = (limit, buffers);
                }
            }
            Operation::Send => {
                if let Some(side) = attachment.send.as_mut() {
                    side.posted.grow_to(limit as usize);
                    (side.limit, side.buffers) = (limit, buffers);
                }
            }
        }
        self.mark_dirty(key);
    }

    /// Completes what is posted as aborted, receives and sends in post order.
    fn abort(&mut self, key: u32) {
        let Some(attachment) = self.table.get_mut(key) else { return };
        while let Some(taken) = attachment.receive.as_mut().and_then(|side| side.take_first()) {
            self.ready.push_back(attachment.received(key, taken, Status::Aborted, 0));
        }
        while let Some(wait) = attachment.receive.as_mut().and_then(|side| side.starved.pop_front()) {
            self.ready.push_back(attachment.never_posted(key, wait));
        }
        while let Some(request) = attachment.send.as_mut().and_then(|side| side.posted.pop_front()) {
            self.ready.push_back(attachment.sent(key, request, Status::Aborted, 0));
        }
        if let Some(send) = attachment.send.as_mut() {
            send.deferred = 0;
            send.blocked = false;
        }
    }

    /// The kernel did not let go of the memory of `key`: it is never freed.
    fn leak(&mut self, key: u32) {
        let Some(attachment) = self.table.remove(key) else { return };
        self.leaked += u64::from(attachment.outstanding());
        std::mem::forget(attachment);
        crate::notice::say(
            "the kernel did not finish the requests of a socket that was closed; \
             their memory is kept, on purpose, until the process ends",
        );
    }

    /// Closes an attachment for its owner. Its places come back with its last dequeued completion.
    pub(super) fn detach(&mut self, key: u32) {
        let cancelled = self.cancel(key);
        self.committers.retain(|(owner, _)| *owner != key);
        self.starved.retain(|owner| *owner != key);
        self.dirty.retain(|owner| *owner != key);
        let Some(attachment) = self.table.get_mut(key) else { return };
        attachment.dirty = false;
        attachment.closed = true;
        if cancelled.is_ok() {
            self.backend.detach(key, attachment);
        }
        if self.closed {
            self.drop_completions();
        }
        forget_if_done(&mut self.table, &mut self.reserved, key);
        self.tell_if_notifiable();
    }

    /// Signals the event of an armed queue when a completion that notifies is in user space.
    pub(super) fn tell_if_notifiable(&self) {
        if self.armed && self.event.is_some() && self.notifiable_in_user_space() {
            self.tell_event();
        }
    }

    /// Closes the queue: what is in flight is ended, completions are dropped now and from now on.
    pub(super) fn close(&mut self) {
        if std::mem::replace(&mut self.closed, true) {
            return;
        }
        for key in 0..self.table.end() {
            if self.table.get(key).is_some() {
                // What could not be ended was leaked and said so.
                let _ = self.cancel(key);
            }
        }
        self.drop_completions();
    }

    /// Drops everything completed; its quota is free, its slices return to their pools.
    fn drop_completions(&mut self) {
        self.collect();
        while let Some(completion) = self.ready.pop_front() {
            release(&mut self.table, &mut self.reserved, std::slice::from_ref(&completion));
        }
    }

    /// Signals the queue's own event, if somebody looks at it.
    pub(super) fn tell_event(&self) {
        if let Some(event) = self.event.as_ref() {
            // It fails only when its counter is full, and then it is readable already.
            let _ = event.signal();
        }
    }

    pub(super) fn kind(&self) -> BackendKind {
        self.backend.kind()
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        self.close();
    }
}

/// Frees the places of completions that leave the queue; returns how many of them are receives. Completions
/// of one socket and direction usually follow each other, and are counted before they are written off.
#[inline]
fn release(table: &mut Table, reserved: &mut usize, completions: &[Completion]) -> u64 {
    let same = |a: &Completion, b: &Completion| a.key == b.key && a.operation == b.operation;
    let mut receives = 0;
    for run in completions.chunk_by(same) {
        let Some(first) = run.first() else { continue };
        if first.operation == Operation::Receive {
            receives += run.len() as u64;
        } else {
            run.iter().for_each(|completion| completion.payload.mark(Use::Held));
        }
        let Some(attachment) = table.get_mut(first.key) else { continue };
        attachment.release(first.operation, run.len() as u32);
        if attachment.closed {
            forget_if_done(table, reserved, first.key);
        }
    }
    receives
}

/// Removes a closed attachment whose completions are all gone, with its reserve.
fn forget_if_done(table: &mut Table, reserved: &mut usize, key: u32) {
    let done = |attachment: &Attachment| attachment.closed && attachment.outstanding() == 0;
    if table.get(key).is_some_and(done)
        && let Some(attachment) = table.remove(key)
    {
        *reserved = reserved.saturating_sub(attachment.places());
    }
}
