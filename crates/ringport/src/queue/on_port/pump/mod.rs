//! The pump: what owns a queue's backend, and moves completions from there to the port's threads.
//!
//! ```text
//!   receives posted ─► backend ─► kernel
//!                         │ completions, a batch at a time
//!                         ▼
//!                      completed, and a packet if the queue is armed
//! ```
//!
//! It works on a thread of its own, or has its turns in those that are there (see [`drive`](super::drive)).

mod thread;
#[cfg(windows)]
mod turns;

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::books::Side;
use super::outbox::Handed;
use super::post::{Into, Post};
use super::shared::Shared;
use crate::backend::Turns;
use crate::backend::contract::{
    Attachment, Completion, Operation, Outcome, Payload, RequestCounters, SendRequest, Table,
};
use crate::backend::sys::errno;
use crate::memory::Reader;
use crate::notice;
use crate::queue::completions::Completions;
use crate::queue::core::Core;
use crate::queue::error::QueueError;
use crate::queue::options::{Receive, Send};

/// How many completions are moved at a time.
const BATCH: usize = 512;

/// See the module.
pub(super) struct Pump {
    pub(super) core: Core,
    shared: Arc<Shared>,
    posts: Reader<Post>,
    batch: Completions,
    /// By key of the backend's table.
    attached: Vec<Option<Arc<Side>>>,
    /// By place in the books: the key of the backend's table.
    keys: Vec<Option<u32>>,
    /// Keys with few receives left.
    low: Turns,
    /// By place in the books: whose sends did not fit into their sockets, and who may have more now.
    blocked: Turns,
    pub(super) stopping: bool,
}

impl Pump {
    pub(super) fn new(core: Core, shared: Arc<Shared>, posts: Reader<Post>) -> Pump {
        Pump {
            core,
            shared,
            posts,
            batch: Completions::with_capacity(BATCH),
            attached: Vec::new(),
            keys: Vec::new(),
            low: Turns::default(),
            blocked: Turns::default(),
            stopping: false,
        }
    }

    /// Does what it was woken for; `false` when it is to end.
    fn attend(&mut self) -> bool {
        if self.shared.signals.take_woken() {
            self.shared.commands.take().into_iter().for_each(|command| command(self));
            while let Some(id) = self.shared.full.next() {
                self.blocked.add(id);
            }
            self.send_blocked();
        }
        !self.stopping
    }

    /// It is over: nobody is answered any more, and what was posted last goes back to its pool.
    pub(super) fn end(mut self) {
        self.shared.commands.close();
        while self.posts.pop().is_some() {}
    }

    /// Moves one batch, and goes on with sends that wait; returns how many completions there were.
    fn step(&mut self) -> usize {
        let count = self.shift();
        if !self.blocked.is_empty() {
            self.send_blocked();
        }
        count
    }

    /// Moves one batch of completions.
    fn shift(&mut self) -> usize {
        let count = self.core.dequeue(&mut self.batch);
        if count > 0 {
            self.hand_over();
        }
        count
    }

    /// Puts the completions of the batch into the queue of the port's threads.
    fn hand_over(&mut self) {
        let entries = self.batch.entries_mut();
        let mut last = None;
        for completion in entries.iter_mut() {
            let key = completion.key;
            if last.is_none_or(|(of, _)| of != key) {
                let side = self.attached.get(key as usize).and_then(Option::as_ref);
                last = Some((key, side.map_or(u32::MAX, |side| side.id)));
                let low = is_low(&self.core.table, key);
                side.iter().for_each(|side| side.low.store(low, Ordering::Relaxed));
                if low {
                    self.low.add(key);
                }
            }
            completion.key = last.map_or(u32::MAX, |(_, id)| id);
            if !completion.operation.is_inward() && completion.key != u32::MAX {
                // There may be room for more of its sends, or nothing left to wait for.
                self.blocked.add(completion.key);
            }
        }
        self.shared.complete(entries);
    }

