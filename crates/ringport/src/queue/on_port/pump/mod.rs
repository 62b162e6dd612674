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

mod posts;
mod sides;
mod thread;
#[cfg(windows)]
mod turns;

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::books::Side;
use super::outbox::Handed;
use super::post::Post;
use super::shared::Shared;
use crate::backend::Turns;
use crate::backend::contract::{SendRequest, Table};
use crate::backend::sys::errno;
use crate::memory::Reader;
use crate::notice;
use crate::queue::completions::Completions;
use crate::queue::core::Core;
use crate::queue::options::Send;

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
