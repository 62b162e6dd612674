//! A TCP server in the background, seen from elsewhere, and what it says at its end.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use super::connection::Message;
use super::counters::TcpCounters;
use super::framing::Framing;
use super::launch::Launch;
use super::server::Arrived;
use super::shared::Shared;
use crate::backend::BackendKind;
use crate::server::design::Design;
use crate::server::error::ServerError;
use crate::server::stop::StopReason;
use crate::server::supervisor::Supervisor;

/// A handle on a TCP server, from before it runs until after it ended; for any thread, to be cloned freely.
///
/// ```
/// use ringport::TcpServer;
///
/// let server = TcpServer::bind("127.0.0.1:0")?;
/// let handle = server.handle();
/// let other = std::thread::spawn(move || handle.stop());
/// let report = server.run(|message| _ = message.echo())?;
/// other.join().unwrap();
/// println!("{report}");
/// # Ok::<(), ringport::server::ServerError>(())
/// ```
#[derive(Clone, Debug)]
pub struct TcpHandle {
    shared: Arc<Shared>,
}

impl TcpHandle {
    pub(super) fn new(shared: &Arc<Shared>) -> TcpHandle {
        TcpHandle { shared: Arc::clone(shared) }
    }

    /// Begins an orderly stop, and does not wait for its end: nothing is accepted any more, connections that wait for
    /// a message are closed, those in the middle of one when it is answered or the
    /// [time for that](crate::TcpServer::stop_timeout) is over.
    pub fn stop(&self) {
        self.shared.stop(StopReason::Handle);
    }

    /// Whether a stop has begun.
    pub fn is_stopping(&self) -> bool {
        self.shared.stopping().asked()
    }

    /// The address the server listens on.
    pub fn local_addr(&self) -> SocketAddr {
        self.shared.local
    }

    /// The figures as they stand. The threads are not disturbed.
    pub fn counters(&self) -> TcpCounters {
        self.shared.counters()
    }
}

/// How a TCP server ran, with its figures.
///
/// ```
/// use ringport::TcpServer;
///
/// let server = TcpServer::bind("127.0.0.1:0")?;
/// server.handle().stop();
/// let report = server.run(|message| _ = message.echo())?;
/// assert_eq!(report.counters.accepted, 0);
/// # Ok::<(), ringport::server::ServerError>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TcpReport {
    /// The address it listened on.
    pub local_addr: SocketAddr,
    /// Its design.
    pub design: Design,
    /// The backend of its queues.
    pub backend: BackendKind,
    /// Who stopped it.
    pub stopped_by: StopReason,
    /// From the moment all threads were ready to the end of the last.
    pub ran: Duration,
    /// The figures, exact now that the threads have ended.
    pub counters: TcpCounters,
}

impl fmt::Display for TcpReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counters = &self.counters;
        writeln!(f, "{} on {} over {}", self.design, self.local_addr, self.backend)?;
        writeln!(
            f,
            "{} messages, {} bytes received, {} sent in {:.3} s",
            counters.messages,
            counters.received,
            counters.sent,
            self.ran.as_secs_f64(),
        )?;
        write!(
            f,
            "{} connections, {} at a time; {} refused, {} failed, {} malformed, {} too slow",
            counters.accepted,
            counters.most_open,
            counters.refused_full + counters.refused_memory,
            counters.failed,
            counters.malformed,
            counters.idle + counters.message_deadline + counters.close_deadline,
        )
    }
}

/// A TCP server that runs on threads of its own; made by [`TcpServer::start`](crate::TcpServer::start).
///
/// Dropping it stops the server in order and waits for its end.
///
/// ```
/// use ringport::TcpServer;
///
/// let server = TcpServer::bind("127.0.0.1:0")?.start(|message| _ = message.echo())?;
/// println!("serving on {}", server.local_addr());
/// assert_eq!(server.stop()?.counters.failed, 0);
/// # Ok::<(), ringport::server::ServerError>(())
/// ```
#[derive(Debug)]
#[must_use = "dropping it stops the server"]
pub struct TcpRunning {
    shared: Arc<Shared>,
    supervisor: Supervisor<TcpReport>,
}

impl TcpRunning {
    pub(super) fn start<F, H, M>(launch: Launch<F>, make: M) -> Result<TcpRunning, ServerError>
    where
        F: Framing + Clone,
        H: FnMut(Message<'_>) + Send + 'static,
        M: Fn(&Arrived) -> H + Send + Sync + 'static,
    {
        let shared = Arc::clone(&launch.shared);
        let supervisor = Supervisor::start(move |ready| launch.run(&make, || ready.tell()))?;
        Ok(TcpRunning { shared, supervisor })
    }

    /// The address the server listens on.
    pub fn local_addr(&self) -> SocketAddr {
        self.shared.local
    }

    /// A handle: figures and stop.
    pub fn handle(&self) -> TcpHandle {
        TcpHandle::new(&self.shared)
    }

    /// Stops the server in order and waits for its end.
    ///
    /// # Errors
    /// As of [`TcpServer::run`](crate::TcpServer::run).
    pub fn stop(self) -> Result<TcpReport, ServerError> {
        self.shared.stop(StopReason::Handle);
        self.join()
    }

    /// Waits for the server's end, whoever stops it.
    ///
    /// # Errors
    /// As of [`TcpServer::run`](crate::TcpServer::run).
    pub fn join(mut self) -> Result<TcpReport, ServerError> {
        self.supervisor.wait()
    }
}

impl Drop for TcpRunning {
    fn drop(&mut self) {
        if self.supervisor.is_running() {
            self.shared.stop(StopReason::Handle);
            // A failure has nobody left to be told to; `stop` and `join` tell it.
            let _ = self.supervisor.wait();
        }
    }
}
