//! The registered designs: one thread, its own queues and its own memory.
//!
//! ```text
//!   dequeue a batch ─► handle all of it ─► commit the replies, together ─► receives are posted again
//!        ▲                                                                        │
//!        └────────────────────────── wait, each design in its way ◄───────────────┘
//! ```
//!
//! The queue and the loop are here; what becomes of each completion is the desk's, of which there is one a socket.

use std::time::Instant;

use super::desk::Desk;
use super::tally::Tally;
use super::waiting::{Pause, Waiting};
use crate::backend::sys::blocking;
use crate::backend::sys::descriptor::AsFd;
use crate::queue::{CompletionQueue, Completions, Operation, RequestQueue};
use crate::server::board::Notes;
use crate::server::datagram::Datagram;
use crate::server::delivery::Handled;
use crate::server::design::{LEAKY_PATIENCE, PATIENCE, opening};
use crate::server::error::ServerError;
use crate::server::memory::Memory;
use crate::server::options::Options;
use crate::server::outlet::Site;
use crate::server::sockets::Bound;
use crate::server::stop::Alarm;

/// The desks of a thread, one for each socket, with their completion queue.
pub(in crate::server) struct Station<'board, W: Waiting> {
    /// By the context of completions.
    desks: Vec<Desk<'board>>,
    /// Those that the batch is of.
    touched: Vec<usize>,
    tally: Tally,
    queue: CompletionQueue<W::Kind>,
    completions: Completions,
    waiting: W,
    batches: u32,
    site: Site,
    memory: Memory,
    notes: &'board Notes,
}

impl<'board, W: Waiting> Station<'board, W> {
    /// Builds the queues on the calling thread, and posts all receives.
    pub(in crate::server) fn open(
        options: &Options,
        site: Site,
        sockets: &[Bound],
        memory: Memory,
        notes: &'board Notes,
    ) -> Result<Station<'board, W>, ServerError> {
        let thread = site.thread;
        let failed = |source| ServerError::Queue { thread, source };
        let open = |backend| {
            let builder = CompletionQueue::builder(options.places() * sockets.len()).backend(backend);
            let queue = W::open(builder.waiting(options.waiting))?;
            let requests = (0..).zip(sockets).map(|(context, bound)| {
                RequestQueue::new(&bound.socket, &queue, &queue, options.limits(), context)
            });
            let requests = requests.collect::<Result<Vec<_>, _>>()?;
            Ok((requests, queue))
        };
        let (requests, mut queue) = opening::over(options.backend, open).map_err(failed)?;
        notes.runs_on(queue.backend());
        if let Some(waker) = W::waker(&mut queue).map_err(failed)? {
            site.shared.stopping().wake_by(Alarm::Queue(waker));
        }
        let most = (options.pending() as u32, options.copies() as u32);
        let desk = |(requests, bound): (_, &Bound)| {
            Desk::new(requests, memory.clone(), site.at(bound.place), notes, most)
        };
        let desks = requests.into_iter().zip(sockets).map(desk).collect::<Result<Vec<_>, _>>()?;
        Ok(Station {
            touched: Vec::with_capacity(desks.len()),
            tally: Tally::new(desks.len()),
            desks,
            queue,
            completions: Completions::with_capacity(options.max_results()),
            waiting: W::default(),
            batches: 0,
            site,
            memory,
            notes,
        })
    }

    /// Handles datagrams until the stop, and then what is left.
    pub(in crate::server) fn serve(
        &mut self,
        handler: &mut dyn FnMut(Datagram<'_>),
    ) -> Result<(), ServerError> {
        let thread = self.site.thread;
        let failed = |source| ServerError::Wait { thread, source };
        while !self.site.shared.stopping().asked() {
            let ticks = self.memory.has_grown();
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
            Pause::Notified => self.notes.notifications.add(1),
            Pause::Idle => self.memory.trim(),
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
            self.notes.empty_dequeues.add(1);
            return Ok(0);
        }
        let mut handled = Handled::default();
        for completion in self.completions.drain() {
            let number = completion.socket_context() as usize;
            let Some(desk) = self.desks.get(number) else { continue };
            if desk.touch() {
                self.touched.push(number);
            }
            match completion.operation() {
                Operation::Receive => handled += desk.received(completion, handler)?,
                _ => desk.sent(completion),
            }
        }
        // Not all: there may be a thousand.
        for number in self.touched.drain(..) {
            if let Some(desk) = self.desks.get(number) {
                desk.finish();
                self.tally.touched(number);
            }
        }
        if handled.datagrams > 0 {
            self.notes.batch(handled);
        }
        Ok(taken)
    }

    /// After the stop: all that the sockets hold, then the replies.
    fn drain(&mut self, handler: &mut dyn FnMut(Datagram<'_>)) -> Result<(), ServerError> {
        let leaky = self.site.shared.stopping().is_leaky();
        let patience = if leaky { LEAKY_PATIENCE } else { PATIENCE };
        let mut deadline = Instant::now() + patience;
        loop {
            // First the sockets, then the queue: a datagram only ever moves from the one to the other.
            let mut requests = self.desks.iter().map(|desk| &desk.requests);
            let empty = requests.all(|requests| blocking::is_empty(requests.socket().as_fd()));
            let taken = self.batch(handler)?;
            let has_sent = |desk: &Desk<'_>| desk.requests.outstanding().sends == 0;
            if taken == 0 && empty && self.desks.iter().all(has_sent) {
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
        self.desks.iter().for_each(Desk::finish);
        while self.queue.dequeue(&mut self.completions) > 0 {
            for completion in self.completions.drain() {
                if completion.operation() == Operation::Send
                    && let Some(desk) = self.desks.get(completion.socket_context() as usize)
                {
                    desk.count_sent(&completion);
                }
            }
        }
        (0..self.desks.len()).for_each(|number| self.tally.touched(number));
        self.follow();
        let copies = self.desks.iter().map(|desk| u64::from(desk.copies_under_way.get())).sum();
        self.notes.copies_dropped.add(copies);
        self.notes.drop_unsent();
    }

    fn follow(&mut self) {
        let desks = &self.desks;
        let counters = self.tally.sum(|number| desks.get(number).map(|desk| desk.requests.counters()));
        self.notes.follow(&counters, self.queue.system_calls());
    }
}
