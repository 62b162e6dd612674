//! The server designs: how datagrams get from the socket to the handlers.
//!
//! Each design is one file, or one strategy of a file. All of them run the same handler, so that they can
//! be compared by changing one word.

pub(super) mod blocking;
mod desk;
pub(super) mod ground;
pub(super) mod on_port;
mod opening;
pub(super) mod plain;
mod promise;
pub(super) mod registered;
mod replying;
mod sending;
pub(super) mod sharded;
mod tally;
pub(super) mod waiting;
mod words;

use std::time::Duration;

pub use words::UnknownDesign;

use crate::backend::sys::errno;

/// The key of packets that wake a thread to look whether it is to stop. Queues and sockets have keys from 0.
pub(super) const EXIT: u64 = u64::MAX;
/// The key of packets that have a thread look for slices that came back.
const REFILL: u64 = u64::MAX - 1;
/// How long a thread sleeps at most while its pool has memory to give back. It sleeps without end otherwise: a
/// time-out costs a timer, set and cleared at each sleep, which shows where each sleep is short.
const TICK: Duration = Duration::from_secs(1);
/// How long a thread of a port sleeps at most at the end of the server, before it looks again.
const NAP: Duration = Duration::from_millis(2);
/// Receives that fail one after the other, with no success between, before a server gives up.
const MOST_FAILURES: u32 = 10_000;
/// How long the end of a server waits without any progress: for the last replies to leave, and for slices that
/// handlers kept while datagrams wait.
const PATIENCE: Duration = Duration::from_secs(5);
/// The same where datagrams could not be kept from coming in: on Linux where a filter is not allowed, on Windows always,
/// so that there it is long enough for what a socket holds.
const LEAKY_PATIENCE: Duration = Duration::from_millis(if cfg!(windows) { 2_000 } else { 500 });

/// Whether a send failed for the address it was to leave from, which only the routes can tell.
fn is_no_source(error: i32) -> bool {
    matches!(error, errno::EINVAL | errno::ENETUNREACH | errno::EADDRNOTAVAIL)
}

/// How a server gets its datagrams.
///
/// | design | sockets | threads | a thread |
/// | --- | --- | --- | --- |
/// | `blocking` | 1 | any number | one blocking receive call a datagram, no queue |
/// | `polled` | 1 | 1 | registered I/O; asks its queue again and again and never sleeps |
/// | `event` | 1 | 1 | registered I/O; asks for a notification, sleeps, takes a batch, repeats |
/// | `event-polled` | 1 | 1 | as `event`, but takes batches until there are none before it sleeps |
/// | `port-1` | 1 | 1 | plain receives through a completion port, one packet a wait |
/// | `port` | 1 | any number | as above |
/// | `port-batched` | 1 | any number | as above, up to 1,000 packets a wait |
/// | `registered-port-1` | 1 | 1 | registered I/O, notified through a completion port |
/// | `registered-port` | 1 | any number | as above; takes a batch, lets the next thread take one, handles its own |
/// | `hybrid` | 1 | any number | as above, but handles small batches alone: others join in as the load grows |
/// | `reader-thread` | 1 | any number | as `registered-port`, but one more thread posts the receives of all |
/// | `hybrid-reader-thread` | 1 | any number | as `hybrid`, with that thread |
/// | `sharded-…` | one a thread | any number | as the design it is named after, on a socket of its own |
///
/// The sharded designs share one port: the kernel sends each peer to one of the sockets (`SO_REUSEPORT`), so
/// one peer alone keeps one thread busy, whatever their number. Windows has no such thing, so it has no such design
/// ([`Design::refusal`]).
///
/// The plain designs on a port, `port-1`, `port` and `port-batched`, are what a server of I/O completion ports is
/// without registered I/O, and the baseline for the others: a thread that waits on the port asks epoll, receives
/// one datagram with one call (with `port-batched` a batch), and has the socket watched again; each reply is a call.
/// They take epoll unless a backend is asked for, since io_uring makes one request of each receive and wakes
/// another thread for it. On Windows they are overlapped operations on an I/O completion port, as the name says.
///
/// The registered designs on a port share one socket, one pool and one [`CompletionPort`](crate::CompletionPort), which keeps as
/// many threads running as [`concurrency`](crate::UdpServer::concurrency) says and wakes the freshest first. A thread
/// of their own, the pump, moves completions from the kernel to them; over Registered I/O they do that themselves. `registered-port` and `hybrid` let the next
/// thread take datagrams before they handle theirs, so **datagrams of one peer are handled by several threads at a
/// time and may be finished out of order**, unless [`ordered`](crate::UdpServer::ordered) is set: then a thread
/// handles what it took before the next one takes more, and one thread handles at a time.
///
/// ```
/// use ringport::Design;
///
/// assert_eq!("event-polled".parse(), Ok(Design::EventPolled));
/// assert_eq!(Design::ShardedEvent.to_string(), "sharded-event");
/// assert_eq!(Design::default(), Design::EventPolled);
/// # assert_eq!(Design::ALL.len(), 16);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Design {
    /// One blocking receive system call a datagram. The baseline: no registered memory is involved beyond
    /// the slice that a thread receives into.
    Blocking,
    /// One thread that spins on its completion queue. The shortest latency, for a whole processor.
    Polled,
    /// One thread: notify, wait, dequeue, handle, repeat.
    Event,
    /// One thread that dequeues first, and asks for a notification only when the queue was empty.
    #[default]
    EventPolled,
    /// One thread on a completion port, plain receives.
    Port1,
    /// Threads on a completion port, plain receives, one a wait.
    Port,
    /// Threads on a completion port, plain receives, up to 1,000 a wait
    /// (or [`max_results`](crate::UdpServer::max_results), if that is less).
    PortBatched,
    /// One thread on a completion port.
    RegisteredPort1,
    /// Threads on a completion port; each lets the next one dequeue as soon as it has taken its results.
    RegisteredPort,
    /// Threads on a completion port; one lets the next one dequeue when it took a batch as large as
    /// [`threshold`](crate::UdpServer::threshold), and works alone while batches are smaller.
    Hybrid,
    /// [`Design::RegisteredPort`] with one more thread, which posts the receives of all.
    ReaderThread,
    /// [`Design::Hybrid`] with one more thread, which posts the receives of all.
    HybridReaderThread,
    /// [`Design::Blocking`] with a socket a thread.
    ShardedBlocking,
    /// [`Design::Polled`] with a socket a thread.
    ShardedPolled,
    /// [`Design::Event`] with a socket a thread.
    ShardedEvent,
    /// [`Design::EventPolled`] with a socket a thread.
    ShardedEventPolled,
}

