//! Cancelling, closing, and giving places back.
//!
//! ```text
//!   cancel:  quiesce (the kernel lets go of the memory) ─► what is left completes as aborted
//!   detach:  cancel ─► the backend forgets the socket ─► closed, until its last completion is dequeued
//!   close:   cancel for every socket ─► completions are dropped, now and from now on
//! ```

use std::io;

use super::core::Core;
use super::taking::release;
use crate::backend::contract::{Attachment, Status, Table};
use crate::backend::sys::descriptor::AsRawFd;
use crate::notice;

impl Core {
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

    /// Completes what is posted as aborted, receives and sends in post order.
    fn abort(&mut self, key: u32) {
        let Some(attachment) = self.table.get_mut(key) else { return };
        while let Some(taken) = attachment.receive.as_mut().and_then(|side| side.take_first()) {
            let bytes = taken.bytes;
            self.ready.push_back(attachment.received(key, taken, Status::Aborted, bytes));
        }
        if attachment.receive.as_ref().is_some_and(|side| !side.starved.is_empty()) {
            self.starving.remove(key);
        }
        while let Some(wait) = attachment.receive.as_mut().and_then(|side| side.starved.pop_front()) {
            self.ready.push_back(attachment.never_posted(key, wait));
        }
        while let Some((request, bytes)) = attachment.send.as_mut().and_then(|side| side.take_first()) {
            self.ready.push_back(attachment.sent(key, request, Status::Aborted, bytes));
        }
        if let Some(send) = attachment.send.as_mut() {
            send.deferred = 0;
            send.blocked = false;
        }
    }

    /// The kernel did not let go of the memory of `key`: it is never freed.
    fn leak(&mut self, key: u32) {
        // What the backend keeps under this key stays in use, too.
        let Some(attachment) = self.table.retire(key) else { return };
        self.leaked += u64::from(attachment.outstanding());
        std::mem::forget(attachment);
        notice::say(
            "the kernel did not finish the requests of a socket that was closed; \
             their memory is kept, on purpose, until the process ends",
        );
    }

    /// Closes an attachment for its owner. Its places come back with its last dequeued completion.
    pub(super) fn detach(&mut self, key: u32) {
        let cancelled = self.cancel(key);
        self.committers.retain(|(owner, flag)| {
            if *owner == key {
                flag.close();
            }
            *owner != key
        });
        self.dirty.retain(|owner| *owner != key);
        let Some(attachment) = self.table.get_mut(key) else { return };
        attachment.dirty = false;
        attachment.closed = true;
        if cancelled.is_ok() {
            self.backend.detach(key, attachment);
            self.attached.remove(&attachment.socket.as_raw_fd());
        }
        if self.closed {
            self.drop_completions();
        }
        forget_if_done(&mut self.table, &mut self.reserved, key);
        self.tell_if_notifiable();
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
}

impl Drop for Core {
    fn drop(&mut self) {
        self.close();
    }
}

/// Removes a closed attachment whose completions are all gone, with its reserve.
pub(super) fn forget_if_done(table: &mut Table, reserved: &mut usize, key: u32) {
    let done = |attachment: &Attachment| attachment.closed && attachment.outstanding() == 0;
    if table.get(key).is_some_and(done)
        && let Some(attachment) = table.remove(key)
    {
        *reserved = reserved.saturating_sub(attachment.places());
    }
}

#[cfg(test)]
mod tests;
