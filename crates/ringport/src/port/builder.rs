//! How a port is made.

use super::error::PortError;
use super::port::CompletionPort;

/// The most threads that may run at once.
const MOST_RUNNING: usize = 65_536;
/// The most packets that may be queued.
const MOST_QUEUED: usize = 1 << 24;
/// Posted packets that may be queued, unless told otherwise.
const QUEUE_LIMIT: usize = 65_536;

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
}

impl CompletionPortBuilder {
    pub(super) fn new() -> CompletionPortBuilder {
        CompletionPortBuilder { concurrency: 0, queue_limit: QUEUE_LIMIT }
    }

    /// How many threads may run at once; 0, the default, means as many as there are processors.
    pub fn concurrency(mut self, threads: usize) -> Self {
        self.concurrency = threads;
        self
    }

    /// How many packets may be queued before [`CompletionPort::post`] is refused; 65,536 by default. Packets of
    /// operations and of completion queues have their places already and are not limited by this.
    pub fn queue_limit(mut self, packets: usize) -> Self {
        self.queue_limit = packets;
        self
    }

    /// Makes the port.
    ///
    /// # Errors
    /// [`PortError::Concurrency`], [`PortError::QueueLimit`]; [`PortError::System`] when the process may start no
    /// thread.
    pub fn build(self) -> Result<CompletionPort, PortError> {
        if self.concurrency > MOST_RUNNING {
            return Err(PortError::Concurrency { asked: self.concurrency, most: MOST_RUNNING });
        }
        if self.queue_limit == 0 || self.queue_limit > MOST_QUEUED {
            return Err(PortError::QueueLimit { asked: self.queue_limit, most: MOST_QUEUED });
        }
        CompletionPort::open(&self)
    }
}
