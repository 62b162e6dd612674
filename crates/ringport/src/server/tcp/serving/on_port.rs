//! The threads of a server on a completion port.
//!
//! ```text
//!   registered-port   take a batch ─► re-arm ─► handle
//!   hybrid            take a batch ─┬─ as many as the threshold: re-arm ─► handle
//!                                   └─ fewer: handle ─► take again, until there is nothing ─► re-arm
//! ```
//!
//! A thread that re-arms first lets others handle other connections beside it. One connection has one receive posted,
//! so its bytes are handled in order, whichever threads do it.

use std::time::{Duration, Instant};

use super::desk::{Desk, Parts};
use crate::backend::BackendChoice;
use crate::net::StreamListener;
use crate::port::{CompletionPort, Packet, PortWaitError};
use crate::queue::{CompletionQueue, Completions, PortQueue, QueueError, Ready};
use crate::server::design::EXIT;
use crate::server::error::ServerError;
use crate::server::stop::Alarm;
use crate::server::tcp::connection::Message;
use crate::server::tcp::counters::Notes;
use crate::server::tcp::framing::Framing;
use crate::server::tcp::options::{ACCEPTS, Options};
use crate::server::tcp::server::Arrived;

/// How long a thread sleeps at most at the end of the server, before it looks again.
const NAP: Duration = Duration::from_millis(2);

/// What the threads share. The desk is dropped before the port.
pub(in crate::server::tcp) struct Hub<F, M, H> {
    desk: Desk<PortQueue, F, M, H>,
    port: CompletionPort,
    threshold: usize,
    max_results: usize,
    stop_timeout: Duration,
}

impl<F, M, H> Hub<F, M, H>
where
    F: Framing + Clone,
    M: Fn(&Arrived) -> H,
    H: FnMut(Message<'_>),
{
    /// Makes the port and its queue, and begins to accept.
    pub(in crate::server::tcp) fn open(
        options: &Options,
        backend: BackendChoice,
        listener: &StreamListener,
        parts: Parts<F, M>,
        threshold: usize,
    ) -> Result<Self, ServerError> {
        let failed = |source: QueueError| ServerError::Queue { thread: 0, source };
        let port = CompletionPort::new(options.concurrency)?;
        let size = parts.places * parts.terms.places() + ACCEPTS as usize;
        let builder = CompletionQueue::builder(size).backend(backend);
        let queue = builder.waiting(options.waiting).on(&port, 0).map_err(failed)?;
        parts.shared.stopping().wake_by(Alarm::Port(port.clone(), options.threads()));
        let desk = Desk::open(queue, listener, parts).map_err(failed)?;
        let (max_results, stop_timeout) = (options.max_results(), options.stop_timeout);
        Ok(Hub { desk, port, threshold, max_results, stop_timeout })
    }

    /// Serves on the calling thread until the stop, and then until no connection is left, or the patience for that
    /// is over.
    pub(in crate::server::tcp) fn serve(&self, thread: usize, notes: &Notes) -> Result<(), ServerError> {
        let desk = &self.desk;
        let mut completions = Completions::with_capacity(self.max_results);
        let mut give_up_at: Option<Instant> = None;
        loop {
            let mut most = None;
            if desk.shared.stopping().asked() {
                let give_up_at = *give_up_at.get_or_insert_with(|| Instant::now() + self.stop_timeout);
                desk.stop(notes, desk.now());
                if Instant::now() >= give_up_at {
                    desk.give_up(notes);
                }
                if desk.is_empty() {
                    // This thread may have taken what was to wake another one.
                    let _ = self.port.post(EXIT, 0);
                    return Ok(());
                }
                most = Some(NAP);
            }
            let time = desk.time_left(desk.now()).into_iter().chain(most).min();
            match self.port.wait(time) {
                Ok(Packet::Ready(ready)) => self.drain(ready, &mut completions, notes),
                Ok(_) => {}
                Err(PortWaitError::TimedOut) => desk.expire(notes, desk.now()),
                Err(source) => return Err(ServerError::PortWait { thread, source }),
            }
        }
    }

    /// Uses the right to drain the queue.
    fn drain(&self, mut ready: Ready, completions: &mut Completions, notes: &Notes) {
        loop {
            let taken = ready.dequeue(completions);
            if taken == 0 {
                return ready.notify();
            }
            if taken >= self.threshold {
                ready.notify();
                return self.handle(completions, notes);
            }
            self.handle(completions, notes);
        }
    }

    fn handle(&self, completions: &mut Completions, notes: &Notes) {
        notes.batches.add(1);
        let now = self.desk.now();
        for completion in completions.drain() {
            self.desk.completed(completion, notes, now);
        }
        if self.desk.time_left(now).is_some_and(|left| left.is_zero()) {
            self.desk.expire(notes, now);
        }
    }
}
