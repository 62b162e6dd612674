//! The completion port itself.

use std::sync::Arc;
use std::time::Duration;

use super::builder::CompletionPortBuilder;
use super::counters::PortCounters;
use super::error::{PacketRefused, PortError, PortWaitError};
use super::packet::{Packet, Packets};
use super::system::PortCore;
use crate::queue::{Deliver, HeldRight, Target};

/// A completion port: packets from many sources for many threads, of which only so many run at once.
///
/// It is a handle; its clones are the same port. When the last is dropped the port is closed.
///
/// Posting and taking a packet costs one short lock each; a sleeping thread is woken by one system call, and only
/// if the limit allows it to run. A thread that comes back while packets are queued takes the next without a switch.
///
/// ```
/// use ringport::{CompletionPort, Packet};
/// use std::thread;
///
/// const EXIT: u64 = 0;
/// let port = CompletionPort::new(2)?;
/// let threads: Vec<_> = (0..4)
///     .map(|_| {
///         let port = port.clone();
///         thread::spawn(move || {
///             let mut done = 0;
///             while let Ok(Packet::Posted { key, .. }) = port.wait(None) {
///                 if key == EXIT {
///                     break;
///                 }
///                 done += 1;
///             }
///             done
///         })
///     })
///     .collect();
/// (1..=100).try_for_each(|value| port.post(1, value))?;
/// (0..4).try_for_each(|_| port.post(EXIT, 0))?;
/// assert_eq!(threads.into_iter().map(|thread| thread.join().unwrap()).sum::<u32>(), 100);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct CompletionPort {
    core: Arc<PortCore>,
    /// Closes the port with its last handle.
    _handles: Arc<Handles>,
}

struct Handles(Arc<PortCore>);

impl Drop for Handles {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl CompletionPort {
    /// Makes a port on which `concurrency` threads run at once; 0 means as many as there are processors
    /// (`CreateIoCompletionPort`). Twice as many threads as that should wait on it, so that one can take the place
    /// of another that blocks.
    ///
    /// # Errors
    /// As of [`CompletionPortBuilder::build`].
    pub fn new(concurrency: usize) -> Result<CompletionPort, PortError> {
        CompletionPort::builder().concurrency(concurrency).build()
    }

    /// Options first.
    pub fn builder() -> CompletionPortBuilder {
        CompletionPortBuilder::new()
    }

    pub(super) fn open(options: &CompletionPortBuilder) -> Result<CompletionPort, PortError> {
        let core = Arc::new(PortCore::new(options)?);
        Ok(CompletionPort { _handles: Arc::new(Handles(Arc::clone(&core))), core })
    }

    /// How many threads may run at once.
    pub fn concurrency(&self) -> usize {
        self.core.concurrency
    }

    /// Waits for a packet and takes it (`GetQueuedCompletionStatus`). Without a time it waits for ever; a time
    /// of zero only looks. Times are kept to the nanosecond that the system can, never rounded to zero. Windows counts
    /// in milliseconds: there a time is rounded up to the next, and kept to its end.
    ///
    /// # Errors
    /// [`PortWaitError`]: the time was over, or the port was closed.
    pub fn wait(&self, time: Option<Duration>) -> Result<Packet, PortWaitError> {
        let mut taken = None;
        self.core.wait(time, 1, &mut |packet| taken = Some(packet))?;
        taken.ok_or(PortWaitError::TimedOut)
    }

    /// Waits for a packet, and takes as many as are there and fit (`GetQueuedCompletionStatusEx`); returns how
    /// many.
    ///
    /// # Errors
    /// [`PortWaitError`]: the time was over, or the port was closed.
    pub fn wait_many(&self, packets: &mut Packets, time: Option<Duration>) -> Result<usize, PortWaitError> {
        match packets.room() {
            0 => Ok(0),
            room => self.core.wait(time, room, &mut |packet| packets.push(packet)),
        }
    }

    /// Queues a packet of the program's own (`PostQueuedCompletionStatus`). Any thread may.
    ///
    /// # Errors
    /// [`PacketRefused`]: the queue is full, or the port is closed.
    pub fn post(&self, key: u64, value: u64) -> Result<(), PacketRefused> {
        self.core.post(key, value)
    }

    /// Runs something that may block, outside of the limit: another thread goes on in the meantime. When it is
    /// done the calling thread runs again at once, so the limit may be exceeded by one until the next wait.
    ///
    /// On a thread that does not belong to the port it only runs it. On Windows the system notices by itself who blocks,
    /// so there it does that everywhere, and the scope shows in the figures.
    ///
    /// ```
    /// use ringport::CompletionPort;
    ///
    /// let port = CompletionPort::new(1)?;
    /// port.post(0, 0)?;
    /// port.wait(None)?;
    /// let running = port.blocking(|| port.counters().running);
    /// assert_eq!((running, port.counters().running), (0, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn blocking<R>(&self, run: impl FnOnce() -> R) -> R {
        let _scope = self.core.begin_blocking();
        run()
    }

    /// Closes the port: every wait ends with [`PortWaitError::Closed`], now and from now on. Packets that nobody
    /// took are dropped, with what they own. Operations that are outstanding are cancelled, and their buffers are
    /// free when this returns.
    ///
    /// On Windows a thread that waits returns when it may run: while as many run as may, and none of them blocks, waits
    /// or ends, the others wait on.
    pub fn close(&self) {
        self.core.close();
    }

    /// Which threads hold the right to drain a completion queue of this port, and for how long. One that has held
    /// it long, or blocks with it, stops all sockets of that queue.
    pub fn held_rights(&self) -> Vec<HeldRight> {
        self.core.held_rights()
    }

    /// The port's figures.
    pub fn counters(&self) -> PortCounters {
        self.core.counters()
    }

    pub(crate) fn core(&self) -> &Arc<PortCore> {
        &self.core
    }
}

// The sealed trait names a type of the crate's own, which nobody outside can reach.
#[allow(private_interfaces)]
impl Target for CompletionPort {
    fn target(&self) -> Arc<dyn Deliver> {
        Arc::clone(&self.core) as Arc<dyn Deliver>
    }
}

impl std::fmt::Debug for CompletionPort {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CompletionPort").field("counters", &self.counters()).finish()
    }
}