impl Design {
    /// Every design, simple ones first.
    pub const ALL: [Design; 16] = [
        Design::Blocking,
        Design::Polled,
        Design::Event,
        Design::EventPolled,
        Design::Port1,
        Design::Port,
        Design::PortBatched,
        Design::RegisteredPort1,
        Design::RegisteredPort,
        Design::Hybrid,
        Design::ReaderThread,
        Design::HybridReaderThread,
        Design::ShardedBlocking,
        Design::ShardedPolled,
        Design::ShardedEvent,
        Design::ShardedEventPolled,
    ];

    /// Whether each of its threads has a socket of its own.
    ///
    /// ```
    /// assert!(ringport::Design::ShardedPolled.is_sharded());
    /// ```
    pub fn is_sharded(self) -> bool {
        matches!(
            self,
            Design::ShardedBlocking
                | Design::ShardedPolled
                | Design::ShardedEvent
                | Design::ShardedEventPolled
        )
    }

    /// Why this system has no server of it; `None` where it has.
    ///
    /// The sharded designs need several sockets on one port among which the system spreads the peers, and only Linux
    /// does that. On Windows choose [`Design::Blocking`] with several threads, which then wait on one socket, or
    /// [`Design::Hybrid`] or [`Design::RegisteredPort`], whose threads share one by a port.
    ///
    /// ```
    /// use ringport::Design;
    ///
    /// assert_eq!(Design::Hybrid.refusal(), None);
    /// assert_eq!(Design::ShardedEvent.refusal().is_none(), cfg!(target_os = "linux"));
    /// ```
    pub fn refusal(self) -> Option<&'static str> {
        let is_refused = self.is_sharded() && !sharded::SPREADS;
        is_refused.then_some("this system does not spread peers over sockets that share a port")
    }

    /// What to choose in place of one that this system has no server of.
    pub(super) fn instead(self) -> Design {
        if self == Design::ShardedBlocking { Design::Blocking } else { Design::Hybrid }
    }

    /// Whether it receives through registered memory and completion queues: all but the blocking ones and the plain
    /// ones on a port.
    ///
    /// ```
    /// use ringport::Design;
    ///
    /// assert!(Design::Hybrid.is_registered());
    /// assert!(!Design::Blocking.is_registered() && !Design::Port.is_registered());
    /// ```
    pub fn is_registered(self) -> bool {
        self.has_backend() && !matches!(self, Design::Port1 | Design::Port | Design::PortBatched)
    }

    /// Whether it has a [backend](crate::BackendKind): all but the blocking ones.
    ///
    /// ```
    /// use ringport::Design;
    ///
    /// assert!(Design::Port.has_backend() && !Design::Blocking.has_backend());
    /// ```
    pub fn has_backend(self) -> bool {
        !matches!(self, Design::Blocking | Design::ShardedBlocking)
    }

    /// Whether more than one thread can be asked for.
    ///
    /// ```
    /// use ringport::Design;
    ///
    /// assert!(Design::Blocking.takes_threads() && !Design::Event.takes_threads());
    /// ```
    pub fn takes_threads(self) -> bool {
        let on_port = self.is_on_port() && !matches!(self, Design::Port1 | Design::RegisteredPort1);
        self.is_sharded() || self == Design::Blocking || on_port
    }

    /// Whether it has a thread more that posts receives.
    fn has_reader(self) -> bool {
        matches!(self, Design::ReaderThread | Design::HybridReaderThread)
    }

    /// Whether it may have several queues on its port.
    pub(super) fn has_queues(self) -> bool {
        self.is_on_port() && self.is_registered()
    }

    /// Whether it can serve connections.
    pub(super) fn serves_streams(self) -> bool {
        let blocks = matches!(self, Design::Blocking | Design::ShardedBlocking);
        let is_plain = matches!(self, Design::Port1 | Design::Port | Design::PortBatched);
        !(blocks || is_plain || self.has_reader())
    }

    /// What to choose where one thread is not enough.
    pub(super) fn with_threads(self) -> String {
        match self {
            Design::Port1 => Design::Port.to_string(),
            Design::RegisteredPort1 => Design::RegisteredPort.to_string(),
            _ if sharded::SPREADS => format!("sharded-{self} or blocking"),
            _ => format!("{} or blocking", Design::Hybrid),
        }
    }

    /// Whether its threads wait on a [`CompletionPort`](crate::CompletionPort).
    ///
    /// ```
    /// use ringport::Design;
    ///
    /// assert!(Design::Hybrid.is_on_port() && !Design::Event.is_on_port());
    /// ```
    pub fn is_on_port(self) -> bool {
        matches!(
            self,
            Design::Port1
                | Design::Port
                | Design::PortBatched
                | Design::RegisteredPort1
                | Design::RegisteredPort
                | Design::Hybrid
                | Design::ReaderThread
                | Design::HybridReaderThread
        )
    }
}
