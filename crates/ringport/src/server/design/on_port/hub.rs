//! What the threads of a server on a port share.

use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use crate::backend::BackendKind;
use crate::backend::sys::blocking;
use crate::memory::BufferPool;
use crate::port::{CompletionPort, Packet};
use crate::queue::{CompletionQueue, Completions, PortQueue, PortRequestQueue, Receive, RequestCounters};
use crate::server::board::Board;
use crate::server::counters::ThreadCounters;
use crate::server::design::opening;
use crate::server::error::ServerError;
use crate::server::options::Options;
use crate::server::shared::Sockets;

/// The last look at what completed, at the end of the server.
const LAST_LOOK: usize = 64;

/// See the module. The fields are dropped in this order: requests before their queues, queues before the port.
pub(in crate::server) struct Hub {
    /// By the context of their completions.
    pub(super) sockets: Vec<PortRequestQueue>,
    /// By their keys.
    pub(super) queues: Vec<PortQueue>,
    pub(in crate::server) port: CompletionPort,
    pub(in crate::server) pool: BufferPool,
    /// Receives of each socket that are posted, in a handler's hands, or on their way out as replies.
    pub(super) pending: u32,
    pub(super) copies_under_way: AtomicU32,
    /// A receive had to wait for a slice once, so receives that count as posted may not be.
    pub(super) starved: AtomicBool,
}

impl Hub {
    /// Makes the port, its queues and the pool, and posts all receives.
    pub(in crate::server) fn open(options: &Options, sockets: &Sockets) -> Result<Hub, ServerError> {
        let pool = options.pool().map_err(|source| ServerError::Memory { thread: 0, source })?;
        let port = CompletionPort::new(options.concurrency)?;
        let failed = |source| ServerError::Queue { thread: 0, source };
        let pending = options.pending as u32;
        let open = |backend| {
            let limits = options.limits();
            let mut requests = Vec::new();
            let builder = CompletionQueue::builder(3 * options.pending).backend(backend);
            let queue = builder.gather_at_most(options.gather_at_most).on(&port, 0)?;
            requests.push(PortRequestQueue::new(sockets.first(), &queue, &queue, limits, 0)?);
            Ok((vec![queue], requests))
        };
        let (queues, sockets) = opening::over(options.backend, open).map_err(failed)?;
        for requests in &sockets {
            for _ in 0..pending {
                requests
                    .receive_when_free(&pool, Receive::new().addresses(), 0)
                    .map_err(|source| ServerError::Post { thread: 0, source })?;
            }
        }
        let (copies_under_way, starved) = (AtomicU32::new(0), AtomicBool::new(false));
        Ok(Hub { sockets, queues, port, pool, pending, copies_under_way, starved })
    }

    pub(in crate::server) fn backend(&self) -> Option<BackendKind> {
        self.queues.first().map(PortQueue::backend)
    }

    /// Completions that went through its queues so far.
    pub(super) fn completed(&self) -> usize {
        self.queues.iter().map(PortQueue::completed).fold(0, usize::wrapping_add)
    }

    pub(super) fn sends_under_way(&self) -> u32 {
        self.sockets.iter().map(PortRequestQueue::sends_outstanding).sum()
    }

    /// After the stop: whether all that was received was taken by a thread, and all that was promised has left.
    ///
    /// A datagram only ever moves on: from the socket to the pump, from there to the queue, and from the queue to a
    /// thread, which needs the queue's right for it. So they are looked at in this order.
    pub(super) fn is_drained(&self) -> bool {
        if !self.sockets.iter().all(|requests| blocking::is_empty(requests.socket().as_fd())) {
            return false;
        }
        let before = self.completed();
        // The first answer comes before a look of the pump at its backend, the second after it.
        self.counters();
        self.counters();
        self.completed() == before
            && self.queues.iter().all(PortQueue::is_armed)
            && self.sends_under_way() == 0
    }

    /// Has the port tell of each queue, also where only silent sends have completed.
    pub(super) fn poke(&self) {
        self.queues.iter().for_each(PortQueue::poke);
    }

    /// What happened on the sockets. The pumps are asked.
    fn counters(&self) -> RequestCounters {
        let mut sum = RequestCounters::default();
        for counters in self.sockets.iter().map(PortRequestQueue::counters) {
            sum.unreachable += counters.unreachable;
            sum.rearmed += counters.rearmed;
            sum.blocked += counters.blocked;
        }
        sum
    }

    /// What the pumps and senders counted, as no thread of the server did.
    pub(in crate::server) fn figures(&self) -> ThreadCounters {
        let counters = self.counters();
        ThreadCounters {
            unreachable: counters.unreachable,
            rearmed: counters.rearmed,
            sends_blocked: counters.blocked,
            system_calls: self.queues.iter().map(PortQueue::system_calls).sum(),
            ..ThreadCounters::default()
        }
    }

    /// The threads have ended: counts what left at the last moment, and what did not leave at all.
    pub(in crate::server) fn settle(&self, board: &Board) {
        let mut completions = Completions::with_capacity(LAST_LOOK);
        self.poke();
        while let Ok(packet) = self.port.wait(Some(Duration::ZERO)) {
            let Packet::Ready(mut ready) = packet else { continue };
            while ready.dequeue(&mut completions) > 0 {
                completions.drain().for_each(|completion| super::desk::count_sent(self, board, &completion));
            }
        }
        let copies = u64::from(self.copies_under_way.load(Ordering::Relaxed));
        if let Some(notes) = board.of(0) {
            notes.copies_dropped.add_among_others(copies);
        }
        board.threads().for_each(|notes| notes.drop_unsent());
    }
}
