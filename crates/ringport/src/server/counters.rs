//! The figures of a server, as anybody may read them.

use std::time::Duration;

use crate::backend::BackendKind;
use crate::memory::LockState;

/// How many datagrams a dequeue brought, over all dequeues that brought any.
///
/// ```
/// use ringport::server::Results;
///
/// assert_eq!(Results::bucket(1), 0);
/// assert_eq!(Results::bucket(5), 2); // 4 to 7
/// assert_eq!(Results::range(2), (4, 7));
/// assert_eq!(Results::default().mean(), 0.0);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Results {
    /// Dequeues that brought at least one datagram.
    pub dequeues: u64,
    /// The fewest datagrams of one; 0 while there was none.
    pub min: u64,
    /// The most datagrams of one.
    pub max: u64,
    /// The datagrams of all.
    pub total: u64,
    /// How often a dequeue brought 1, 2 to 3, 4 to 7, 8 to 15 datagrams and so on, by powers of two.
    pub histogram: [u64; Results::BUCKETS],
}

impl Results {
    /// The buckets of the histogram: one for each power of two that a dequeue can bring.
    pub const BUCKETS: usize = 21;

    /// The bucket that counts dequeues of so many datagrams.
    #[inline]
    pub fn bucket(datagrams: u64) -> usize {
        (datagrams.max(1).ilog2() as usize).min(Results::BUCKETS - 1)
    }

    /// The least and the most datagrams of a dequeue that is counted in this bucket.
    pub fn range(bucket: usize) -> (u64, u64) {
        let bucket = bucket.min(Results::BUCKETS - 1);
        (1 << bucket, (2 << bucket) - 1)
    }

    /// Datagrams a dequeue on average.
    pub fn mean(&self) -> f64 {
        if self.dequeues == 0 { 0.0 } else { self.total as f64 / self.dequeues as f64 }
    }

    fn add(&mut self, other: &Results) {
        if other.dequeues > 0 {
            self.min = if self.dequeues == 0 { other.min } else { self.min.min(other.min) };
            self.max = self.max.max(other.max);
        }
        self.dequeues += other.dequeues;
        self.total += other.total;
        self.histogram.iter_mut().zip(other.histogram).for_each(|(sum, more)| *sum += more);
    }
}

/// What one thread of a server did.
///
/// While it runs, processor time and switches are as the system tells them, in steps of about 10 ms; once it has
/// ended they are exact.
///
/// The counts begin with the server at 0. The thread alone writes them; any other thread may ask for a copy
/// ([`ServerHandle::counters`](super::ServerHandle::counters)).
///
/// ```
/// use ringport::{Design, UdpServer};
///
/// let server = UdpServer::bind("127.0.0.1:0")?.design(Design::Event).start(|datagram| datagram.reply())?;
/// let client = std::net::UdpSocket::bind("127.0.0.1:0")?;
/// client.send_to(b"12345", server.local_addr())?;
/// client.recv(&mut [0; 16])?;
/// let counters = server.stop()?.counters;
/// let thread = &counters.threads[0];
/// assert_eq!((thread.thread, thread.datagrams, thread.bytes), (0, 1, 5));
/// assert_eq!((thread.replies_promised, thread.replies_sent, thread.replies_dropped), (1, 1, 0));
/// assert!(thread.backend.is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ThreadCounters {
    /// The thread, from 0. In the sum of all: how many threads did any work.
    pub thread: usize,
    /// The backend of its queues; none in the blocking designs, and in the sum of all.
    pub backend: Option<BackendKind>,
    /// Datagrams received and handled, truncated ones included.
    pub datagrams: u64,
    /// Their payload bytes, as far as they were delivered.
    pub bytes: u64,
    /// Datagrams a dequeue.
    pub results: Results,
    /// Dequeues that brought nothing.
    pub empty_dequeues: u64,
    /// Notifications that fired.
    pub notifications: u64,
    /// Datagrams larger than their slice.
    pub truncated: u64,
    /// Times that the kernel handed over several datagrams at once
    /// ([`receive_offload`](crate::UdpServer::receive_offload)).
    pub runs: u64,
    /// Requests that the system refused.
    pub failed: u64,
    /// ICMP messages about datagrams that the server had sent to nobody.
    pub unreachable: u64,
    /// Times that the kernel's receive request ended, for lack of slices as a rule, and was armed anew.
    pub rearmed: u64,
    /// Times that a send found the socket full and had to wait.
    pub sends_blocked: u64,
    /// Messages of several datagrams that the system would not cut: they left datagram by datagram.
    pub unsegmented: u64,
    /// Replies that handlers asked for.
    pub replies_promised: u64,
    /// Of those, replies that the system took.
    pub replies_sent: u64,
    /// Of those, replies that it refused, or that the end of the server cut off.
    pub replies_dropped: u64,
    /// Copies that handlers asked for, but for those that were too long or found the pool empty.
    pub copies: u64,
    /// Of those, copies for which too many were on their way already
    /// ([`SendError::LimitReached`](super::SendError::LimitReached)), that the system refused, or that the end of
    /// the server cut off.
    pub copies_dropped: u64,
    /// Receives that had to wait for a slice, because handlers kept all of them.
    pub pool_waits: u64,
    /// System calls of the queue, where there is one.
    pub system_calls: u64,
    /// Processor time in the program itself.
    pub cpu_user: Duration,
    /// Processor time in the kernel.
    pub cpu_system: Duration,
    /// Switches to another thread because this one had to wait.
    pub voluntary_switches: u64,
    /// Switches because another thread was given its processor.
    pub involuntary_switches: u64,
}

