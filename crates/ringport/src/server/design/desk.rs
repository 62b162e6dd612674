//! The desk of a registered design's thread for one socket: where slices come in filled and go out again.
//!
//! ```text
//!   completed receive ─► datagrams ─► let go ─────────────► posted as a receive again
//!                                  ├► replies ─► deferred send ─► completed ─► posted as a receive again
//!                                  └► keep ──► the user's; one from the pool is posted instead
//! ```
//!
//! Exactly `pending` receives are posted, in a handler's hands, or on their way out as replies. That is the
//! limit of receives of the request queue, so posting one again is never refused.

use std::cell::Cell;
use std::io;
use std::net::SocketAddr;

use super::promise::{Kind, Promise};
use super::replying::{self, Done, NotPosted};
use crate::backend::sys::descriptor::AsFd;
use crate::memory::{BufferMut, PoolExhausted, TakeError};
use crate::queue::{Completion, PostError, Receive, RequestQueue, Send, Status};
use crate::server::board::Notes;
use crate::server::datagram::Datagram;
use crate::server::delivery::{Handled, deliver};
use crate::server::design::MOST_FAILURES;
use crate::server::error::{SendError, ServerError};
use crate::server::memory::Memory;
use crate::server::outlet::{Outlet, Reply, Site};

/// A thread's request queue, and its memory.
pub(super) struct Desk<'board> {
    pub(super) requests: RequestQueue,
    pub(super) memory: Memory,
    pub(super) site: Site,
    pub(super) notes: &'board Notes,
    /// The batch has something of it.
    touched: Cell<bool>,
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
        memory: Memory,
        site: Site,
        notes: &'board Notes,
        (pending, copies): (u32, u32),
    ) -> Result<Desk<'board>, ServerError> {
        let thread = site.thread;
        for _ in 0..pending {
            requests
                .receive_when_free(&memory.receives, Receive::new().addresses(), 0)
                .map_err(|source| ServerError::Post { thread, source })?;
        }
        Ok(Desk {
            requests,
            memory,
            site,
            notes,
            touched: Cell::new(false),
            uncommitted: Cell::new(false),
            copies_under_way: Cell::new(0),
            most_copies: copies,
            failures: Cell::new(0),
        })
    }

    /// Handles one completed receive.
    #[inline]
    pub(super) fn received(
        &self,
        completion: Completion,
        handler: &mut dyn FnMut(Datagram<'_>),
    ) -> Result<Handled, ServerError> {
        let status = completion.status();
        let Some(buffer) = completion.into_unique() else { return Ok(Handled::default()) };
        match status {
            Status::Success | Status::Truncated => {
                self.failures.set(0);
                Ok(deliver(buffer, status == Status::Truncated, self, handler))
            }
            Status::Failed(error) => {
                self.give_back(buffer);
                self.failures.set(self.failures.get() + 1);
                if self.failures.get() < MOST_FAILURES {
                    return Ok(Handled::default());
                }
                let source = io::Error::from_raw_os_error(error);
                Err(ServerError::Receive { thread: self.site.thread, source })
            }
            Status::Aborted => Ok(Handled::default()),
        }
    }

    /// A send has left or failed: its slice serves again.
    pub(super) fn sent(&self, completion: Completion) {
        let (promise, status, done) = replying::done(completion);
        match done {
            Done::Again(reply, promise) => return self.post(reply, promise),
            Done::Apart(reply, before) => return self.send_apart(reply, promise, before),
            Done::Slice(buffer) => self.give_back(buffer),
            Done::Nothing => {}
        }
        self.count(promise, status == Status::Success);
    }

    /// Sends what is left of a reply, one by one: a datagram that is too large is dropped alone.
    #[cold]
    fn send_apart(&self, reply: Reply, promise: Promise, before: u32) {
        let socket = self.requests.socket().as_fd();
        let sent = before + replying::send_now(socket, &reply, before, self.notes);
        let [sent, dropped] = promise.parted(sent);
        self.count(sent, true);
        self.count(dropped, false);
        reply.answer.into_slice().into_iter().for_each(|buffer| self.give_back(buffer));
    }

    fn count(&self, promise: Promise, good: bool) {
        let datagrams = u64::from(promise.datagrams);
        match (promise.kind, good) {
            (Kind::Copy, _) => {
                self.copies_under_way.set(self.copies_under_way.get().saturating_sub(1));
                self.notes.copies_dropped.add(u64::from(!good));
            }
            (_, true) => self.notes.sent.add(datagrams),
            (_, false) => self.notes.dropped.add(datagrams),
        }
    }

    /// Counts a completed send, after the end of the server.
    pub(super) fn count_sent(&self, completion: &Completion) {
        self.count(Promise::of(completion.token()), completion.status() == Status::Success);
    }

    /// Whether it is the first time in the batch: then it is to be finished.
    #[inline]
    pub(super) fn touch(&self) -> bool {
        !self.touched.replace(true)
    }

    /// The end of a batch: its replies leave together.
    #[inline]
    pub(super) fn finish(&self) {
        self.touched.set(false);
        self.commit();
    }

    #[inline]
    fn commit(&self) {
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
    fn post(&self, reply: Reply, promise: Promise) {
        match replying::post(&self.requests, reply, promise, false) {
            Ok(()) => self.uncommitted.set(true),
            Err(refused) => self.not_posted(refused),
        }
    }

    /// There is no place for it: as many replies as there may be are on their way, most of which will have left when
    /// those that were posted are committed.
    #[cold]
    fn not_posted(&self, NotPosted { reply, error }: NotPosted) {
        let mut sent = 0;
        if let PostError::LimitReached { .. } = error {
            self.commit();
            sent = replying::send_now(self.requests.socket().as_fd(), &reply, 0, self.notes);
        }
        self.notes.sent.add(u64::from(sent));
        self.notes.dropped.add(u64::from(reply.cut.datagrams - sent));
        if let Some(buffer) = reply.answer.into_slice() {
            self.give_back(buffer);
        }
    }
}

impl Outlet for Desk<'_> {
    #[inline]
    fn give_back(&self, buffer: BufferMut) {
        // Refused by a queue that is closed, or because another slice serves for this one; then it goes to its pool.
        let _ = self.requests.receive_from(buffer, 0);
    }

    #[inline]
    fn reply(&self, reply: Reply) {
        self.notes.promised.add(u64::from(reply.cut.datagrams));
        let promise = Promise::reply(&reply.answer, reply.cut, 0);
        self.post(reply, promise);
    }

    fn replace(&self) {
        let before = self.requests.outstanding().starved;
        // Refused only by a queue that is closed, which receives nothing any more.
        let _ = self.requests.receive_when_free(&self.memory.receives, Receive::new().addresses(), 0);
        self.notes.pool_waits.add(u64::from(self.requests.outstanding().starved > before));
    }

    /// A copy that finds no place is asked for and dropped: what is lost here shows in the counters, too.
    fn send_copy(&self, peer: SocketAddr, bytes: &[u8]) -> Result<(), SendError> {
        let under_way = self.copies_under_way.get();
        if under_way >= self.most_copies {
            return Err(self.no_place(self.most_copies));
        }
        let buffer = self.memory.copies.take_with(bytes).map_err(|error| match error {
            TakeError::Exhausted(exhausted) => SendError::Exhausted(exhausted),
            TakeError::TooLong(too_long) => SendError::TooLong(too_long),
        })?;
        match self.requests.send_with(buffer, Send::new().to(peer).defer(), Promise::copy(0).token()) {
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

    fn take(&self) -> Result<BufferMut, PoolExhausted> {
        self.memory.copies.take()
    }

    #[inline]
    fn site(&self) -> &Site {
        &self.site
    }
}
