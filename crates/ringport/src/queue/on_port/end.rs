//! One end of a request queue: a completion queue, and the socket's place there.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::books::Side;
use super::outbox::Outbox;
use super::post::{Into, Post};
use super::quota::Quota;
use super::shared::Shared;
use crate::backend::contract::{Attachment, Partner, ReceiveSide, RequestCounters, SendSide};
use crate::memory::BufferMut;
use crate::net::SocketHandle;
use crate::queue::error::{PostError, QueueError};
use crate::queue::limits::Limits;
use crate::queue::options::Receive;

/// See the module.
#[derive(Clone)]
pub(super) struct End {
    pub(super) shared: Arc<Shared>,
    pub(super) side: Arc<Side>,
}

impl End {
    pub(super) fn attach(
        shared: &Arc<Shared>,
        socket: &SocketHandle,
        limits: Limits,
        context: u64,
        partner: Option<Partner>,
    ) -> Result<End, QueueError> {
        let Limits { receives, receive_buffers, sends, send_buffers } = limits;
        let places = receives as usize + sends as usize;
        if sends > 0 && socket.is_datagram() {
            shared.batches.begin();
        }
        let side = shared.enter(places, |id| Side {
            id,
            context,
            receive: Quota::new(receives, receive_buffers),
            send: Quota::new(sends, send_buffers),
            outbox: (sends > 0).then(|| Outbox::new(socket, context, sends, send_buffers)),
            low: AtomicBool::new(true),
            closed: AtomicBool::new(false),
        })?;
        let inward = (receives > 0).then(|| ReceiveSide::new(socket, receives, receive_buffers));
        let outward = (sends > 0).then(|| SendSide::new(socket, sends, send_buffers));
        let attachment = Attachment::new(socket.clone(), context, inward, outward);
        let entered = Arc::clone(&side);
        let attached = shared.ask(move |pump| {
            pump.core.backend.pair(partner);
            let attached = pump.attach(&entered, attachment);
            pump.core.backend.pair(None);
            attached
        });
        match attached.unwrap_or(Err(QueueError::Closed)) {
            Ok(()) => Ok(End { shared: Arc::clone(shared), side }),
            Err(error) => {
                shared.forget(&side);
                Err(error)
            }
        }
    }

    #[inline]
    pub(super) fn admit(
        &self,
        quota: &Quota,
        slices: usize,
        what: &'static str,
        buffers: &'static str,
    ) -> Result<(), PostError> {
        if self.shared.closed.load(Ordering::Acquire) {
            return Err(PostError::Closed);
        }
        let allowed = quota.buffers();
        if slices == 0 || slices > allowed as usize {
            return Err(PostError::SliceCount { what: buffers, given: slices, allowed });
        }
        if quota.charge() { Ok(()) } else { Err(PostError::LimitReached { what, limit: quota.limit() }) }
    }

    /// Whether the pump can still receive. Sends do without it.
    #[inline]
    pub(super) fn check_pump(&self) -> Result<(), PostError> {
        match self.shared.fault.load(Ordering::Acquire) {
            0 => Ok(()),
            error => Err(PostError::Failed(error)),
        }
    }

    /// Hands a charged receive to the pump.
    #[inline]
    pub(super) fn post(&self, into: Into, options: Receive, token: u64) {
        let shared = &self.shared;
        let pushed = shared.posts.push(Post { id: self.side.id, options, token, into });
        debug_assert!(pushed.is_ok(), "a charged receive has its place");
        if shared.wants_posts.take(|| self.side.low.load(Ordering::Relaxed)) {
            shared.wake_pump();
        }
    }

    /// The same for several.
    #[inline]
    pub(super) fn post_all(&self, buffers: &mut Vec<BufferMut>, options: Receive, token: u64) {
        let shared = &self.shared;
        let id = self.side.id;
        let post = |buffer| Post { id, options, token, into: Into::Slice(buffer) };
        let pushed = shared.posts.push_each(buffers, post);
        debug_assert!(pushed, "charged receives have their places");
        if shared.wants_posts.take(|| self.side.low.load(Ordering::Relaxed)) {
            shared.wake_pump();
        }
    }

    pub(super) fn cancel(&self, close: bool) {
        let side = Arc::clone(&self.side);
        let _ = self.shared.ask(move |pump| pump.cancel(&side, close));
        // The pump has done so, unless it has ended.
        if let Some(outbox) = self.side.outbox.as_ref() {
            outbox.abort(&self.shared, self.side.id, close);
        }
    }

    pub(super) fn detach(&self) {
        self.side.closed.store(true, Ordering::Release);
        self.cancel(true);
        if self.side.is_done() {
            self.shared.forget(&self.side);
        }
    }

    pub(super) fn starved(&self) -> Option<u32> {
        self.shared.survey();
        let side = Arc::clone(&self.side);
        self.shared.ask(move |pump| {
            let attachment = pump.core.table.get(pump.key_of(&side)?)?;
            Some(attachment.receive.as_ref()?.starved.len() as u32)
        })?
    }

    pub(super) fn count(&self, sum: &mut RequestCounters) {
        self.shared.survey();
        let side = Arc::clone(&self.side);
        let counted = self.shared.ask(move |pump| {
            let key = pump.key_of(&side)?;
            Some(pump.core.table.get(key)?.counters)
        });
        *sum += counted.flatten().unwrap_or_default();
        if let Some(outbox) = self.side.outbox.as_ref() {
            outbox.count(sum);
        }
    }
}
