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
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::Ordering::Relaxed;

use super::hub::Hub;
use super::replies::{Replies, Reply};
use crate::backend::decode_address;
use crate::memory::{BufferMut, Home, TakeError};
use crate::net::ControlBuffer;
use crate::port::CompletionPort;
use crate::queue::{Completion, PortRequestQueue, Receive, Send, Status};
use crate::server::board::{Board, Notes};
use crate::server::datagram::Datagram;
use crate::server::design::{MOST_FAILURES, is_no_source};
use crate::server::error::{SendError, ServerError};
use crate::server::outlet::{Outlet, Site};

// What a completed send was, in the low bits of its token; whose it was stands above.
const REPLY: u64 = 0;
/// A reply that was to leave from the address the datagram came to.
const REPLY_FROM: u64 = 1;
const COPY: u64 = 2;
const KINDS: u32 = 2;

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
    replies: RefCell<Replies>,
    failures: Cell<u32>,
}

impl<'server> Desk<'server> {
    /// `results` is the most that a batch has.
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
            replies: RefCell::new(Replies::with_capacity(results)),
            failures: Cell::new(0),
        }
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
                if self.failures.get() > 0 {
                    self.failures.set(0);
                }
                let truncated = status == Status::Truncated;
                if truncated {
                    self.notes.truncated.add(1);
                }
                handler(Datagram::new(buffer, truncated, self));
                Ok(true)
            }
            Status::Failed(error) => {
                self.give_back(buffer);
                self.notes.failed.add(1);
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

    /// A send has left or failed, of whichever thread: its slice serves again.
    pub(super) fn sent(&self, completion: Completion) {
        let token = completion.token();
        if let Status::Failed(error) = completion.status() {
            self.notes.failed.add(1);
            if is_no_source(error) && kind(token) == REPLY_FROM {
                return self.send_from_anywhere(completion);
            }
        }
        if let Some(board) = self.site.shared.board() {
            count_sent(self.hub, board, &completion);
        }
        if let Some(buffer) = completion.into_unique()
            && kind(token) != COPY
        {
            self.give_back(buffer);
        }
    }

    /// The datagram came to an address that nothing can be sent from, such as the broadcast address of a network:
    /// the routes choose another one.
    #[cold]
    fn send_from_anywhere(&self, completion: Completion) {
        let token = completion.token() - REPLY_FROM + REPLY;
        let Some(buffer) = completion.into_unique() else { return };
        if let Some(peer) = decode_address(buffer.name_bytes()) {
            self.replies.borrow_mut().push(Reply { buffer, peer, source: None, token });
        }
    }

    /// The end of a batch: slices that are free are posted again, then the replies leave together.
    #[inline]
    pub(super) fn finish(&self) {
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
        drop(free);
        if !self.replies.borrow().is_empty() {
            self.send_replies();
        }
    }

    fn send_replies(&self) {
        let silent = self.receives_will_tell();
        self.replies.borrow_mut().drain(|Reply { buffer, peer, source, token }| {
            let mut control = ControlBuffer::new();
            let mut options = Send::new().to(peer).defer();
            // One with a source may fail for it, and is then sent once more, at once.
            if silent && source.is_none() {
                options = options.dont_notify();
            }
            let source = source.and_then(|source| control.source(source, 0).ok());
            let (options, token) = match source {
                Some(control) => (options.control(control), token - REPLY + REPLY_FROM),
                None => (options, token),
            };
            if let Err(refused) = self.requests.send_with(buffer, options, token) {
                self.refused(refused.buffer, token);
            }
        });
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

    /// The queue is closed.
    #[cold]
    fn refused(&self, buffer: BufferMut, token: u64) {
        if kind(token) == COPY {
            self.hub.copies_under_way.fetch_sub(1, Relaxed);
            self.notes.copies_dropped.add_among_others(1);
        } else {
            self.notes.dropped.add_among_others(1);
            self.give_back(buffer);
        }
    }

    /// After a panic, `lost` slices of this thread's batch went to their pool: as many receives wait for slices now,
    /// so that the other threads can go on. More of them than the limit allows are refused.
    #[cold]
    pub(super) fn make_up_for(&self, lost: usize) {
        for _ in 0..lost {
            let _ = self.requests.receive_when_free(&self.hub.pool, Receive::new().addresses(), 0);
        }
    }

    fn token(&self, kind: u64) -> u64 {
        (self.site.thread as u64) << KINDS | kind
    }

    /// Counts a copy for which there is no place among the sends.
    #[cold]
    fn no_place(&self, limit: u32) -> SendError {
        self.notes.copies.add(1);
        self.notes.copies_dropped.add_among_others(1);
        SendError::LimitReached { limit }
    }
}

fn kind(token: u64) -> u64 {
    token & ((1 << KINDS) - 1)
}

/// Notes what became of a send, for the thread that promised it.
pub(super) fn count_sent(hub: &Hub, board: &Board, completion: &Completion) {
    let token = completion.token();
    let Some(notes) = board.of((token >> KINDS) as usize) else { return };
    let good = completion.status() == Status::Success;
    match (kind(token), good) {
        (COPY, _) => {
            hub.copies_under_way.fetch_sub(1, Relaxed);
            notes.copies_dropped.add_among_others(u64::from(!good));
        }
        (_, true) => notes.sent.add_among_others(1),
        (_, false) => notes.dropped.add_among_others(1),
    }
}

impl Home for Desk<'_> {
    #[inline]
    fn give_back(&self, buffer: BufferMut) {
        self.free.borrow_mut().push(buffer);
    }
}

impl Outlet for Desk<'_> {
    #[inline]
    fn reply(&self, buffer: BufferMut, peer: SocketAddr, source: Option<IpAddr>) {
        self.notes.promised.add(1);
        self.replies.borrow_mut().push(Reply { buffer, peer, source, token: self.token(REPLY) });
    }

    fn replace(&self) {
        match self.hub.pool.take() {
            Ok(buffer) => self.give_back(buffer),
            Err(_) => {
                self.notes.pool_waits.add(1);
                self.hub.starved.store(true, Relaxed);
                // Refused only by a queue that is closed, which receives nothing any more.
                let _ = self.requests.receive_when_free(&self.hub.pool, Receive::new().addresses(), 0);
            }
        }
    }

    /// A copy that finds no place is asked for and dropped: what is lost here shows in the counters, too.
    fn send_copy(&self, peer: SocketAddr, bytes: &[u8]) -> Result<(), SendError> {
        let limit = self.hub.pending;
        if self.hub.copies_under_way.fetch_add(1, Relaxed) >= limit {
            self.hub.copies_under_way.fetch_sub(1, Relaxed);
            return Err(self.no_place(limit));
        }
        let buffer = self.hub.pool.take_with(bytes).map_err(|error| {
            self.hub.copies_under_way.fetch_sub(1, Relaxed);
            match error {
                TakeError::Exhausted(exhausted) => SendError::Exhausted(exhausted),
                TakeError::TooLong(too_long) => SendError::TooLong(too_long),
            }
        })?;
        self.notes.copies.add(1);
        self.replies.borrow_mut().push(Reply { buffer, peer, source: None, token: self.token(COPY) });
        Ok(())
    }

    fn port(&self) -> Option<&CompletionPort> {
        Some(&self.hub.port)
    }

    fn site(&self) -> &Site {
        &self.site
    }
}
