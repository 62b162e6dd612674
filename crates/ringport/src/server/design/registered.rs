//! The registered designs: one thread, its own queues and its own memory.
//!
//! ```text
//!   dequeue a batch ─► handle all of it ─► commit the replies, together ─► receives are posted again
//!        ▲                                                                        │
//!        └────────────────────────── wait, each design in its way ◄───────────────┘
//! ```
//!
//! A slice goes round without ever seeing its pool: posted, filled, handled, perhaps sent, posted again.
//! Exactly `pending` slices do so, which is the limit of receives, so posting one again is never refused.

use std::cell::Cell;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use super::waiting::{Pause, Waiting};
use crate::backend::sys::blocking;
use crate::backend::{self, BackendChoice, BackendError, decode_address};
use crate::memory::{BufferMut, BufferPool, Home, TakeError};
use crate::net::{ControlBuffer, UdpSocket};
use crate::notice;
use crate::queue::{
    Completion, CompletionQueue, Completions, Limits, Operation, PostError, QueueError, Receive,
    RequestQueue, Send, Status,
};
use crate::server::board::Notes;
use crate::server::datagram::Datagram;
use crate::server::error::{SendError, ServerError};
use crate::server::options::Options;
use crate::server::outlet::{Outlet, Site};
use std::os::fd::AsFd;

/// What a completed send was.
const REPLY: u64 = 1;
/// A reply that was to leave from the address the datagram came to.
const REPLY_FROM: u64 = 2;
const COPY: u64 = 3;

/// Receives that fail one after the other, with no success between, before a server gives up.
const MOST_FAILURES: u32 = 10_000;
/// How long the end waits without any progress: for the last replies to leave, and for slices that handlers
/// kept while datagrams wait.
const PATIENCE: Duration = Duration::from_secs(5);
/// The same where datagrams could not be kept from coming in.
const LEAKY_PATIENCE: Duration = Duration::from_millis(500);

/// A thread's queues and memory.
pub(in crate::server) struct Desk<'board> {
    requests: RequestQueue,
    pool: BufferPool,
    site: Site,
    notes: &'board Notes,
    /// Sends were posted in this batch and not committed.
    uncommitted: Cell<bool>,
    copies_under_way: Cell<u32>,
    most_copies: u32,
    failures: Cell<u32>,
}

/// A desk with its completion queue.
pub(in crate::server) struct Station<'board, W: Waiting> {
    desk: Desk<'board>,
    queue: CompletionQueue<W::Kind>,
    completions: Completions,
    waiting: W,
    batches: u32,
}

