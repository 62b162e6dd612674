//! Request queues come to the pump, get other limits, are cancelled, and go.
//!
//! ```text
//!   books      side 0   side 1   side 2
//!   keys       [ 4 ]    [   ]    [ 0 ]         by place in the books: its key in the table of the backend
//!   attached   [ side 2 | ... | side 0 ]       by that key: the side
//! ```

use std::sync::Arc;

use super::Pump;
use crate::backend::contract::{Attachment, Operation, RequestCounters};
use crate::queue::error::QueueError;
use crate::queue::on_port::books::Side;

impl Pump {
    /// Attaches a request queue.
    pub(in super::super) fn attach(
        &mut self,
        side: &Arc<Side>,
        attachment: Attachment,
    ) -> Result<(), QueueError> {
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
    pub(in super::super) fn grow(
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
    pub(in super::super) fn cancel(&mut self, side: &Side, close: bool) {
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
    pub(in super::super) fn counters(&self) -> RequestCounters {
        let mut sum = RequestCounters::default();
        let attachments = self.keys.iter().flatten().filter_map(|key| self.core.table.get(*key));
        attachments.for_each(|attachment| sum += attachment.counters);
        sum
    }

    /// The key of a request queue in the backend's table.
    pub(in super::super) fn key_of(&self, side: &Side) -> Option<u32> {
        self.keys.get(side.id as usize).copied().flatten()
    }
}