impl ThreadCounters {
    pub(super) fn add(&mut self, other: &ThreadCounters) {
        self.thread += usize::from(other.datagrams > 0);
        self.datagrams += other.datagrams;
        self.bytes += other.bytes;
        self.results.add(&other.results);
        self.empty_dequeues += other.empty_dequeues;
        self.notifications += other.notifications;
        self.truncated += other.truncated;
        self.runs += other.runs;
        self.failed += other.failed;
        self.unreachable += other.unreachable;
        self.rearmed += other.rearmed;
        self.sends_blocked += other.sends_blocked;
        self.unsegmented += other.unsegmented;
        self.replies_promised += other.replies_promised;
        self.replies_sent += other.replies_sent;
        self.replies_dropped += other.replies_dropped;
        self.copies += other.copies;
        self.copies_dropped += other.copies_dropped;
        self.pool_waits += other.pool_waits;
        self.system_calls += other.system_calls;
        self.cpu_user += other.cpu_user;
        self.cpu_system += other.cpu_system;
        self.voluntary_switches += other.voluntary_switches;
        self.involuntary_switches += other.involuntary_switches;
    }
}

/// What went through one completion queue of a server on a port.
///
/// The pump of the queue counts; any thread may ask for a copy.
///
/// ```
/// use ringport::{Design, UdpServer};
///
/// let server = UdpServer::bind("127.0.0.1:0")?.design(Design::RegisteredPort).start(|datagram| datagram.reply())?;
/// let client = std::net::UdpSocket::bind("127.0.0.1:0")?;
/// client.send_to(b"one", server.local_addr())?;
/// client.recv(&mut [0; 16])?;
/// let queue = &server.stop()?.counters.queues[0];
/// assert!(queue.sockets == 1 && queue.completions >= 1 && queue.packets >= 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueueCounters {
    /// Sockets on it.
    pub sockets: usize,
    /// Completions of receives, and of sends that did not complete at once.
    pub completions: u64,
    /// Packets that it sent to the port.
    pub packets: u64,
    /// System calls of its pump.
    pub system_calls: u64,
}