impl<'board, W: Waiting> Station<'board, W> {
    /// Builds the queues on the calling thread, and posts all receives. Where the choice of the backend is
    /// free and io_uring may not have the memory it needs, it is done over epoll.
    pub(in crate::server) fn open(
        options: &Options,
        site: Site,
        socket: &UdpSocket,
        pool: BufferPool,
        notes: &'board Notes,
    ) -> Result<Station<'board, W>, ServerError> {
        let thread = site.thread;
        let failed = |source| ServerError::Queue { thread, source };
        let pending = options.pending as u32;
        let open = |backend| open_queues::<W>(pending, socket, backend, thread as u64);
        let opened = open(options.backend).or_else(|error| {
            if !(lacks_memory(&error) && backend::is_free(options.backend)) {
                return Err(error);
            }
            notice::say(&format!("using epoll, for io_uring may not lock the memory it needs: {error}"));
            open(BackendChoice::Epoll)
        });
        let (mut queue, requests) = opened.map_err(failed)?;
        notes.runs_on(queue.backend());
        if let Some(waker) = W::waker(&mut queue).map_err(failed)? {
            site.shared.stopping().wake_by(waker);
        }
        for _ in 0..pending {
            requests
                .receive_when_free(&pool, Receive::new().addresses(), 0)
                .map_err(|source| ServerError::Post { thread, source })?;
        }
        let desk = Desk {
            requests,
            pool,
            site,
            notes,
            uncommitted: Cell::new(false),
            copies_under_way: Cell::new(0),
            most_copies: pending,
            failures: Cell::new(0),
        };
        let completions = Completions::with_capacity(options.max_results);
        Ok(Station { desk, queue, completions, waiting: W::default(), batches: 0 })
    }

    /// Handles datagrams until the stop, and then what is left.
    pub(in crate::server) fn serve(
        &mut self,
        handler: &mut dyn FnMut(Datagram<'_>),
    ) -> Result<(), ServerError> {
        let thread = self.desk.site.thread;
        let failed = |source| ServerError::Wait { thread, source };
        while !self.desk.site.shared.stopping().asked() {
            let pause = self.waiting.before(&mut self.queue).map_err(failed)?;
            self.after(pause);
            if self.batch(handler)? == 0 {
                let pause = self.waiting.after_nothing(&mut self.queue).map_err(failed)?;
                self.after(pause);
            }
        }
        self.drain(handler)
    }

    fn after(&mut self, pause: Pause) {
        match pause {
            Pause::Over => {}
            Pause::Notified => self.desk.notes.notifications.add(1),
            Pause::Idle => _ = self.desk.pool.trim(),
        }
    }

    /// Takes one batch and handles it; returns how many completions it had.
    fn batch(&mut self, handler: &mut dyn FnMut(Datagram<'_>)) -> Result<usize, ServerError> {
        let taken = self.queue.dequeue(&mut self.completions);
        self.batches = self.batches.wrapping_add(1);
        if taken == 0 || self.batches.is_multiple_of(64) {
            self.follow();
        }
        if taken == 0 {
            self.desk.notes.empty_dequeues.add(1);
            return Ok(0);
        }
        let (mut datagrams, mut bytes) = (0, 0);
        for completion in self.completions.drain() {
            match completion.operation() {
                Operation::Receive => {
                    let length = completion.bytes() as u64;
                    if self.desk.received(completion, handler)? {
                        datagrams += 1;
                        bytes += length;
                    }
                }
                Operation::Send => self.desk.sent(completion),
            }
        }
        self.desk.commit();
        if datagrams > 0 {
            self.desk.notes.batch(datagrams, bytes);
        }
        Ok(taken)
    }

    /// After the stop: all that the socket holds, then the replies.
    fn drain(&mut self, handler: &mut dyn FnMut(Datagram<'_>)) -> Result<(), ServerError> {
        let leaky = self.desk.site.shared.stopping().is_leaky();
        let patience = if leaky { LEAKY_PATIENCE } else { PATIENCE };
        let mut deadline = Instant::now() + patience;
        loop {
            // First the socket, then the queue: a datagram only ever moves from the one to the other.
            let empty = blocking::is_empty(self.desk.requests.socket().as_fd());
            let taken = self.batch(handler)?;
            if taken == 0 && empty && self.desk.requests.outstanding().sends == 0 {
                return Ok(());
            }
            let now = Instant::now();
            if taken > 0 && !leaky {
                deadline = now + patience;
            } else if now >= deadline {
                return Ok(());
            }
            if taken == 0 {
                W::nap(&mut self.queue);
            }
        }
    }

    /// Lets go of everything; replies that were promised before a panic leave first. What has not left by
    /// now is counted as dropped.
    pub(in crate::server) fn close(mut self) {
        self.desk.commit();
        while self.queue.dequeue(&mut self.completions) > 0 {
            for completion in self.completions.drain() {
                if completion.operation() == Operation::Send {
                    self.desk.count_sent(&completion);
                }
            }
        }
        self.follow();
        let notes = self.desk.notes;
        let copies = u64::from(self.desk.copies_under_way.get());
        notes.copies_dropped.add(copies);
        let left = u64::from(self.desk.requests.outstanding().sends);
        notes.dropped.add(left.saturating_sub(copies));
    }

    fn follow(&self) {
        self.desk.notes.follow(&self.desk.requests.counters(), self.queue.system_calls());
    }
}

/// Makes the queues of a thread.
fn open_queues<W: Waiting>(
    pending: u32,
    socket: &UdpSocket,
    backend: BackendChoice,
    context: u64,
) -> Result<(CompletionQueue<W::Kind>, RequestQueue), QueueError> {
    // Every receive may become a reply, and as many copies may be under way.
    let sends = pending.saturating_mul(2);
    let limits = Limits { receives: pending, receive_buffers: 1, sends, send_buffers: 1 };
    let size = limits.receives as usize + limits.sends as usize;
    let queue = W::open(CompletionQueue::builder(size).backend(backend))?;
    let requests = RequestQueue::new(socket, &queue, &queue, limits, context)?;
    Ok((queue, requests))
}

/// Whether a queue could not be made for lack of memory: since Linux 6.13 the rings of an ordinary user count
/// as locked memory.
fn lacks_memory(error: &QueueError) -> bool {
    match error {
        QueueError::System { source, .. } | QueueError::Backend(BackendError::System { source, .. }) => {
            source.raw_os_error() == Some(libc::ENOMEM)
        }
        _ => false,
    }
}

/// Whether a send failed for the address it was to leave from, which only the routes can tell.
fn is_no_source(error: i32) -> bool {
    matches!(error, libc::EINVAL | libc::ENETUNREACH | libc::EADDRNOTAVAIL)
}

impl Desk<'_> {
    /// Handles one completed receive; whether it was a datagram.
    #[inline]
    fn received(
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
    fn sent(&self, completion: Completion) {
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

    fn count_sent(&self, completion: &Completion) {
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
    fn commit(&self) {
        if self.uncommitted.replace(false) {
            self.requests.commit();
        }
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

    fn send_copy(&self, peer: SocketAddr, bytes: &[u8]) -> Result<(), SendError> {
        let under_way = self.copies_under_way.get();
        if under_way >= self.most_copies {
            return Err(SendError::LimitReached { limit: self.most_copies });
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
                PostError::LimitReached { limit, .. } => SendError::LimitReached { limit },
                _ => SendError::Ended,
            }),
        }
    }

    fn site(&self) -> &Site {
        &self.site
    }
}
