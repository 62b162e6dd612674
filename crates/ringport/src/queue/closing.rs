//! Cancelling, closing, and giving places back.
//!
//! ```text
//!   cancel:  quiesce (the kernel lets go of the memory) ─► what is left completes as aborted
//!   detach:  cancel ─► the backend forgets the socket ─► closed, until its last completion is dequeued
//!   close:   cancel for every socket ─► completions are dropped, now and from now on
//!
//!   the kernel lets go only when the socket is closed:
//!   detach:  the socket is let go of ─► its other owners close it ─► what the kernel had completes ─► as above
//!   drop:    what it has still is kept for good, memory only
//! ```

use super::core::Core;
use super::taking::release;
use crate::backend::contract::{Attachment, Status, Table};
use crate::backend::sys::descriptor::AsRawFd;
use crate::notice;

/// Why memory is kept.
const STUCK: &str = "the kernel did not finish the requests of a socket that was closed; \
                     their memory is kept, on purpose, until the process ends";
/// Likewise.
const OPEN_STILL: &str = "the system ends requests when their socket is closed, and this one was open still when its \
                          completion queue ended: their memory is kept, on purpose, until the process ends; close \
                          sockets before their queues";

/// What became of all that the kernel had of an attachment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// It has nothing any more.
    Over,
    /// It has some, until the socket is closed.
    Lingers,
    /// It has some for good, which is kept.
    Lost,
}

impl Core {
    /// Ends everything in flight of `key`; its requests complete, aborted where they had not run.
    pub(super) fn cancel(&mut self, key: u32) -> Ended {
        self.collect();
        let result = self.backend.quiesce(key, &mut self.table, &mut self.scratch);
        self.ready.extend(self.scratch.drain(..));
        if result.is_ok() {
            self.abort(key);
            Ended::Over
        } else if self.backend.lingers(key) {
            Ended::Lingers
        } else {
            self.leak(key, STUCK);
            Ended::Lost
        }
    }

    /// Cancels like [`cancel`](Core::cancel); the socket then takes requests again. Where the kernel lets go of requests
    /// only when their socket is closed, these stay posted.
    pub(super) fn cancel_and_go_on(&mut self, key: u32) {
        match self.cancel(key) {
            Ended::Over => self.backend.resume(key),
            Ended::Lingers => {
                self.backend.resume(key);
                // What the kernel never had may have its turn now.
                self.mark_dirty(key);
            }
            Ended::Lost => {}
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
        self.abort_starved(key);
        let Some(attachment) = self.table.get_mut(key) else { return };
        while let Some((request, bytes)) = attachment.send.as_mut().and_then(|side| side.take_first()) {
            self.ready.push_back(attachment.sent(key, request, Status::Aborted, bytes));
        }
        if let Some(send) = attachment.send.as_mut() {
            send.deferred = 0;
            send.blocked = false;
        }
    }

    /// The same for receives that wait for their pool.
    fn abort_starved(&mut self, key: u32) {
        let Some(attachment) = self.table.get_mut(key) else { return };
        if attachment.receive.as_ref().is_some_and(|side| !side.starved.is_empty()) {
            self.starving.remove(key);
        }
        while let Some(wait) = attachment.receive.as_mut().and_then(|side| side.starved.pop_front()) {
            self.ready.push_back(attachment.never_posted(key, wait));
        }
    }

    /// The kernel did not let go of the memory of `key`: it is never freed. The socket is let go of all the same, and with
    /// it the address that it has.
    fn leak(&mut self, key: u32, why: &str) {
        // What the backend keeps under this key stays in use, too.
        let Some(attachment) = self.table.retire(key) else { return };
        self.leaked += u64::from(attachment.outstanding());
        self.attached.remove(&attachment.socket.as_raw_fd());
        let Attachment { socket, receive, send, .. } = attachment;
        std::mem::forget((receive, send));
        drop(socket);
        notice::say(why);
    }

    /// Closes an attachment for its owner. Its places come back with its last dequeued completion.
    pub(super) fn detach(&mut self, key: u32) {
        let ended = self.cancel(key);
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
        self.attached.remove(&attachment.socket.as_raw_fd());
        match ended {
            Ended::Over => {
                self.backend.detach(key, attachment);
                self.lingering.retain(|lingering| *lingering != key);
            }
            Ended::Lingers | Ended::Lost => {
                attachment.let_go();
                self.abort_starved(key);
                self.linger(key);
            }
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
            if self.table.get(key).is_none() {
                continue;
            }
            match self.cancel(key) {
                Ended::Over if self.lingering.contains(&key) => self.part_from(key),
                // Its owner may close its socket still.
                Ended::Lingers => self.linger(key),
                // What could not be ended was leaked, and that was said.
                Ended::Over | Ended::Lost => {}
            }
        }
        self.drop_completions();
    }

    fn linger(&mut self, key: u32) {
        if !self.lingering.contains(&key) {
            self.lingering.push(key);
        }
    }

    /// Forgets attachments that have lingered, and of which the kernel has nothing any more.
    #[inline]
    pub(super) fn part(&mut self) {
        if !self.lingering.is_empty() {
            while let Some(key) = self.backend.settled() {
                self.part_from(key);
            }
        }
    }

    fn part_from(&mut self, key: u32) {
        self.lingering.retain(|lingering| *lingering != key);
        let Some(attachment) = self.table.get_mut(key) else { return };
        self.backend.detach(key, attachment);
        forget_if_done(&mut self.table, &mut self.reserved, key);
    }

    /// Nobody comes back: what the kernel has of sockets that are closed ends, and the rest is kept for good.
    fn end(&mut self) {
        let lingering = std::mem::take(&mut self.lingering);
        for key in &lingering {
            if let Some(attachment) = self.table.get_mut(*key) {
                attachment.let_go();
            }
        }
        for key in lingering {
            match self.cancel(key) {
                Ended::Over => self.part_from(key),
                Ended::Lingers => self.leak(key, OPEN_STILL),
                Ended::Lost => {}
            }
        }
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
        self.end();
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