/// What the [`Sender`](super::Sender)s of a server did.
///
/// They count the pushes of all threads together, from the making of the server.
///
/// ```
/// use ringport::UdpServer;
///
/// let client = std::net::UdpSocket::bind("127.0.0.1:0")?;
/// let server = UdpServer::bind("127.0.0.1:0")?.start(|datagram| datagram.reply())?;
/// server.sender().send_copy(client.local_addr()?, b"news")?;
/// assert!(server.sender().send_copy(client.local_addr()?, &[0; 65_536]).is_err());
/// let pushes = server.stop()?.counters.pushes;
/// assert_eq!((pushes.sent, pushes.failed), (1, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PushCounters {
    /// Datagrams that the system took.
    pub sent: u64,
    /// Pushes that failed.
    pub failed: u64,
    /// Times that a push found the socket full and waited for room.
    pub waits: u64,
    /// The time they waited, of all of them.
    pub waited: Duration,
}

/// The figures of a server, while it runs or at its end.
///
/// They are read while the threads go on, so two figures may be a batch apart; at the end they are exact.
///
/// ```
/// use ringport::UdpServer;
///
/// let server = UdpServer::bind("127.0.0.1:0")?.start(|datagram| datagram.reply())?;
/// let client = std::net::UdpSocket::bind("127.0.0.1:0")?;
/// client.send_to(b"one", server.local_addr())?;
/// client.recv(&mut [0; 16])?;
/// let counters = server.handle().counters();
/// println!("{} threads, {} bytes locked", counters.threads.len(), counters.locked_bytes);
/// assert_eq!(server.stop()?.counters.total.bytes, 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Counters {
    /// Each thread; none before the server runs.
    pub threads: Vec<ThreadCounters>,
    /// All of them together; `total.thread` is how many did any work. In the designs on a port it has more: what
    /// the pumps of the queues did, and what happened on the sockets (`unreachable`, `rearmed`, `sends_blocked`, `unsegmented`,
    /// `system_calls`), since that is no thread's own. The processor time of the pumps is that of the process, and
    /// not in here.
    pub total: ThreadCounters,
    /// The completion queues of a registered design on a port; none in the others.
    pub queues: Vec<QueueCounters>,
    /// Pushes by senders.
    pub pushes: PushCounters,
    /// Datagrams that the sockets dropped since they were opened, for lack of room in their receive buffers. With
    /// receive offload the kernel counts a run of datagrams for which there was no room as one.
    /// Those that came after the stop had begun are not among them.
    pub dropped_by_socket: u64,
    /// Bytes of registered memory that are locked.
    pub locked_bytes: usize,
    /// Bytes of registered memory, locked or not.
    pub registered_bytes: usize,
    /// Slices that are neither free nor posted: with datagrams that are being handled, or that handlers keep. With
    /// receive offload each has 64 KiB, however small what is kept of it.
    pub slices_held: usize,
    /// Whether the memory is locked, and if not, why; `None` before the server runs.
    pub lock_state: Option<LockState>,
}

impl Counters {
    /// The sum of threads.
    pub(super) fn sum(threads: &[ThreadCounters]) -> ThreadCounters {
        let mut total = ThreadCounters::default();
        threads.iter().for_each(|thread| total.add(thread));
        total
    }

    /// How unevenly the completion queues were used: the completions of the busiest over the mean. 1 is even, and
    /// with one queue or none; the number of queues means that one did everything.
    ///
    /// ```
    /// assert_eq!(ringport::server::Counters::default().skew(), 1.0);
    /// ```
    pub fn skew(&self) -> f64 {
        let completions = || self.queues.iter().map(|queue| queue.completions);
        let (sum, most) = (completions().sum::<u64>(), completions().max().unwrap_or(0));
        if sum == 0 { 1.0 } else { most as f64 * self.queues.len() as f64 / sum as f64 }
    }

    /// How many threads handled any datagram.
    pub fn active_threads(&self) -> usize {
        self.total.thread
    }

    /// The share of the datagrams that a thread handled, 0 to 1.
    ///
    /// ```
    /// assert_eq!(ringport::server::Counters::default().share(0), 0.0);
    /// ```
    pub fn share(&self, thread: usize) -> f64 {
        let datagrams = self.threads.get(thread).map_or(0, |thread| thread.datagrams);
        if self.total.datagrams == 0 { 0.0 } else { datagrams as f64 / self.total.datagrams as f64 }
    }
}
