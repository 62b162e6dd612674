//! Accepting requests, and what other threads asked for.

use std::sync::Arc;

use super::buffers::ReceiveBuffer;
use super::core::Core;
use super::error::{PostError, Refused};
use super::options::{Receive, Send};
use super::signals::{COMMIT, REPLENISHED, Signals};
use crate::backend::contract::{
    Attachment, Outward, Payload, PoolWait, Progress, SendRequest, Source, Table,
};
use crate::backend::stream;
use crate::backend::sys::descriptor::AsFd;
use crate::memory::{Buffer, BufferPool, Replenished, Use};

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
            if options.wait_all {
                side.last_waits_for_all();
            }
        }
        Ok(())
    }

    /// Accepts a request that brings no memory: an accept, or a receive whose slice comes from `pool` when there are
    /// bytes for it.
    #[inline]
    pub(super) fn post_bare(
        &mut self,
        key: u32,
        pool: Option<&BufferPool>,
        options: Receive,
        token: u64,
    ) -> Result<(), PostError> {
        if pool.is_some() {
            self.watch_wake().map_err(|_| PostError::NotSupported("waiting for a pool"))?;
        }
        let Core { table, dirty, closed, .. } = self;
        let attachment = admit(table, *closed, key, 1, options)?;
        let Some(side) = attachment.receive.as_mut() else { return Ok(()) };
        if pool.is_some_and(|pool| !side.take_from(pool)) {
            return Err(PostError::NotSupported("a second pool while receives of the first are posted"));
        }
        if !attachment.dirty {
            attachment.dirty = true;
            dirty.push(key);
        }
        side.outstanding += 1;
        let source = if pool.is_some() { Source::Pool } else { Source::Nothing };
        side.push_bare(source, token, !options.silent);
        if options.wait_all {
            side.last_waits_for_all();
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
        let attachment = admit(&mut self.table, self.closed, key, 1, options)?;
        let waits = attachment.receive.as_ref().is_some_and(|side| !side.starved.is_empty());
        // Nobody is to take a slice for which others wait.
        if !waits
            && !self.starving.waits_for(pool)
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
        if !waits {
            self.starving.add(pool, key);
        }
        self.feed_starving();
        Ok(())
    }

    /// Posts receives that waited for a slice, as far as their pools have some again.
    fn feed_starving(&mut self) {
        let mut place = 0;
        while place < self.starving.pools() {
            if self.feed_from(place) {
                self.starving.forget(place);
            } else {
                place += 1;
            }
        }
    }

    /// Hands out the slices of one pool, each to the next socket that waits; true when none waits any more.
    fn feed_from(&mut self, place: usize) -> bool {
        let signals: Arc<dyn Replenished> = Arc::<Signals>::clone(&self.signals);
        while let Some((pool, key)) = self.starving.first(place) {
            let buffer = match pool.take() {
                Ok(buffer) => buffer,
                Err(_) if pool.announce_waiting(&signals) => return false,
                // A slice came back in between.
                Err(_) => continue,
            };
            self.starving.pass(place);
            let Some(side) = self.table.get_mut(key).and_then(|attachment| attachment.receive.as_mut())
            else {
                continue;
            };
            if let Some(wait) = side.starved.pop_front() {
                side.push(buffer, wait.token, wait.addresses, wait.notifies);
            }
            if let Some(next) = side.starved.front() {
                self.starving.add(&next.pool, key);
            }
            self.mark_dirty(key);
        }
        true
    }

    /// Keeps a send that was admitted. A plain one puts everything deferred before it on the wire, too.
    #[inline]
    pub(super) fn accept_send(
        &mut self,
        key: u32,
        payload: Payload,
        what: Outward,
        options: Send<'_>,
        token: u64,
    ) {
        let Some(side) = self.table.get_mut(key).and_then(|attachment| attachment.send.as_mut()) else {
            return;
        };
        payload.mark(Use::Sending);
        if !options.defer {
            self.grouping.release(side, 0);
        }
        let control = options.control.filter(|control| !control.is_empty());
        let control = control.map(|control| side.controls.keep(control));
        side.outstanding += 1;
        side.posted.push_back(SendRequest {
            payload,
            token,
            peer: options.to,
            control,
            segment: options.segment,
            notifies: !options.silent,
            what,
            retried: false,
        });
        if options.defer {
            side.deferred += 1;
        } else {
            self.send_due(key);
        }
    }

    /// The first of the sends, which another thread had begun, got so far.
    pub(super) fn go_on_from(&mut self, key: u32, progress: Progress) {
        if progress != Progress::default()
            && let Some(side) = self.table.get_mut(key).and_then(|attachment| attachment.send.as_mut())
        {
            side.progress = progress;
        }
    }

    /// Sends a slice of a stream at once, without a request where that is possible; otherwise posts it.
    #[inline]
    pub(super) fn send_at_once(
        &mut self,
        key: u32,
        buffer: Buffer,
        token: u64,
    ) -> Result<Option<Buffer>, Refused<Buffer>> {
        let Some(attachment) = self.table.get(key).filter(|_| !self.closed) else {
            return Err(Refused { buffer, error: PostError::Closed });
        };
        let is_free = attachment.send.as_ref().is_some_and(|side| side.posted.is_empty() && !side.blocked);
        let mut sent = 0;
        if is_free {
            // Why it took none is told by the request.
            sent = stream::send_slice(attachment.socket.as_fd(), &buffer).unwrap_or(0);
            self.backend.count_call();
            if sent == buffer.len() {
                return Ok(Some(buffer));
            }
        }
        if let Err(error) = self.admit_send(key, 1) {
            return Err(Refused { buffer, error });
        }
        // What has left is part of the request, whose completion tells all of it.
        self.accept_send(key, Payload::Shared(buffer), Outward::Data, Send::new().defer(), token);
        self.go_on_from(key, Progress { sent, connecting: false });
        self.commit(key);
        Ok(None)
    }

    /// Looks after streams that have bytes and no slice for them: they go on when a slice comes back. False when one
    /// has come back already.
    #[cold]
    pub(super) fn wait_for_pools(&mut self) -> bool {
        let signals: Arc<dyn Replenished> = Arc::<Signals>::clone(&self.signals);
        let table = &self.table;
        let pool_of = |key: &u32| table.get(*key)?.receive.as_ref()?.pool.as_ref();
        let waits = self.backend.dry().iter().filter_map(pool_of).all(|pool| pool.announce_waiting(&signals));
        if !waits {
            self.backend.replenished(&mut self.table);
        }
        waits
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

    /// Makes everything posted on `key` due, grouped by peer, and sends it.
    pub(super) fn commit(&mut self, key: u32) {
        if let Some(side) = self.table.get_mut(key).and_then(|attachment| attachment.send.as_mut()) {
            self.grouping.release(side, 0);
        }
        self.send_due(key);
    }

    /// Makes everything posted on `key` due as it is: its order was settled before.
    pub(super) fn commit_in_order(&mut self, key: u32) {
        if let Some(side) = self.table.get_mut(key).and_then(|attachment| attachment.send.as_mut()) {
            side.deferred = 0;
        }
        self.send_due(key);
    }

    fn send_due(&mut self, key: u32) {
        self.flush(key);
        self.tell_if_notifiable();
    }

    /// Does what other threads asked for.
    #[cold]
    pub(super) fn answer(&mut self, signals: u32) {
        if signals & COMMIT != 0 {
            let mut wishes = std::mem::take(&mut self.wishes);
            self.signals.take_wishes(&mut wishes);
            for flag in wishes.drain(..) {
                if let Some(key) = flag.take() {
                    self.commit(key);
                }
            }
            self.wishes = wishes;
        }
        if signals & REPLENISHED != 0 {
            self.feed_starving();
            self.backend.replenished(&mut self.table);
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
    match attachment.socket.is_stream() {
        true if options.addresses => Err(PostError::NotSupported("addresses (datagrams only)")),
        false if options.wait_all => Err(PostError::NotSupported("WAITALL (streams only)")),
        _ => Ok(attachment),
    }
}
