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
use std::time::Instant;

use super::desk::Desk;
use super::waiting::{Pause, Waiting};
use crate::backend::sys::blocking;
use crate::net::UdpSocket;
use crate::queue::{CompletionQueue, Completions, Operation, RequestQueue};
use crate::server::board::Notes;
use crate::server::datagram::Datagram;
use crate::server::delivery::Handled;
use crate::server::design::{LEAKY_PATIENCE, PATIENCE, opening};
use crate::server::error::ServerError;
use crate::server::memory::Memory;
use crate::server::options::Options;
use crate::server::outlet::Site;
use crate::server::stop::Alarm;

/// A desk with its completion queue.
pub(in crate::server) struct Station<'board, W: Waiting> {
    desk: Desk<'board>,
    queue: CompletionQueue<W::Kind>,
    completions: Completions,
    waiting: W,
    batches: u32,
}

impl<'board, W: Waiting> Station<'board, W> {
    /// Builds the queues on the calling thread, and posts all receives.
    pub(in crate::server) fn open(
        options: &Options,
        site: Site,
        socket: &UdpSocket,
        memory: Memory,
        notes: &'board Notes,
    ) -> Result<Station<'board, W>, ServerError> {
        let thread = site.thread;
        let failed = |source| ServerError::Queue { thread, source };
        let pending = options.pending() as u32;
        let open = |backend| {
            let builder = CompletionQueue::builder(options.places()).backend(backend);
            let queue = W::open(builder.waiting(options.waiting))?;
            let requests = RequestQueue::new(socket, &queue, &queue, options.limits(), thread as u64)?;
            Ok((queue, requests))
        };
        let (mut queue, requests) = opening::over(options.backend, open).map_err(failed)?;
        notes.runs_on(queue.backend());
        if let Some(waker) = W::waker(&mut queue).map_err(failed)? {
            site.shared.stopping().wake_by(Alarm::Queue(waker));
        }
        let desk = Desk::new(requests, memory, site, notes, (pending, options.copies() as u32))?;
        let completions = Completions::with_capacity(options.max_results());
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
            let ticks = self.desk.memory.has_grown();
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
            Pause::Idle => self.desk.memory.trim(),
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
        let mut handled = Handled::default();
        for completion in self.completions.drain() {
            match completion.operation() {
                Operation::Receive => handled += self.desk.received(completion, handler)?,
                _ => self.desk.sent(completion),
            }
        }
        self.desk.commit();
        if handled.datagrams > 0 {
            self.desk.notes.batch(handled);
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
        notes.copies_dropped.add(u64::from(self.desk.copies_under_way.get()));
        notes.drop_unsent();
    }

    fn follow(&self) {
        self.desk.notes.follow(&self.desk.requests.counters(), self.queue.system_calls());
    }
}
