//! What the threads of a server on a port share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use super::reader::Poster;
use crate::backend::sys::blocking;
use crate::backend::sys::descriptor::AsFd;
use crate::backend::{BackendChoice, BackendKind};
use crate::port::{CompletionPort, Packet};
use crate::queue::{
    CompletionQueue, Completions, PortQueue, PortRequestQueue, QueueError, Receive, RequestCounters, Status,
};
use crate::server::board::Board;
use crate::server::counters::{QueueCounters, ThreadCounters};
use crate::server::design::opening;
use crate::server::design::promise::Promise;
use crate::server::error::ServerError;
use crate::server::memory::Memory;
use crate::server::options::Options;
use crate::server::sockets::{Place, Sockets};

/// Batches that a packet may bring where there are several queues: so one that always has datagrams does not keep
/// threads from the others.
const RESULTS_PER_PACKET: usize = 4;
/// The last look at what completed, at the end of the server.
const LAST_LOOK: usize = 64;

/// See the module. The fields are dropped in this order: the reader before requests, those before their queues,
/// queues before the port.
pub(in crate::server) struct Hub {
    /// In the designs with a reader thread: it posts the receives.
    pub(super) reader: Option<Poster>,
    /// By the context of their completions.
    pub(super) sockets: Arc<Vec<PortRequestQueue>>,
    /// Where they are, by the same.
    pub(super) places: Vec<Place>,
    /// By their keys.
    pub(super) queues: Vec<PortQueue>,
    pub(in crate::server) port: CompletionPort,
    pub(in crate::server) memory: Memory,
    /// Receives of each socket that are posted, in a handler's hands, or on their way out as replies.
    pub(super) pending: u32,
    pub(super) copies_under_way: AtomicU32,
    pub(super) most_copies: u32,
    /// A receive had to wait for a slice once, so receives that count as posted may not be.
    pub(super) starved: AtomicBool,
}

impl Hub {
    /// Makes the port, its queues and the memory, and posts all receives.
    pub(in crate::server) fn open(options: &Options, sockets: &Sockets) -> Result<Hub, ServerError> {
        let slices = options.pending() * sockets.all().len();
        let places = sockets.all().iter().map(|bound| bound.place).collect();
        let memory = Memory::open(options, slices, 0)?;
        let port = CompletionPort::new(options.concurrency)?;
        let failed = |source| ServerError::Queue { thread: 0, source };
        let pending = options.pending() as u32;
        let open = |backend| open_queues(options, sockets, &port, backend);
        let (queues, sockets) = opening::over(options.backend, open).map_err(failed)?;
        for requests in &sockets {
            for _ in 0..pending {
                requests
                    .receive_when_free(&memory.receives, Receive::new().addresses(), 0)
                    .map_err(|source| ServerError::Post { thread: 0, source })?;
            }
        }
        let most_copies = (options.copies() * options.addresses) as u32;
        let (copies_under_way, starved) = (AtomicU32::new(0), AtomicBool::new(false));
        let sockets = Arc::new(sockets);
        let reader = options.design.has_reader().then(|| Poster::start(&sockets, slices)).transpose();
        let reader =
            reader.map_err(|source| ServerError::System { what: "starting the reader thread", source })?;
        Ok(Hub {
            reader,
            sockets,
            places,
            queues,
            port,
            memory,
            pending,
            copies_under_way,
            most_copies,
            starved,
        })
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
        self.queues.iter().for_each(|queue| sum += queue.counters());
        sum
    }

    /// What the pumps and senders counted, as no thread of the server did.
    pub(in crate::server) fn figures(&self) -> ThreadCounters {
        let counters = self.counters();
        ThreadCounters {
            unreachable: counters.unreachable,
            rearmed: counters.rearmed,
            sends_blocked: counters.blocked,
            unsegmented: counters.unsegmented,
            system_calls: self.queues.iter().map(PortQueue::system_calls).sum(),
            ..ThreadCounters::default()
        }
    }

    /// What went through each queue.
    pub(in crate::server) fn queue_counters(&self) -> Vec<QueueCounters> {
        let read = |queue: &PortQueue| QueueCounters {
            sockets: queue.request_queues(),
            completions: queue.completed() as u64,
            packets: queue.packets(),
            system_calls: queue.system_calls(),
        };
        self.queues.iter().map(read).collect()
    }

    /// The threads have ended: counts what left at the last moment, and what did not leave at all.
    pub(in crate::server) fn settle(&self, board: &Board) {
        let mut completions = Completions::with_capacity(LAST_LOOK);
        self.poke();
        while let Ok(packet) = self.port.wait(Some(Duration::ZERO)) {
            let Packet::Ready(mut ready) = packet else { continue };
            while ready.dequeue(&mut completions) > 0 {
                for completion in completions.drain() {
                    let promise = Promise::of(completion.token());
                    let good = completion.status() == Status::Success;
                    super::desk::count_sent(self, board, promise, good);
                }
            }
        }
        let copies = u64::from(self.copies_under_way.load(Ordering::Relaxed));
        if let Some(notes) = board.of(0) {
            notes.copies_dropped.add_among_others(copies);
        }
        board.threads().for_each(|notes| notes.drop_unsent());
    }
}

/// Makes the queues, and a request queue for each socket on the queue with the least load: the one with the fewest
/// sockets, and of those the one that had the least to do so far.
fn open_queues(
    options: &Options,
    sockets: &Sockets,
    port: &CompletionPort,
    backend: BackendChoice,
) -> Result<(Vec<PortQueue>, Vec<PortRequestQueue>), QueueError> {
    let most = sockets.all().len().div_ceil(options.queues);
    let open = |key| {
        let builder = CompletionQueue::builder(options.places() * most).backend(backend);
        let builder = builder.waiting(options.waiting);
        if options.queues == 1 {
            builder
        } else {
            builder.results_per_packet(RESULTS_PER_PACKET * options.max_results())
        }
        .on(port, key)
    };
    let queues = (0..options.queues as u64).map(open).collect::<Result<Vec<_>, _>>()?;
    let mut requests = Vec::new();
    for (bound, context) in sockets.all().iter().zip(0..) {
        let least = queues.iter().min_by_key(|queue| (queue.request_queues(), queue.completed()));
        let queue = least.ok_or(QueueError::Closed)?;
        requests.push(PortRequestQueue::new(&bound.socket, queue, queue, options.limits(), context)?);
    }
    Ok((queues, requests))
}
