//! The registered designs: one thread, its own queues and its own memory.
//!
//! ```text
//!   dequeue a batch ─► handle all of it ─► commit the replies, together ─► receives are posted again
//!        ▲                                                                        │
//!        └────────────────────────── wait, each design in its way ◄───────────────┘
//! ```
//!
//! The queue and the loop are here; what becomes of each completion is the desk's.

use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use super::desk::Desk;
use super::waiting::{Pause, Waiting};
use crate::backend::sys::blocking;
use crate::backend::{self, BackendChoice, BackendError};
use crate::memory::BufferPool;
use crate::net::UdpSocket;
use crate::notice;
use crate::queue::{CompletionQueue, Completions, Limits, Operation, QueueError, RequestQueue};
use crate::server::board::Notes;
use crate::server::datagram::Datagram;
use crate::server::error::ServerError;
use crate::server::options::Options;
use crate::server::outlet::Site;

/// How long the end waits without any progress: for the last replies to leave, and for slices that handlers
/// kept while datagrams wait.
const PATIENCE: Duration = Duration::from_secs(5);
/// The same where datagrams could not be kept from coming in.
const LEAKY_PATIENCE: Duration = Duration::from_millis(500);

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
        let desk = Desk::new(requests, pool, site, notes, pending)?;
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
            let ticks = self.desk.pool.has_grown();
            let pause = self.waiting.before(&mut self.queue, ticks).map_err(failed)?;
            self.after(pause);
            if self.batch(handler)? == 0 {
                let pause = self.waiting.after_nothing(&mut self.queue, ticks).map_err(failed)?;
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