    /// Takes up receives that were posted.
    pub(super) fn take_posts(&mut self) {
        while let Some(post) = self.posts.pop() {
            let Post { id, options, token, into } = post;
            let key = self.keys.get(id as usize).copied().flatten();
            let operation = if let Into::Nothing = into { Operation::Accept } else { Operation::Receive };
            let kept = match (key, into) {
                (Some(key), Into::Slice(buffer)) => {
                    let posted = self.core.post_receive(key, buffer, options, token);
                    posted.map_err(|refused| Payload::Unique(refused.buffer))
                }
                (Some(key), Into::Chain(chain)) => {
                    let posted = self.core.post_receive(key, chain, options, token);
                    posted.map_err(|refused| Payload::ChainMut(refused.buffer))
                }
                (Some(key), Into::Pooled(pool)) => {
                    self.core.post_bare(key, Some(&pool), options, token).map_err(|_| Payload::None)
                }
                (Some(key), Into::Nothing) => {
                    self.core.post_bare(key, None, options, token).map_err(|_| Payload::None)
                }
                (Some(key), Into::Pool(pool)) => {
                    self.core.post_from_pool(key, &pool, options, token).map_err(|_| Payload::None)
                }
                (None, Into::Slice(buffer)) => Err(Payload::Unique(buffer)),
                (None, Into::Chain(chain)) => Err(Payload::ChainMut(chain)),
                (None, Into::Pool(_) | Into::Pooled(_) | Into::Nothing) => Err(Payload::None),
            };
            if let Err(payload) = kept {
                self.abort(id, operation, payload, options, token);
            }
        }
    }

    /// A receive was accepted, and then the backend would not have it: it completes, as each must.
    #[cold]
    fn abort(&mut self, id: u32, operation: Operation, payload: Payload, options: Receive, token: u64) {
        let side = self.shared.books().sides.get(id as usize).cloned().flatten();
        self.shared.complete(&mut vec![Completion {
            payload,
            token,
            socket_context: side.map_or(0, |side| side.context),
            bytes: 0,
            key: id,
            error: 0,
            outcome: Outcome::Aborted,
            operation,
            notifies: !options.silent,
        }]);
    }

    /// Before a rest: wishes to hear of receives where few are left; `false` when some were posted already.
    fn wish_for_posts(&mut self) -> bool {
        // Of a thousand that are low one is enough to know; so only those before it are looked at.
        while let Some(key) = self.low.first().filter(|key| !is_low(&self.core.table, *key)) {
            self.low.next();
            let side = self.attached.get(key as usize).and_then(Option::as_ref);
            side.iter().for_each(|side| side.low.store(false, Ordering::Relaxed));
        }
        let posts = &self.posts;
        self.low.is_empty() || self.shared.wants_posts.state(|| posts.has_more())
    }

    /// After a rest: tells what was counted; `false` when the backend failed for good.
    fn report(&mut self, rested: io::Result<()>) -> bool {
        let shared = &self.shared;
        shared.system_calls.store(self.core.backend.system_calls(), Ordering::Relaxed);
        shared.gathered.store(self.core.gathered, Ordering::Relaxed);
        let fault = self.core.backend.fault();
        let Some(fault) =
            fault.or_else(|| rested.err().map(|error| error.raw_os_error().unwrap_or(errno::EIO)))
        else {
            return true;
        };
        shared.fault.store(fault, Ordering::Release);
        let error = io::Error::from_raw_os_error(fault);
        notice::say(&format!("a completion queue on a port failed, and completes nothing any more: {error}"));
        // Whoever drains it finds out by a packet.
        shared.owed.store(true, Ordering::Release);
        shared.fire();
        false
    }

    /// Attaches a request queue.
    pub(super) fn attach(&mut self, side: &Arc<Side>, attachment: Attachment) -> Result<(), QueueError> {
        let places = attachment.places();
        self.core.reserve_for(&attachment)?;
        let receives = attachment.receive.is_some();
        let key = self.core.attach(attachment).inspect_err(|_| self.core.unreserve(places))?;
        let index = key as usize;
        if self.attached.len() <= index {
            self.attached.resize(index + 1, None);
        }
        if let Some(place) = self.attached.get_mut(index) {
            *place = Some(Arc::clone(side));
        }
        let id = side.id as usize;
        if self.keys.len() <= id {
            self.keys.resize(id + 1, None);
            // All of them may be full at a time, and none of them allocates for it.
            self.blocked.make_room(id + 1);
        }
        if let Some(place) = self.keys.get_mut(id) {
            *place = Some(key);
        }
        if receives {
            self.low.add(key);
        }
        Ok(())
    }

