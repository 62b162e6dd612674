//! The desk of a registered design's thread: where slices come in filled and go out again.
//!
//! ```text
//!   completed receive ─► Datagram ─► let go ─────────────► posted as a receive again
//!                                 ├► reply ─► deferred send ─► completed ─► posted as a receive again
//!                                 └► keep ──► the user's; one from the pool is posted instead
//! ```
//!
//! Exactly `pending` receives are posted, in a handler's hands, or on their way out as replies. That is the
//! limit of receives of the request queue, so posting one again is never refused.

use std::cell::Cell;
use std::io;
use std::net::{IpAddr, SocketAddr};

use crate::backend::decode_address;
use crate::memory::{BufferMut, BufferPool, Home, TakeError};
use crate::net::ControlBuffer;
use crate::queue::{Completion, PostError, Receive, RequestQueue, Send, Status};
use crate::server::board::Notes;
use crate::server::datagram::Datagram;
use crate::server::design::{MOST_FAILURES, is_no_source};
use crate::server::error::{SendError, ServerError};
use crate::server::outlet::{Outlet, Site};

/// What a completed send was.
const REPLY: u64 = 1;
/// A reply that was to leave from the address the datagram came to.
const REPLY_FROM: u64 = 2;
const COPY: u64 = 3;

/// A thread's queues and memory.
pub(super) struct Desk<'board> {
    pub(super) requests: RequestQueue,
    pub(super) pool: BufferPool,
    pub(super) site: Site,
    pub(super) notes: &'board Notes,
    /// Sends were posted in this batch and not committed.
    uncommitted: Cell<bool>,
    pub(super) copies_under_way: Cell<u32>,
    most_copies: u32,
    failures: Cell<u32>,
}

impl<'board> Desk<'board> {
    /// Posts all receives.
    pub(super) fn new(
        requests: RequestQueue,
        pool: BufferPool,
        site: Site,
        notes: &'board Notes,
        pending: u32,
    ) -> Result<Desk<'board>, ServerError> {
        let thread = site.thread;
        for _ in 0..pending {
            requests
                .receive_when_free(&pool, Receive::new().addresses(), 0)
                .map_err(|source| ServerError::Post { thread, source })?;
        }
        Ok(Desk {
            requests,
            pool,
            site,
            notes,
            uncommitted: Cell::new(false),
            copies_under_way: Cell::new(0),
            most_copies: pending,
            failures: Cell::new(0),
        })
    }

    /// Handles one completed receive; whether it was a datagram.
    #[inline]
    pub(super) fn received(
        &self,
        completion: Completion,
        handler: &mut dyn FnMut(Datagram<'_>),
    ) -> Result<bool, ServerError> {
        let status = completion.status();
        let Some(buffer) = completion.into_unique() else { return Ok(false) };
        match status {
            Status::Success | Status::Truncated => {
                self.failures.set(0);
                handler(Datagram::new(buffer, status == Status::Truncated, self));
                Ok(true)
            }
            Status::Failed(error) => {
                self.give_back(buffer);
                self.failures.set(self.failures.get() + 1);
                if self.failures.get() < MOST_FAILURES {
                    return Ok(false);
                }
                let source = io::Error::from_raw_os_error(error);
                Err(ServerError::Receive { thread: self.site.thread, source })
            }
            Status::Aborted => Ok(false),
        }
    }

    /// A send has left or failed: its slice serves again.
    pub(super) fn sent(&self, completion: Completion) {
        let no_source = matches!(completion.status(), Status::Failed(error) if is_no_source(error));
        let refused_source = no_source && completion.token() == REPLY_FROM;
        if !refused_source {
            self.count_sent(&completion);
        }
        let token = completion.token();
        let Some(buffer) = completion.into_unique() else { return };
        if refused_source && let Some(peer) = decode_address(buffer.name_bytes()) {
            // The datagram came to an address that nothing can be sent from, such as the broadcast address
            // of a network: the routes choose another one.
            self.post_reply(buffer, Send::new().to(peer), REPLY);
        } else if token != COPY {
            self.give_back(buffer);
        }
    }

    pub(super) fn count_sent(&self, completion: &Completion) {
        let good = completion.status() == Status::Success;
        match (completion.token(), good) {
            (COPY, _) => {
                self.copies_under_way.set(self.copies_under_way.get().saturating_sub(1));
                self.notes.copies_dropped.add(u64::from(!good));
            }
            (_, true) => self.notes.sent.add(1),
            (_, false) => self.notes.dropped.add(1),
        }
    }

    #[inline]
    pub(super) fn commit(&self) {
        if self.uncommitted.replace(false) {
            self.requests.commit();
        }
    }

    /// Counts a copy for which there is no place among the sends.
    #[cold]
    fn no_place(&self, limit: u32) -> SendError {
        self.notes.copies.add(1);
        self.notes.copies_dropped.add(1);
        SendError::LimitReached { limit }
    }

    #[inline]
    fn post_reply(&self, buffer: BufferMut, options: Send<'_>, token: u64) {
        match self.requests.send_with(buffer, options.defer(), token) {
            Ok(()) => self.uncommitted.set(true),
            Err(refused) => {
                self.notes.dropped.add(1);
                self.give_back(refused.buffer);
            }
        }
    }
}

impl Home for Desk<'_> {
    #[inline]
    fn give_back(&self, buffer: BufferMut) {
        // Refused only by a queue that is closed; then the slice goes to its pool.
        let _ = self.requests.receive_from(buffer, 0);
    }
}

impl Outlet for Desk<'_> {
    #[inline]
    fn reply(&self, buffer: BufferMut, peer: SocketAddr, source: Option<IpAddr>) {
        self.notes.promised.add(1);
        let options = Send::new().to(peer);
        let Some(source) = source else { return self.post_reply(buffer, options, REPLY) };
        let mut control = ControlBuffer::new();
        match control.source(source, 0) {
            Ok(control) => self.post_reply(buffer, options.control(control), REPLY_FROM),
            Err(_) => self.post_reply(buffer, options, REPLY),
        }
    }

    fn replace(&self) {
        let before = self.requests.outstanding().starved;
        // Refused only by a queue that is closed, which receives nothing any more.
        let _ = self.requests.receive_when_free(&self.pool, Receive::new().addresses(), 0);
        self.notes.pool_waits.add(u64::from(self.requests.outstanding().starved > before));
    }

    /// A copy that finds no place is asked for and dropped: what is lost here shows in the counters, too.
    fn send_copy(&self, peer: SocketAddr, bytes: &[u8]) -> Result<(), SendError> {
        let under_way = self.copies_under_way.get();
        if under_way >= self.most_copies {
            return Err(self.no_place(self.most_copies));
        }
        let buffer = self.pool.take_with(bytes).map_err(|error| match error {
            TakeError::Exhausted(exhausted) => SendError::Exhausted(exhausted),
            TakeError::TooLong(too_long) => SendError::TooLong(too_long),
        })?;
        match self.requests.send_with(buffer, Send::new().to(peer).defer(), COPY) {
            Ok(()) => {
                self.uncommitted.set(true);
                self.copies_under_way.set(under_way + 1);
                self.notes.copies.add(1);
                Ok(())
            }
            Err(refused) => Err(match refused.error {
                PostError::LimitReached { limit, .. } => self.no_place(limit),
                _ => SendError::Ended,
            }),
        }
    }

    fn site(&self) -> &Site {
        &self.site
    }
}
