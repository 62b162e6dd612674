//! The memory and the queue of a client, which last longer than any of its connections.

use std::time::Instant;

use super::counters::ClientCounters;
use super::error::ClientError;
use super::link::Link;
use crate::memory::{BufferPool, Reservation};
use crate::queue::{CompletionQueue, Completions, Event, Limits, WaitOutcome};

/// The slices there are, and what they are for.
#[derive(Debug)]
pub(super) struct Memory {
    pub(super) _reservation: Option<Reservation>,
    pub(super) pool: BufferPool,
    pub(super) slice_size: usize,
    /// Slices of a response that is not whole yet.
    pub(super) read_slices: usize,
    /// Slices on their way out.
    pub(super) write_slices: usize,
}

impl Memory {
    /// The limits of a connection: a receive, its sends, and the end.
    pub(super) fn limits(&self) -> Limits {
        Limits { receives: 1, receive_buffers: 1, sends: self.write_slices as u32 + 1, send_buffers: 1 }
    }
}

/// See the module.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) queue: CompletionQueue<Event>,
    pub(super) completions: Completions,
    pub(super) memory: Memory,
    pub(super) counters: ClientCounters,
}

impl Line {
    /// Takes what has completed of `link`; what completed of an earlier one is dropped.
    pub(super) fn take<F>(&mut self, link: &mut Link<F>) {
        self.queue.dequeue(&mut self.completions);
        for completion in self.completions.drain() {
            if completion.socket_context() == link.context {
                link.completed(completion, &mut self.counters);
            }
        }
    }

    /// Sends what is to be sent; returns how many bytes have left by then.
    pub(super) fn flush<F>(&mut self, link: &mut Link<F>) -> usize {
        if !link.outgoing.has_more() {
            return 0;
        }
        let left = link.outgoing.flush(&link.requests);
        self.counters.sent += left as u64;
        left
    }

    /// Sleeps until something completes, and takes it; `false` when the time was over first.
    pub(super) fn wait<F>(&mut self, link: &mut Link<F>, until: Instant) -> Result<bool, ClientError> {
        // It is armed already when the last wait ended without a completion.
        let _ = self.queue.notify();
        let left = until.saturating_duration_since(Instant::now());
        let outcome = self.queue.wait(Some(left)).map_err(ClientError::Wait)?;
        self.take(link);
        Ok(outcome != WaitOutcome::TimedOut)
    }

    /// Drops what is left of a connection that was let go, so that the next one finds its places free.
    pub(super) fn clear(&mut self) {
        while self.queue.dequeue(&mut self.completions) > 0 {
            self.completions.clear();
        }
    }
}
