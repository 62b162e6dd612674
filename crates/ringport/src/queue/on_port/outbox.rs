//! Sends from any thread, straight to the socket.
//!
//! ```text
//!   thread A ──► ┐            A has the role, and sends what is in the inbox
//!   thread B ──► ├─ inbox ─►  B leaves; A goes on with what B has put there
//!   thread C ──► ┘
//! ```
//!
//! So nobody waits for the system call of another, each send leaves in the order of posting, and no wake-up is
//! lost. When the socket is full, what is left goes to the pump, which can wait; until it is done, later sends
//! line up in the inbox behind it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::batches::Batches;
use super::inbox::{Collector, Inbox};
use super::shared::Shared;
use crate::backend::contract::{
    Attachment, Completion, Progress, RequestCounters, SendRequest, SendSide, Status,
};
use crate::backend::stream;
use crate::backend::sys::descriptor::AsFd;
use crate::backend::{Flushed, Grouping};
use crate::net::{ControlBuffer, SocketHandle};

/// What was posted.
#[derive(Debug)]
pub(super) struct Posted {
    pub(super) request: SendRequest,
    /// Copied by whoever posted: the send side keeps it beside the request.
    pub(super) control: Option<ControlBuffer>,
    pub(super) defer: bool,
}

/// See the module.
pub(super) struct Outbox {
    inbox: Inbox<Posted>,
    /// `None` once it is closed: the socket is not kept for completions that nobody has dequeued yet.
    role: Mutex<Option<Role>>,
}

/// What a look of the pump at an outbox found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Handed {
    /// There was something, which the pump has now.
    Some,
    /// There was nothing, but the pump is not done with what it has.
    Nothing,
    /// There was nothing and nothing is left: threads send for themselves again.
    Back,
}

/// What only the sender of the moment touches.
struct Role {
    collector: Collector<Posted>,
    attachment: Attachment,
    completions: Vec<Completion>,
    /// The pump has what did not fit, and sends until it is done.
    with_pump: bool,
    system_calls: u64,
}

impl Outbox {
    pub(super) fn new(socket: &SocketHandle, context: u64, limit: u32, buffers: u32) -> Outbox {
        let (inbox, collector) = Inbox::new(limit as usize);
        let side = SendSide::new(socket, limit, buffers);
        let attachment = Attachment::new(socket.clone(), context, None, Some(side));
        let role = Role {
            collector,
            attachment,
            completions: Vec::with_capacity(if socket.is_datagram() { limit as usize } else { 1 }),
            with_pump: false,
            system_calls: 0,
        };
        Outbox { inbox, role: Mutex::new(Some(role)) }
    }

    /// Queues a send that was charged, and sends what is due, unless another thread is at it: then that one goes on
    /// with it.
    pub(super) fn post(&self, posted: Posted, shared: &Shared, id: u32) {
        let posted = self.inbox.post(posted, || self.work(shared, id));
        debug_assert!(posted, "a charged send has its place");
    }

    /// Sends what was deferred so far.
    pub(super) fn commit(&self, shared: &Shared, id: u32) {
        self.inbox.commit(|| self.work(shared, id));
    }

    fn work(&self, shared: &Shared, id: u32) {
        let left = self.role().as_mut().is_some_and(|role| {
            role.collect(&self.inbox, &shared.batches);
            role.send(shared, id)
        });
        // Once the role is free: whoever wakes the pump may have to work for it, and the pump takes the role.
        if left {
            shared.full.note(id);
            shared.wake_pump();
        }
    }

    fn role(&self) -> MutexGuard<'_, Option<Role>> {
        self.role.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// For the pump: takes what is due, in order. `idle`: the pump has sent all that it was handed before.
    pub(super) fn hand_over(
        &self,
        batches: &Batches,
        idle: bool,
        mut take: impl FnMut(SendRequest, Option<&ControlBuffer>, Progress),
    ) -> Handed {
        let mut role = self.role();
        let Some(role) = role.as_mut() else { return Handed::Back };
        role.collect(&self.inbox, batches);
        let mut handed = if idle { Handed::Back } else { Handed::Nothing };
        while let Some((request, control, progress)) = role.pop_due() {
            handed = Handed::Some;
            take(request, control.as_ref(), progress);
        }
        // Under the same lock: whoever posts from now on finds that it sends for itself.
        role.with_pump = handed != Handed::Back;
        handed
    }

