//! What a port tells of itself.

use super::monitor::MonitorState;

/// A port's figures at one moment.
///
/// On Windows the system decides who runs, and tells nobody. There `running`, `waiting` and `blocked` are what the
/// threads of the port are about: a thread is counted as running from the end of its wait to its next one, also while it
/// blocks without saying so, and may be one of more than `concurrency`. `released`, `released_by_monitor` and
/// `monitor_ticks` are always 0.
///
/// ```
/// use ringport::CompletionPort;
///
/// let port = CompletionPort::new(2)?;
/// port.post(0, 0)?;
/// port.wait(None)?;
/// let counters = port.counters();
/// assert_eq!((counters.concurrency, counters.running, counters.queued), (2, 1, 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PortCounters {
    /// How many threads may run at once.
    pub concurrency: usize,
    /// Threads that belong to the port.
    pub threads: usize,
    /// Threads that run: they took a packet, or their time was over, and they have not come back. More than
    /// `concurrency` only from the return of a blocked one, or the end of a time, until the next wait of any.
    pub running: usize,
    /// Threads in a wait.
    pub waiting: usize,
    /// Threads in a blocking scope.
    pub blocked: usize,
    /// Threads that the monitor found asleep, and that have not come back.
    pub released: usize,
    /// How often the monitor found a thread asleep and let another go on.
    pub released_by_monitor: u64,
    /// Packets that wait for a thread; on Windows without those of operations, which only the system could count.
    pub queued: usize,
    /// Packets that nobody had taken when the port was closed.
    pub dropped: u64,
    /// What the monitor does.
    pub monitor: MonitorState,
    /// How often the monitor was awake. It stands still while all threads wait.
    pub monitor_ticks: u64,
}
