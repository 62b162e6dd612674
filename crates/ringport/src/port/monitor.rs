//! What is said about, and asked of, the monitor: what notices when a thread blocks without saying so.

use std::time::Duration;

/// Whether a port looks for threads that block without saying so, and how often: an option of
/// [`CompletionPortBuilder::monitor`](super::CompletionPortBuilder::monitor). It counts on Linux; Windows notices by
/// itself, at once and always.
///
/// ```
/// use ringport::CompletionPort;
/// use ringport::port::Monitor;
/// use std::time::Duration;
///
/// let eager = CompletionPort::builder().monitor(Monitor::Every(Duration::from_millis(1))).build()?;
/// let scopes_only = CompletionPort::builder().monitor(Monitor::Off).build()?;
/// # Ok::<(), ringport::port::PortError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Monitor {
    /// Look this often while a thread is kept waiting. One that blocks is replaced after two to three times as
    /// long.
    Every(Duration),
    /// Never. Only declared scopes ([`CompletionPort::blocking`](super::CompletionPort::blocking)) hand a place on.
    Off,
}

impl Default for Monitor {
    /// Every 5 ms.
    fn default() -> Monitor {
        Monitor::Every(Duration::from_millis(5))
    }
}

/// What a port's monitor does, as its counters tell it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[repr(u8)]
pub enum MonitorState {
    /// There is none, by [`Monitor::Off`].
    #[default]
    Off = 0,
    /// Nobody is kept waiting, so it sleeps; or the port has no two threads yet.
    Resting = 1,
    /// It looks at each tick.
    Watching = 2,
    /// It cannot: the states of threads cannot be read from `/proc`, or it could not be started. Only declared
    /// scopes hand a place on. This is said once through [`notice`](crate::notice).
    Unavailable = 3,
    /// The system notices by itself, as Windows does, and tells nobody. The option changes nothing there.
    System = 4,
}