    /// Completes what has not left as aborted, after the pump has done so with what it had. With `close` the socket
    /// is let go.
    pub(super) fn abort(&self, shared: &Shared, id: u32, close: bool) {
        let mut place = self.role();
        let Some(role) = place.as_mut() else { return };
        role.collect(&self.inbox, &shared.batches);
        role.with_pump = false;
        let Role { attachment, completions, .. } = role;
        while let Some((request, sent)) = attachment.send.as_mut().and_then(SendSide::take_first) {
            let aborted = attachment.sent(id, request, Status::Aborted, sent);
            completions.push(aborted);
        }
        if let Some(side) = attachment.send.as_mut() {
            side.deferred = 0;
        }
        shared.complete(completions);
        if close {
            *place = None;
        }
    }

    /// Adds what was counted here.
    pub(super) fn count(&self, sum: &mut RequestCounters) {
        if let Some(role) = self.role().as_ref() {
            *sum += role.attachment.counters;
        }
    }

    /// System calls made for sends.
    pub(super) fn system_calls(&self) -> u64 {
        self.role().as_ref().map_or(0, |role| role.system_calls)
    }

    /// How many sends it can hold.
    pub(super) fn capacity(&self) -> usize {
        self.inbox.capacity()
    }

    /// Makes room for other limits.
    pub(super) fn resize(&self, limit: u32, buffers: u32) {
        let mut role = self.role();
        let Some(role) = role.as_mut() else { return };
        role.completions.reserve(limit as usize);
        if let Some(side) = role.attachment.send.as_mut() {
            side.posted.grow_to(limit as usize);
            (side.limit, side.buffers) = (limit, buffers);
        }
    }
}

impl Role {
    /// Takes what was posted out of the inbox, and groups what is no longer deferred.
    fn collect(&mut self, inbox: &Inbox<Posted>, batches: &Batches) {
        let Role { collector, attachment, .. } = self;
        let Some(side) = attachment.send.as_mut() else { return };
        let mut deferred = side.deferred;
        collector.collect(inbox, &mut deferred, |Posted { mut request, control, defer }| {
            if !defer {
                release(side, 0, batches);
            }
            request.control = control.map(|control| side.controls.keep(&control));
            side.posted.push_back(request);
            side.deferred += usize::from(defer);
            defer
        });
        release(side, deferred, batches);
    }

    /// Sends what is due, as far as the socket takes it; whether something is left for the pump.
    fn send(&mut self, shared: &Shared, id: u32) -> bool {
        let side = self.attachment.send.as_ref();
        if side.is_none_or(|side| side.posted.len() <= side.deferred) {
            return false;
        }
        if self.with_pump {
            return true;
        }
        let socket = self.attachment.socket.clone();
        let (attachment, out, calls) = (&mut self.attachment, &mut self.completions, &mut self.system_calls);
        let flushed = if socket.is_stream() {
            stream::flush(socket.as_fd(), id, attachment, out, usize::MAX, calls)
        } else {
            let mut room = shared.batches.take();
            let flushed = room.sends.flush(socket.as_fd(), id, attachment, out, usize::MAX, calls);
            shared.batches.put(room);
            flushed
        };
        shared.complete(out);
        self.with_pump = flushed == Flushed::Blocked;
        self.with_pump
    }

    fn pop_due(&mut self) -> Option<(SendRequest, Option<ControlBuffer>, Progress)> {
        let side = self.attachment.send.as_mut()?;
        if side.posted.len() <= side.deferred {
            return None;
        }
        let mut request = side.posted.pop_front()?;
        let control = request.control.take().and_then(|index| {
            let control = side.controls.get(index).cloned();
            side.controls.release(index);
            control
        });
        Some((request, control, std::mem::take(&mut side.progress)))
    }
}

/// Makes what was deferred due, but for the last `still` sends, grouped if that may be of use.
#[inline]
fn release(side: &mut SendSide, still: usize, batches: &Batches) {
    if !Grouping::may_help(side, still) {
        side.deferred = still;
        return;
    }
    let mut room = batches.take();
    room.grouping.release(side, still);
    batches.put(room);
}

impl std::fmt::Debug for Outbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outbox").finish_non_exhaustive()
    }
}
