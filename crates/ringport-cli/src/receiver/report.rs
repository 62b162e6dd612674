//! What the receiver tells the driver, as JSON lines.

use std::net::SocketAddr;

use ringport::BackendKind;
use ringport::server::Report;
use serde::{Deserialize, Serialize};

use crate::latency::{Latencies, Percentiles};

use super::probe::Collection;
use super::threads::ThreadFigures;

/// The first line: the server stands and can be sent to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Ready {
    pub(crate) address: SocketAddr,
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
    pub(crate) fn new(collection: &Collection, server: OfServer) -> Finished {
        collection.with_records(|records| {
            let mut latencies = Latencies::new();
            records.iter().filter_map(|it| it.latencies.as_ref()).for_each(|it| latencies.add(it));
            let busy = || records.iter().filter(|record| record.bytes > 0 || record.datagrams > 0);
            let first = busy().min_by_key(|record| record.first);
            let last = busy().max_by_key(|record| record.last);
            let ends = first.zip(last);
            Finished {
                backend: server.backend.map_or("none".into(), |backend| backend.to_string()),
                receive_buffer: server.receive_buffer,
                datagrams: records.iter().map(|record| record.datagrams).sum(),
                bytes: records.iter().map(|record| record.bytes).sum(),
                foreign: records.iter().map(|record| record.foreign).sum(),
                span: ends.map(|(first, last)| (first.first, last.last)),
                allocations: ends.map_or(0, |(first, last)| last.allocations_last - first.allocations_first),
                latency_us: latencies.percentiles(),
                total: server.total,
                threads: server.threads,
            }
        })
    }
}
