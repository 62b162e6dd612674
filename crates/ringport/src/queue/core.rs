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
use std::collections::{HashSet, VecDeque};
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::error::QueueError;
use super::gathering::Gathering;
use super::signals::{CommitFlag, Signals};
use super::starving::Starving;
use super::waiting::Waiting;
use crate::backend::Grouping;
use crate::backend::contract::{Attachment, Completion, Contract, Operation, Table};
use crate::backend::sys::descriptor::{AsRawFd, RawFd};
use crate::backend::sys::{clock, thread};
use crate::backend::{self, BackendKind, EventDescriptor};

/// The largest completion queue (`RIO_MAX_CQ_SIZE`).
pub(super) const LARGEST: usize = 0x800_0000;

/// How late the timers of a thread that gathers may be.
const TIMER_SLACK: Duration = Duration::from_micros(1);

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
    pub(super) scratch: Vec<Completion>,
    /// What groups deferred sends of datagrams.
    pub(super) grouping: Grouping,
    pub(super) size: usize,
    pub(super) reserved: usize,
    /// The sockets attached, by descriptor: each once, or two receives of the kernel would share its datagrams.
    pub(super) attached: HashSet<RawFd>,
    /// Attachments with receives to publish.
    pub(super) dirty: Vec<u32>,
    /// Attachments with receives that wait for their pool.
    pub(super) starving: Starving,
    pub(super) committers: Vec<(u32, Arc<CommitFlag>)>,
    /// Room for what they wish.
    pub(super) wishes: Vec<Arc<CommitFlag>>,
    pub(super) armed: bool,
    pub(super) notify_reset: bool,
    pub(super) closed: bool,
    pub(super) signals: Arc<Signals>,
    pub(super) wake_watched: bool,
    /// The queue's own event, made when its descriptor is asked for.
    pub(super) event: Option<Arc<EventDescriptor>>,
    /// How long a wait may gather, and what was received since the last one.
    pub(super) gathering: Gathering,
    pub(super) received: u64,
    /// Waits that held completions back for more.
    pub(super) gathered: u64,
    /// The thread's timers were told to be exact.
    fine_timers: bool,
    /// The last dequeue since the last wait found the end of the queue.
    pub(super) emptied: bool,
    /// Dequeues since then that left the kernel alone.
    pub(super) unasked: u32,
    /// Attachments of which the kernel lets go when their sockets are closed, and not before.
    pub(super) lingering: Vec<u32>,
    /// Memory that could not be taken back from the kernel.
    pub(super) leaked: u64,
}

impl Core {
    pub(super) fn new(
        backend: Box<dyn Contract>,
        size: usize,
        notify_reset: bool,
        waiting: Waiting,
    ) -> Result<Core, QueueError> {
        let signals =
            Signals::new().map_err(|source| QueueError::System { what: "making an event", source })?;
        Ok(Core {
            backend,
            table: Table::default(),
            ready: VecDeque::new(),
            scratch: Vec::new(),
            grouping: Grouping::default(),
            size,
            reserved: 0,
            attached: HashSet::new(),
            dirty: Vec::new(),
            starving: Starving::default(),
            committers: Vec::new(),
            wishes: Vec::new(),
            armed: false,
            notify_reset,
            closed: false,
            signals: Arc::new(signals),
            wake_watched: false,
            event: None,
            gathering: Gathering::new(waiting),
            received: 0,
            gathered: 0,
            fine_timers: false,
            emptied: false,
            unasked: 0,
            lingering: Vec::new(),
            leaked: 0,
        })
    }

    /// Reserves `places`, with the memory for their completions, so that nothing is allocated later.
    pub(super) fn reserve(&mut self, places: usize) -> Result<(), QueueError> {
        self.admit(places)?;
        self.ready.reserve(self.reserved.saturating_sub(self.ready.len()));
        self.scratch.reserve(self.reserved);
        Ok(())
    }

    /// Reserves the places of an attachment. Of ten thousand connections few complete something at a time, so that
    /// memory for all their completions would be most of what they cost: for them the lists grow, once, to what they
    /// need.
    pub(super) fn reserve_for(&mut self, attachment: &Attachment) -> Result<(), QueueError> {
        match attachment.socket.is_stream() {
            true => self.admit(attachment.places()),
            false => self.reserve(attachment.places()),
        }
    }

