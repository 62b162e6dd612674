//! The desk of a thread for one socket: where slices come in filled and go out again.
//!
//! ```text
//!   completed receive ─► Datagram ─► let go ─► free ────────────┐ end of the batch:
//!                                 ├► reply ──► replies ─► sent ─┴► posted as receives again
//!                                 └► keep ───► the user's; one from the pool is posted instead
//! ```
//!
//! Over all threads, exactly `pending` receives of a socket are posted, in a thread's hands, or on their way out as
//! replies. That is the limit of receives of the request queue, so posting one again is never refused.

use std::cell::{Cell, RefCell};
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::Ordering::Relaxed;

use super::hub::Hub;
use crate::backend::sys::descriptor::AsFd;
use crate::memory::{BufferMut, Cut, PoolExhausted, TakeError};
use crate::port::CompletionPort;
use crate::queue::{Completion, PortRequestQueue, PostError, Receive, Status};
use crate::server::board::{Board, Notes};
use crate::server::datagram::Datagram;
use crate::server::delivery::{Handled, deliver};
use crate::server::design::MOST_FAILURES;
use crate::server::design::promise::{Kind, Promise};
use crate::server::design::replying::{self, Done, NotPosted};
use crate::server::error::{SendError, ServerError};
use crate::server::outlet::{Answer, Outlet, Reply, Site};

/// See the module.
pub(super) struct Desk<'server> {
    hub: &'server Hub,
    requests: &'server PortRequestQueue,
    /// Its number among the sockets.
    socket: u32,
    site: Site,
    notes: &'server Notes,
    /// To be posted again at the end of the batch.
    free: RefCell<Vec<BufferMut>>,
    /// To leave at the end of the batch, once the receives are posted.
    replies: RefCell<Vec<(Reply, Promise)>>,
    /// The batch has something of it.
    touched: Cell<bool>,
    failures: Cell<u32>,
}

impl<'server> Desk<'server> {
    /// `results` is what a batch has of it, as a rule.
    pub(super) fn new(
        hub: &'server Hub,
        (socket, requests): (u32, &'server PortRequestQueue),
        site: Site,
        notes: &'server Notes,
        results: usize,
    ) -> Desk<'server> {
        Desk {
            hub,
            requests,
            socket,
            site,
            notes,
            free: RefCell::new(Vec::with_capacity(results)),
            replies: RefCell::new(Vec::with_capacity(results)),
            touched: Cell::new(false),
            failures: Cell::new(0),
        }
    }

