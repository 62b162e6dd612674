//! What the receiver tells the driver, as JSON lines.

use std::net::SocketAddr;

use ringport::BackendKind;
use ringport::server::Report;
use serde::{Deserialize, Serialize};

use crate::latency::Percentiles;

use super::threads::ThreadFigures;
use super::totals::Totals;

/// The first line: the server stands and can be sent to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Ready {
    pub(crate) addresses: Vec<SocketAddr>,
    /// Cost of a unit of artificial work, in nanoseconds.
    pub(crate) work_ns: f64,
    /// Cost of measuring one datagram, in nanoseconds.
    pub(crate) probe_ns: f64,
}

/// The last line: the figures of the receiver.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Finished {
    /// The backend that ran; `none` for designs that have no queue.
    pub(crate) backend: String,
    /// Bytes of receive buffer that the kernel granted each socket.
    pub(crate) receive_buffer: usize,
    pub(crate) datagrams: u64,
    pub(crate) bytes: u64,
    pub(crate) foreign: u64,
    /// Arrival of the first and the last datagram on the monotonic clock; None if none came.
    pub(crate) span: Option<(u64, u64)>,
    /// Allocations of the process between these two.
    pub(crate) allocations: u64,
    pub(crate) latency_us: Option<Percentiles>,
    pub(crate) threads: Vec<ThreadFigures>,
    /// All threads together, and what is no thread's own: what the helpers of the library did for all of them.
    pub(crate) total: ThreadFigures,
}

/// What a server knows of itself.
pub(crate) struct OfServer {
    pub(crate) backend: Option<BackendKind>,
    pub(crate) receive_buffer: usize,
    pub(crate) threads: Vec<ThreadFigures>,
    pub(crate) total: ThreadFigures,
}

impl OfServer {
    /// From the library's report.
    pub(crate) fn reported(report: &Report) -> OfServer {
        let (counters, all) = (&report.counters, report.counters.total.datagrams);
        OfServer {
            backend: report.backend,
            receive_buffer: report.socket_buffer_granted,
            threads: counters.threads.iter().map(|thread| ThreadFigures::of(thread, all)).collect(),
            total: ThreadFigures::of(&counters.total, all),
        }
    }
}

impl Finished {
    pub(crate) fn new(totals: Totals, server: OfServer) -> Finished {
        Finished {
            backend: server.backend.map_or("none".into(), |backend| backend.to_string()),
            receive_buffer: server.receive_buffer,
            datagrams: totals.datagrams,
            bytes: totals.bytes,
            foreign: totals.foreign,
            span: totals.ends.map(|(first, last)| (first.at, last.at)),
            allocations: totals
                .ends
                .map_or(0, |(first, last)| last.allocations.saturating_sub(first.allocations)),
            latency_us: totals.latency_us,
            total: server.total,
            threads: server.threads,
        }
    }
}
