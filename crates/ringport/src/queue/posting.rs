//! Accepting requests, and what other threads asked for.

use std::sync::Arc;

use super::buffers::ReceiveBuffer;
use super::core::Core;
use super::error::{PostError, Refused};
use super::options::{Receive, Send};
use super::signals::{COMMIT, REPLENISHED, Signals};
use crate::backend::contract::{Attachment, Payload, PoolWait, SendRequest, Table};
use crate::memory::{BufferPool, Replenished, Use};

impl Core {
    /// Accepts a receive, or hands its buffer back. One look-up and a few comparisons, since this is done
    /// for every datagram.
    #[inline]
    pub(super) fn post_receive<B: ReceiveBuffer>(
        &mut self,
        key: u32,
        buffer: B,
        options: Receive,
        token: u64,
    ) -> Result<(), Refused<B>> {
        let Core { table, dirty, closed, .. } = self;
        let side = match admit(table, *closed, key, buffer.slices(), options) {
            Ok(attachment) => {
                if !attachment.dirty {
                    attachment.dirty = true;
                    dirty.push(key);
                }
                attachment.receive.as_mut()
            }
            Err(error) => return Err(Refused { buffer, error }),
        };
        if let Some(side) = side {
            side.outstanding += 1;
            buffer.post(side, options, token);
        }
        Ok(())
    }

    /// Accepts a receive whose slice comes from `pool`, now or as soon as one is returned to it.
    pub(super) fn post_from_pool(
        &mut self,
        key: u32,
        pool: &BufferPool,
        options: Receive,
        token: u64,
    ) -> Result<(), PostError> {
        admit(&mut self.table, self.closed, key, 1, options)?;
        if !self.starved.contains(&key)
            && let Ok(buffer) = pool.take()
        {
            return self.post_receive(key, buffer, options, token).map_err(|refused| refused.error);
        }
        self.watch_wake().map_err(|_| PostError::NotSupported("waiting for a pool"))?;
        if let Some(side) = self.table.get_mut(key).and_then(|attachment| attachment.receive.as_mut()) {
            side.outstanding += 1;
            side.starved.push_back(PoolWait {
                pool: pool.clone(),
                token,
                addresses: options.addresses,
                notifies: !options.silent,
            });
        }
        if !self.starved.contains(&key) {
            self.starved.push(key);
        }
        self.feed_starved();
        Ok(())
    }

    /// Posts receives that waited for a slice, as far as their pools have some again.
    fn feed_starved(&mut self) {
        let mut index = 0;
        while let Some(&key) = self.starved.get(index) {
            if self.feed(key) {
                self.starved.swap_remove(index);
            } else {
                index += 1;
            }
        }
    }

    /// True when nothing of `key` waits any more.
    fn feed(&mut self, key: u32) -> bool {
        let signals: Arc<dyn Replenished> = Arc::<Signals>::clone(&self.signals);
        loop {
            let Some(side) = self.table.get_mut(key).and_then(|attachment| attachment.receive.as_mut())
            else {
                return true;
            };
            let Some(wait) = side.starved.front() else { return true };
            let buffer = match wait.pool.take() {
                Ok(buffer) => buffer,
                Err(_) if wait.pool.announce_waiting(&signals) => return false,
                // A slice came back in between.
                Err(_) => continue,
            };
            let Some(wait) = side.starved.pop_front() else { return true };
            side.push(buffer, wait.token, wait.addresses, wait.notifies);
            self.mark_dirty(key);
        }
    }

    /// Keeps a send that was admitted. A plain one puts everything deferred before it on the wire, too.
    pub(super) fn accept_send(&mut self, key: u32, payload: Payload, options: Send<'_>, token: u64) {
        let Some(side) = self.table.get_mut(key).and_then(|attachment| attachment.send.as_mut()) else {
            return;
        };
        payload.mark(Use::Sending);
        let control = options.control.filter(|control| !control.is_empty());
        let control = control.map(|control| side.controls.keep(control));
        side.outstanding += 1;
        side.posted.push_back(SendRequest {
            payload,
            token,
            peer: options.to,
            control,
            notifies: !options.silent,
            retried: false,
        });
        if options.defer {
            side.deferred += 1;
        } else {
            self.commit(key);
        }
    }

    /// Whether a send of so many slices may be posted.
    pub(super) fn admit_send(&self, key: u32, slices: usize) -> Result<(), PostError> {
        if self.closed {
            return Err(PostError::Closed);
        }
        let attachment = self.table.get(key).ok_or(PostError::Closed)?;
        let side = attachment.send.as_ref().ok_or(PostError::NoDirection("sends"))?;
        if slices == 0 || slices > side.buffers as usize {
            return Err(PostError::SliceCount { what: "send_buffers", given: slices, allowed: side.buffers });
        }
        if side.outstanding >= side.limit {
            return Err(PostError::LimitReached { what: "sends", limit: side.limit });
        }
        Ok(())
    }

    /// Makes everything posted on `key` due, and sends it.
    pub(super) fn commit(&mut self, key: u32) {
        if let Some(side) = self.table.get_mut(key).and_then(|attachment| attachment.send.as_mut()) {
            side.deferred = 0;
        }
        self.flush(key);
        self.tell_if_notifiable();
    }

    /// Does what other threads asked for.
    #[cold]
    pub(super) fn answer(&mut self, signals: u32) {
        if signals & COMMIT != 0 {
            for index in 0..self.committers.len() {
                let wanted = self.committers.get(index).and_then(|(key, flag)| flag.take().then_some(*key));
                if let Some(key) = wanted {
                    self.commit(key);
                }
            }
        }
        if signals & REPLENISHED != 0 {
            self.feed_starved();
        }
    }
}

/// The attachment that may take a receive of so many slices.
#[inline(always)]
fn admit(
    table: &mut Table,
    closed: bool,
    key: u32,
    slices: usize,
    options: Receive,
) -> Result<&mut Attachment, PostError> {
    let attachment = table.get_mut(key).filter(|_| !closed).ok_or(PostError::Closed)?;
    let (limit, buffers, outstanding) = match attachment.receive.as_ref() {
        Some(side) => (side.limit, side.buffers, side.outstanding),
        None => return Err(PostError::NoDirection("receives")),
    };
    if outstanding >= limit {
        return Err(PostError::LimitReached { what: "receives", limit });
    }
    if slices == 0 || slices > buffers as usize {
        return Err(PostError::SliceCount { what: "receive_buffers", given: slices, allowed: buffers });
    }
    if options.wait_all {
        return Err(PostError::NotSupported("WAITALL (streams only)"));
    }
    Ok(attachment)
}
