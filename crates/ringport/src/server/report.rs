//! What a server says at its end.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use super::counters::Counters;
use super::design::Design;
use super::stop::StopReason;
use crate::backend::BackendKind;
use crate::memory::LockState;

/// How a server ran, with its figures.
///
/// ```
/// use ringport::UdpServer;
///
/// let server = UdpServer::bind("127.0.0.1:0")?;
/// server.handle().stop();
/// let report = server.run(|datagram| datagram.reply())?;
/// assert_eq!(report.counters.total.datagrams, 0);
/// assert!(report.socket_buffer_granted > 0);
/// # Ok::<(), ringport::server::ServerError>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Report {
    /// The address it was bound to; of several the first.
    pub local_addr: SocketAddr,
    /// All addresses it was bound to, in the order of binding.
    pub local_addrs: Vec<SocketAddr>,
    /// Its design.
    pub design: Design,
    /// The backend of its queues; `None` for the blocking designs.
    pub backend: Option<BackendKind>,
    /// Why this backend.
    pub backend_reason: String,
    /// The bytes of receive buffer that each socket was to have.
    pub socket_buffer_asked: usize,
    /// The bytes that the kernel granted: less where `net.core.rmem_max` is lower.
    pub socket_buffer_granted: usize,
    /// Who stopped it.
    pub stopped_by: StopReason,
    /// From the moment all threads were ready to the end of the last.
    pub ran: Duration,
    /// The figures, exact now that the threads have ended. What a thread had locked at its end is told, too.
    pub counters: Counters,
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total = &self.counters.total;
        write!(formatter, "{} on {}", self.design, self.local_addr)?;
        if let more @ 1.. = self.local_addrs.len().saturating_sub(1) {
            write!(formatter, " and {more} more addresses")?;
        }
        if let Some(backend) = self.backend {
            write!(formatter, " over {backend} ({})", self.backend_reason)?;
        }
        writeln!(formatter, ", {} of {} threads at work", total.thread, self.counters.threads.len())?;
        writeln!(
            formatter,
            "{} datagrams, {} bytes in {:.3} s; {} dropped by the socket, {} truncated, {} failed",
            total.datagrams,
            total.bytes,
            self.ran.as_secs_f64(),
            self.counters.dropped_by_socket,
            total.truncated,
            total.failed,
        )?;
        writeln!(
            formatter,
            "{} replies promised, {} sent, {} dropped; {:.1} datagrams a dequeue, at most {}",
            total.replies_promised,
            total.replies_sent,
            total.replies_dropped,
            total.results.mean(),
            total.results.max,
        )?;
        let memory = self.counters.lock_state.unwrap_or(LockState::Off);
        write!(
            formatter,
            "{} bytes of memory, {} locked ({memory}); socket buffer {} of {} bytes",
            self.counters.registered_bytes,
            self.counters.locked_bytes,
            self.socket_buffer_granted,
            self.socket_buffer_asked,
        )
    }
}
