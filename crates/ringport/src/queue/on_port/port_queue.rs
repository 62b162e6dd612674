//! The completion queue on a port.

use std::io;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};

use super::drive::{Plan, Running};
use super::notifier::{Holder, Notifier};
use super::shared::Shared;
use crate::backend::BackendKind;
use crate::backend::contract::RequestCounters;
use crate::queue::builder::CompletionQueueBuilder;
use crate::queue::core::LARGEST;
use crate::queue::error::QueueError;

/// A completion queue that notifies through a completion port: the third kind, beside
/// [`Polled`](crate::queue::Polled) and [`Event`](crate::queue::Event).
///
/// It has no `dequeue`: a thread gets at its completions only by the [`Ready`](crate::Ready) that the port gives it. It is armed from
/// the start. It may be shared between threads.
///
/// Making it starts one thread, the pump, which sleeps while nothing completes. Over Registered I/O there is none: the
/// system tells the port, and its threads do what the pump does elsewhere. So there, what follows from a completion (the
/// next operation of a connection, a receive for a slice that came back) begins when a thread waits at the port. Its memory is 72 bytes for each
/// completion that it can hold and 56 for each receive, allocated at once.
///
/// Dropping it ends all requests of its queues, drops their completions and waits for the pump to end. What had
/// completed while its packet waits in the port, or a thread holds its [`Ready`](crate::Ready), can still be taken by
/// that, and is dropped with it.
///
/// ```
/// use ringport::{CompletionPort, CompletionQueue};
///
/// let port = CompletionPort::new(2)?;
/// let queue = CompletionQueue::builder(1024).results_per_packet(256).on(&port, 7)?;
/// assert_eq!((queue.key(), queue.size(), queue.reserved()), (7, 1024, 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct PortQueue {
    pub(super) shared: Arc<Shared>,
    running: Running,
}

impl CompletionQueueBuilder {
    /// How many results one packet of a queue on a port may bring; no limit by default. When they are taken the
    /// queue is to be re-armed, and its next packet stands behind those of other queues: so one that always has
    /// completions does not starve them.
    pub fn results_per_packet(mut self, results: usize) -> Self {
        self.results_per_packet = results.max(1);
        self
    }

    /// A queue that notifies through `port`; `key` comes back with each of its packets.
    ///
    /// # Errors
    /// [`QueueError::InvalidSize`]; [`QueueError::Backend`] when the backend asked for cannot run here;
    /// [`QueueError::System`] when the process may start no thread, open no more files or lock no more memory.
    pub fn on(self, port: &impl Notifier, key: u64) -> Result<PortQueue, QueueError> {
        if self.size == 0 || self.size > LARGEST || self.grows_to > LARGEST {
            let asked = self.size.max(self.grows_to);
            return Err(QueueError::InvalidSize { asked, largest: LARGEST });
        }
        let target = port.target();
        let plan = Plan { options: self, key, target: Arc::clone(&target) };
        let (shared, running) = plan.start()?;
        let holder: Weak<dyn Holder> = Arc::downgrade(&shared) as Weak<dyn Holder>;
        target.register(holder);
        Ok(PortQueue { shared, running })
    }
}

impl PortQueue {
    /// The key that comes with its packets.
    pub fn key(&self) -> u64 {
        self.shared.key
    }

    /// How many completions it can hold.
    pub fn size(&self) -> usize {
        self.shared.books().size
    }

    /// How many places request queues have reserved, closed ones included while completions of theirs are not
    /// dequeued.
    pub fn reserved(&self) -> usize {
        self.shared.books().reserved
    }

    /// How many request queues it has.
    pub fn request_queues(&self) -> usize {
        self.shared.books().count()
    }

    /// How many completions went through it so far: its share of the load. Over Registered I/O it looks for what has
    /// completed while nobody waited at the port, so there it may do some work.
    pub fn completed(&self) -> usize {
        self.shared.survey();
        self.shared.load.load(Ordering::Relaxed)
    }

    /// How many packets it has sent to its port so far.
    pub fn packets(&self) -> u64 {
        self.shared.packets.load(Ordering::Relaxed)
    }

    /// Whether it is armed: no packet of it waits, and no thread has the right to drain it.
    pub fn is_armed(&self) -> bool {
        self.shared.berth.is_full()
    }

    /// What happened on its sockets that no completion tells. The pump is asked, once for all of them.
    pub(crate) fn counters(&self) -> RequestCounters {
        self.shared.survey();
        let mut sum = self.shared.ask(|pump| pump.counters()).unwrap_or_default();
        let sides = self.shared.books().sides.clone();
        let outboxes = sides.iter().flatten().filter_map(|side| side.outbox.as_ref());
        outboxes.for_each(|outbox| outbox.count(&mut sum));
        sum
    }

    /// Sends the packet of an armed queue, whatever has completed: for whoever wants to see silent completions.
    pub(crate) fn poke(&self) {
        self.shared.poke();
    }

    /// Which backend carries it.
    pub fn backend(&self) -> BackendKind {
        self.shared.kind
    }

    /// System calls that its pump has made so far, as of its last sleep, or that were made in its stead.
    pub fn system_calls(&self) -> u64 {
        self.shared.system_calls.load(Ordering::Relaxed)
    }

    /// Waits of its pump that held completions back for more ([`Waiting`](crate::Waiting)), as of its last sleep.
    /// Always 0 with [`Waiting::Latency`](crate::Waiting::Latency).
    pub fn gathered(&self) -> u64 {
        self.shared.gathered.load(Ordering::Relaxed)
    }

    /// The error that stopped the backend for good, if one did (`RIO_CORRUPT_CQ`).
    pub fn fault(&self) -> Option<io::Error> {
        match self.shared.fault.load(Ordering::Acquire) {
            0 => None,
            error => Some(io::Error::from_raw_os_error(error)),
        }
    }

    /// Closes it, as dropping it does (`RIOCloseCompletionQueue`).
    pub fn close(self) {}
}

impl Drop for PortQueue {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::Release);
        // Not answered when the pump has ended by itself.
        let _ = self.shared.ask(|pump| {
            pump.core.close();
            pump.stopping = true;
        });
        self.running.end(&self.shared);
        let sides = self.shared.books().sides.clone();
        for side in sides.iter().flatten() {
            // After this no send completes any more.
            if let Some(outbox) = side.outbox.as_ref() {
                outbox.abort(&self.shared, side.id, true);
            }
        }
        self.shared.close();
    }
}

impl std::fmt::Debug for PortQueue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PortQueue")
            .field("key", &self.key())
            .field("backend", &self.backend())
            .field("size", &self.size())
            .field("reserved", &self.reserved())
            .finish_non_exhaustive()
    }
}

const _: fn() = || {
    fn shared<T: Send + Sync>() {}
    shared::<PortQueue>();
};
