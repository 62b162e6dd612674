//! Accepting requests, and what other threads asked for.

use std::sync::Arc;

use super::core::Core;
use super::error::PostError;
use super::options::{Receive, Send};
use super::signals::{COMMIT, REPLENISHED, Signals};
use crate::backend::contract::{Payload, PoolWait, ReceivePayload, ReceiveRequest, SendRequest};
use crate::memory::{BufferPool, Replenished, Use};

impl Core {
    /// Keeps a receive that was admitted.
    #[inline]
    pub(super) fn accept_receive(&mut self, key: u32, payload: ReceivePayload, options: Receive, token: u64) {
        self.charge_receive(key);
        self.enqueue_receive(key, payload, options, token);
    }

    fn charge_receive(&mut self, key: u32) {
        if let Some(side) = self.table.get_mut(key).and_then(|attachment| attachment.receive.as_mut()) {
            side.outstanding += 1;
        }
    }

    #[inline]
    fn enqueue_receive(&mut self, key: u32, payload: ReceivePayload, options: Receive, token: u64) {
        let Some(side) = self.table.get_mut(key).and_then(|attachment| attachment.receive.as_mut()) else {
            return;
        };
        payload.mark_receiving();
        side.addresses |= options.addresses;
        side.vectored |= payload.needs_vectors(options.addresses);
        side.posted.push_back(ReceiveRequest {
            payload,
            token,
            addresses: options.addresses,
            notifies: !options.silent,
        });
        self.mark_dirty(key);
    }

    /// Whether a receive of so many slices may be posted.
    #[inline]
    pub(super) fn admit_receive(&self, key: u32, slices: usize, options: Receive) -> Result<(), PostError> {
        if options.wait_all {
            return Err(PostError::NotSupported("WAITALL (streams only)"));
        }
        if self.closed {
            return Err(PostError::Closed);
        }
        let attachment = self.table.get(key).ok_or(PostError::Closed)?;
        let side = attachment.receive.as_ref().ok_or(PostError::NoDirection("receives"))?;
        if slices == 0 || slices > side.buffers as usize {
            return Err(PostError::SliceCount {
                what: "receive_buffers",
                given: slices,
                allowed: side.buffers,
            });
        }
        if side.outstanding >= side.limit {
            return Err(PostError::LimitReached { what: "receives", limit: side.limit });
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
        self.admit_receive(key, 1, options)?;
        if !self.starved.contains(&key)
            && let Ok(buffer) = pool.take()
        {
            self.accept_receive(key, ReceivePayload::One(buffer), options, token);
            return Ok(());
        }
        self.watch_wake().map_err(|_| PostError::NotSupported("waiting for a pool"))?;
        self.charge_receive(key);
        if let Some(side) = self.table.get_mut(key).and_then(|attachment| attachment.receive.as_mut()) {
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
            let options = Receive { addresses: wait.addresses, silent: !wait.notifies, wait_all: false };
            self.enqueue_receive(key, ReceivePayload::One(buffer), options, wait.token);
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