    /// Whether it is the first time in the batch: then it is to be finished.
    #[inline]
    pub(super) fn touch(&self) -> bool {
        !self.touched.replace(true)
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
                if self.failures.get() > 0 {
                    self.failures.set(0);
                }
                Ok(deliver(buffer, status == Status::Truncated, self, handler))
            }
            Status::Failed(error) => {
                self.give_back(buffer);
                self.notes.failed.add(1);
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

    /// A send has left or failed, of whichever thread: its slice serves again.
    pub(super) fn sent(&self, completion: Completion) {
        let (promise, status, done) = replying::done(completion);
        if let Status::Failed(_) = status {
            self.notes.failed.add(1);
        }
        match done {
            Done::Again(reply, promise) => return self.replies.borrow_mut().push((reply, promise)),
            Done::Apart(reply, before) => return self.send_apart(reply, promise, before),
            Done::Slice(buffer) => self.give_back(buffer),
            Done::Nothing => {}
        }
        self.count(promise, status == Status::Success);
    }

    fn count(&self, promise: Promise, good: bool) {
        if let Some(board) = self.site.shared.board() {
            count_sent(self.hub, board, promise, good);
        }
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

    /// The end of a batch: slices that are free are posted again, then the replies leave together.
    #[inline]
    pub(super) fn finish(&self) {
        self.touched.set(false);
        self.post_free();
        if self.replies.borrow().is_empty() {
            return;
        }
        self.send_replies();
        // Replies for which there was no place have left without a completion that would bring their slices back.
        if !self.free.borrow().is_empty() {
            self.post_free();
        }
    }

    #[inline]
    fn post_free(&self) {
        let mut free = self.free.borrow_mut();
        if let Some(reader) = self.hub.reader.as_ref() {
            reader.feed(self.socket, &mut free);
        }
        self.requests.receive_all(&mut free, Receive::new().addresses(), 0);
        for buffer in free.drain(..) {
            // All were refused: by a queue that is closed, or because a panic left one more than there are places for.
            // What is refused once more goes to its pool.
            let _ = self.requests.receive_from(buffer, 0);
        }
    }

    fn send_replies(&self) {
        let silent = self.receives_will_tell();
        for (reply, promise) in self.replies.borrow_mut().drain(..) {
            // Datagrams behind one that is too large have to be sent again, so its completion has to be told.
            let silent = silent && !(self.site.whole && promise.datagrams > 1);
            if let Err(refused) = replying::post(self.requests, reply, promise, silent) {
                self.not_posted(refused, promise);
            }
        }
        self.requests.commit();
    }

    /// Whether completions of sends may be silent, because a receive will complete and tell of them. With half of
    /// the receives posted there is always one: the thread that takes the last half notifies.
    fn receives_will_tell(&self) -> bool {
        let posted = self.requests.receives_outstanding();
        posted >= self.hub.pending.div_ceil(2)
            && !self.hub.starved.load(Relaxed)
            && !self.site.shared.stopping().asked()
    }

    /// The queue is closed, or there is no place: as many replies as there may be are on their way, most of which will
    /// have left when those that were posted are committed.
    #[cold]
    fn not_posted(&self, NotPosted { reply, error }: NotPosted, promise: Promise) {
        let mut sent = 0;
        if let PostError::LimitReached { .. } = error {
            self.requests.commit();
            sent = replying::send_now(self.requests.socket().as_fd(), &reply, 0, self.notes);
        }
        let dropped = u64::from(reply.cut.datagrams - sent);
        if promise.kind == Kind::Copy {
            self.hub.copies_under_way.fetch_sub(1, Relaxed);
            self.notes.copies_dropped.add_among_others(dropped);
        } else {
            self.notes.sent.add_among_others(u64::from(sent));
            self.notes.dropped.add_among_others(dropped);
        }
        if let Some(buffer) = reply.answer.into_slice() {
            self.free.borrow_mut().push(buffer);
        }
    }

    /// After a panic, `lost` slices of this thread's batch went to their pool: as many receives wait for slices now,
    /// so that the other threads can go on. More of them than the limit allows are refused.
    #[cold]
    pub(super) fn make_up_for(&self, lost: usize) {
        for _ in 0..lost {
            let _ = self.requests.receive_when_free(&self.hub.memory.receives, Receive::new().addresses(), 0);
        }
    }

    /// Counts a copy for which there is no place among the sends.
    #[cold]
    fn no_place(&self, limit: u32) -> SendError {
        self.notes.copies.add(1);
        self.notes.copies_dropped.add_among_others(1);
        SendError::LimitReached { limit }
    }
}

/// Notes what became of a send, for the thread that promised it.
pub(super) fn count_sent(hub: &Hub, board: &Board, promise: Promise, good: bool) {
    let Some(notes) = board.of(promise.thread) else { return };
    let datagrams = u64::from(promise.datagrams);
    match (promise.kind, good) {
        (Kind::Copy, _) => {
            hub.copies_under_way.fetch_sub(1, Relaxed);
            notes.copies_dropped.add_among_others(u64::from(!good));
        }
        (_, true) => notes.sent.add_among_others(datagrams),
        (_, false) => notes.dropped.add_among_others(datagrams),
    }
}

impl Outlet for Desk<'_> {
    #[inline]
    fn give_back(&self, buffer: BufferMut) {
        self.free.borrow_mut().push(buffer);
    }

    #[inline]
    fn reply(&self, reply: Reply) {
        self.notes.promised.add(u64::from(reply.cut.datagrams));
        let promise = Promise::reply(&reply.answer, reply.cut, self.site.thread);
        self.replies.borrow_mut().push((reply, promise));
    }

    fn replace(&self) {
        match self.hub.memory.receives.take() {
            Ok(buffer) => self.give_back(buffer),
            Err(_) => {
                self.notes.pool_waits.add(1);
                self.hub.starved.store(true, Relaxed);
                // Refused only by a queue that is closed, which receives nothing any more.
                let _ =
                    self.requests.receive_when_free(&self.hub.memory.receives, Receive::new().addresses(), 0);
            }
        }
    }

    /// A copy that finds no place is asked for and dropped: what is lost here shows in the counters, too.
    fn send_copy(&self, peer: SocketAddr, bytes: &[u8]) -> Result<(), SendError> {
        let limit = self.hub.most_copies;
        if self.hub.copies_under_way.fetch_add(1, Relaxed) >= limit {
            self.hub.copies_under_way.fetch_sub(1, Relaxed);
            return Err(self.no_place(limit));
        }
        let buffer = self.hub.memory.copies.take_with(bytes).map_err(|error| {
            self.hub.copies_under_way.fetch_sub(1, Relaxed);
            match error {
                TakeError::Exhausted(exhausted) => SendError::Exhausted(exhausted),
                TakeError::TooLong(too_long) => SendError::TooLong(too_long),
            }
        })?;
        self.notes.copies.add(1);
        let (answer, cut) = (Answer::Copy(buffer), Cut::one(bytes.len(), 0));
        let promise = Promise::copy(self.site.thread);
        self.replies.borrow_mut().push((Reply { answer, cut, peer, source: None }, promise));
        Ok(())
    }

    fn take(&self) -> Result<BufferMut, PoolExhausted> {
        self.hub.memory.copies.take()
    }

    fn port(&self) -> Option<&CompletionPort> {
        Some(&self.hub.port)
    }

    fn site(&self) -> &Site {
        &self.site
    }
}
