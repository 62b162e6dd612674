//! How a port is made.

use std::time::Duration;

use super::error::PortError;
use super::monitor::Monitor;
use super::port::CompletionPort;
use crate::backend::BackendChoice;

/// The most threads that may run at once.
const MOST_RUNNING: usize = 65_536;
/// The most packets that may be queued.
const MOST_QUEUED: usize = 1 << 24;
/// The least time between two looks of the monitor: a look is a file of `/proc` a thread.
const LEAST_TICK: Duration = Duration::from_micros(100);
/// Posted packets that may be queued, unless told otherwise.
const QUEUE_LIMIT: usize = 65_536;
/// Threads for files, unless told otherwise.
const FILE_THREADS: usize = 4;

/// Options of a [`CompletionPort`].
///
/// ```
/// use ringport::CompletionPort;
///
/// let port = CompletionPort::builder().concurrency(2).queue_limit(1000).build()?;
/// assert_eq!(port.concurrency(), 2);
/// # Ok::<(), ringport::port::PortError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "no port is made before build is called"]
pub struct CompletionPortBuilder {
    pub(super) concurrency: usize,
    pub(super) queue_limit: usize,
    pub(super) backend: BackendChoice,
    pub(super) file_threads: usize,
    pub(super) monitor: Monitor,
}

impl CompletionPortBuilder {
    pub(super) fn new() -> CompletionPortBuilder {
        CompletionPortBuilder {
            concurrency: 0,
            queue_limit: QUEUE_LIMIT,
            backend: BackendChoice::Automatic,
            file_threads: FILE_THREADS,
            monitor: Monitor::default(),
        }
    }

    /// How many threads may run at once; 0, the default, means as many as there are processors. On Windows the system
    /// is told this number, and keeps to it (`CreateIoCompletionPort`).
    pub fn concurrency(mut self, threads: usize) -> Self {
        self.concurrency = threads;
        self
    }

    /// How many packets may be queued before [`CompletionPort::post`] is refused; 65,536 by default. Packets of
    /// operations and of completion queues have their places already and are not limited by this; of the packets that count,
    /// those of operations do on Linux only, for Windows tells nobody how many it has.
    pub fn queue_limit(mut self, packets: usize) -> Self {
        self.queue_limit = packets;
        self
    }

    /// What carries the operations of files and sockets. With [`BackendChoice::Automatic`], the default, the
    /// environment variable `RINGPORT_BACKEND` decides, then what this kernel allows. It is opened for the first
    /// handle.
    ///
    /// On Windows the operations of a port are overlapped, whichever of its two backends is chosen: Registered I/O is
    /// for completion queues, and those on a port have it as any other.
    pub fn backend(mut self, choice: BackendChoice) -> Self {
        self.backend = choice;
        self
    }

    /// How many threads read and write files, at most, where epoll is the backend; 4 by default, at least 1. They
    /// are started as they are needed. io_uring needs none, and
    /// neither does Windows.
    pub fn file_threads(mut self, threads: usize) -> Self {
        self.file_threads = threads;
        self
    }

    /// Whether, and how often, the port looks for threads that block without saying so; every 5 ms by default,
    /// and only while one keeps another from running. Windows notices by itself, so this is for Linux alone.
    pub fn monitor(mut self, monitor: Monitor) -> Self {
        self.monitor = monitor;
        self
    }

    /// Makes the port.
    ///
    /// # Errors
    /// [`PortError::Concurrency`], [`PortError::QueueLimit`], [`PortError::MonitorTick`]; [`PortError::System`] when the
    /// system has no memory for a port.
    pub fn build(self) -> Result<CompletionPort, PortError> {
        if self.concurrency > MOST_RUNNING {
            return Err(PortError::Concurrency { asked: self.concurrency, most: MOST_RUNNING });
        }
        if self.queue_limit == 0 || self.queue_limit > MOST_QUEUED {
            return Err(PortError::QueueLimit { asked: self.queue_limit, most: MOST_QUEUED });
        }
        match self.monitor {
            Monitor::Every(asked) if asked < LEAST_TICK => {
                Err(PortError::MonitorTick { asked, least: LEAST_TICK })
            }
            _ => CompletionPort::open(&self),
        }
    }
}