    /// Makes room for the limits of one side of a request queue. It holds no more than they say, for they are
    /// checked where a request is posted; so the backend's own never shrink.
    pub(super) fn grow(
        &mut self,
        side: &Side,
        operation: Operation,
        limit: u32,
        buffers: u32,
    ) -> Result<(), QueueError> {
        let key = self.key_of(side).ok_or(QueueError::Closed)?;
        let attachment = self.core.table.get(key).ok_or(QueueError::Closed)?;
        let (had, most) = match operation.is_inward() {
            true => attachment.receive.as_ref().map(|side| (side.limit, side.buffers)),
            false => attachment.send.as_ref().map(|side| (side.limit, side.buffers)),
        }
        .unwrap_or_default();
        self.core.reserve(limit.saturating_sub(had) as usize)?;
        self.core.set_limit(key, operation, limit.max(had), buffers.max(most));
        Ok(())
    }

    /// Cancels what is outstanding of a request queue, for good with `close`.
    pub(super) fn cancel(&mut self, side: &Side, close: bool) {
        self.take_posts();
        let id = side.id as usize;
        let Some(key) = self.keys.get(id).copied().flatten() else { return };
        if close {
            self.core.detach(key);
            self.low.remove(key);
            if let Some(place) = self.keys.get_mut(id) {
                *place = None;
            }
        } else {
            self.core.cancel_and_go_on(key);
        }
        // At once, so that what was cancelled is in the queue when the caller goes on. No send goes on meanwhile:
        // those that wait behind the pump's are older than none of them, and are cancelled next.
        while self.shift() > 0 {}
        self.blocked.remove(side.id);
        if let Some(outbox) = side.outbox.as_ref() {
            outbox.abort(&self.shared, side.id, close);
        }
        // What the kernel has still completes later, for this one.
        let is_over = self.core.table.get(key).is_none();
        if close
            && is_over
            && let Some(place) = self.attached.get_mut(key as usize)
        {
            *place = None;
        }
    }

    /// What was counted of all request queues.
    pub(super) fn counters(&self) -> RequestCounters {
        let mut sum = RequestCounters::default();
        let attachments = self.keys.iter().flatten().filter_map(|key| self.core.table.get(*key));
        attachments.for_each(|attachment| sum += attachment.counters);
        sum
    }

    /// The key of a request queue in the backend's table.
    pub(super) fn key_of(&self, side: &Side) -> Option<u32> {
        self.keys.get(side.id as usize).copied().flatten()
    }

    /// Takes over what has to wait for room, of those whose turn it is. Each gets another turn when some of its sends
    /// have left, or when more is posted: so what waits costs nothing.
    fn send_blocked(&mut self) {
        for _ in 0..self.blocked.len() {
            let Some(id) = self.blocked.next() else { return };
            let Some(key) = self.keys.get(id as usize).copied().flatten() else { continue };
            let side = self.attached.get(key as usize).and_then(Option::as_ref);
            let Some(outbox) = side.and_then(|side| side.outbox.as_ref()) else { continue };
            let core = &mut self.core;
            let idle = core
                .table
                .get(key)
                .and_then(|attachment| attachment.send.as_ref())
                .is_none_or(|send| send.outstanding == 0);
            let handed = outbox.hand_over(&self.shared.batches, idle, |request, control, progress| {
                let SendRequest { peer: to, segment, notifies, .. } = request;
                let options = Send { to, control, segment, silent: !notifies, defer: true };
                core.accept_send(key, request.payload, request.what, options, request.token);
                core.go_on_from(key, progress);
            });
            if handed == Handed::Some {
                core.commit_in_order(key);
            }
        }
    }
}

/// Whether a receive side has few receives left.
fn is_low(table: &Table, key: u32) -> bool {
    let side = table.get(key).and_then(|attachment| attachment.receive.as_ref());
    side.is_some_and(|side| side.posted.len() * 4 < side.limit as usize)
}