    /// Counts places as reserved, if there are so many.
    fn admit(&mut self, places: usize) -> Result<(), QueueError> {
        if self.closed {
            return Err(QueueError::Closed);
        }
        if places > self.size - self.reserved.min(self.size) {
            return Err(QueueError::NoRoom { asked: places, reserved: self.reserved, size: self.size });
        }
        self.reserved += places;
        Ok(())
    }

    /// Gives reserved places back.
    pub(super) fn unreserve(&mut self, places: usize) {
        self.reserved = self.reserved.saturating_sub(places);
    }

    /// Adds an attachment whose places were reserved.
    pub(super) fn attach(&mut self, attachment: Attachment) -> Result<u32, QueueError> {
        let descriptor = attachment.socket.as_raw_fd();
        if !self.attached.insert(descriptor) {
            return Err(QueueError::SocketTaken);
        }
        if let Some(side) = attachment.send.as_ref().filter(|_| attachment.socket.is_datagram()) {
            self.grouping.make_room(side.limit as usize);
        }
        let key = self.table.insert(attachment);
        let count = self.table.len();
        self.dirty.reserve(count);
        let attachment = self.table.get_mut(key);
        let result = attachment.map_or(Ok(()), |attachment| self.backend.attach(key, attachment));
        result.map(|()| key).map_err(|error| {
            self.table.remove(key);
            self.attached.remove(&descriptor);
            QueueError::from(error)
        })
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

    /// How long the next wait may gather, judged by what was dequeued since the last one.
    /// `used` tells the processor time of whoever works for the queue.
    pub(super) fn next_gathering(&mut self, used: fn() -> u64) -> Duration {
        if !self.gathering.is_on() {
            return Duration::ZERO;
        }
        self.gathering.next(backend::now(), std::mem::take(&mut self.received), used)
    }

    /// Sleeps once, at most until `deadline`; false when it has passed.
    pub(super) fn sleep(&mut self, deadline: Option<Instant>, gather: Duration) -> io::Result<bool> {
        let time = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        if time.is_some_and(|time| time.is_zero()) {
            return Ok(false);
        }
        // A wait never gathers past its own end.
        let gather = time.map_or(gather, |time| gather.min(time));
        (self.emptied, self.unasked) = (false, 0);
        if !gather.is_zero() && !std::mem::replace(&mut self.fine_timers, true) {
            // The kernel may otherwise be late by 50 microseconds, as long as all of the gathering.
            let _ = thread::set_timer_slack(TIMER_SLACK);
        }
        if self.backend.dry().is_empty() || self.wait_for_pools() {
            self.gathered += u64::from(!gather.is_zero());
            let begun = (clock::MAY_OVERSLEEP && !gather.is_zero()).then(backend::now);
            self.backend.wait(&mut self.table, time, gather)?;
            if let Some(begun) = begun {
                self.gathering.slept(begun, backend::now());
            }
        }
        Ok(true)
    }

    /// Sets the limits of one side, whose places were reserved.
    pub(super) fn set_limit(&mut self, key: u32, operation: Operation, limit: u32, buffers: u32) {
        let Some(attachment) = self.table.get_mut(key) else { return };
        match operation.is_inward() {
            true => {
                if let Some(side) = attachment.receive.as_mut() {
                    side.posted.grow_to(limit as usize);
                    (side.limit, side.buffers) = (limit, buffers);
                }
            }
            false => {
                if attachment.socket.is_datagram() {
                    self.grouping.make_room(limit as usize);
                }
                if let Some(side) = attachment.send.as_mut() {
                    side.posted.grow_to(limit as usize);
                    (side.limit, side.buffers) = (limit, buffers);
                }
            }
        }
        self.mark_dirty(key);
    }

    /// Signals the event of an armed queue when a completion that notifies is in user space.
    pub(super) fn tell_if_notifiable(&self) {
        if self.armed && self.event.is_some() && self.notifiable_in_user_space() {
            self.tell_event();
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
