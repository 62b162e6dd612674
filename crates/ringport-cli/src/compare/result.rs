//! The figures of one measurement, derived from what was observed.

use serde::Serialize;

use crate::latency::Percentiles;
use crate::receiver::threads::ThreadFigures;

use super::measure::Observed;
use super::timeline::Moment;

/// One design in one round.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Measured {
    pub(crate) design: String,
    pub(crate) backend: String,
    pub(crate) round: u32,
    pub(crate) datagrams_sent: u64,
    pub(crate) datagrams_received: u64,
    /// Received over sent.
    pub(crate) processed_ratio: f64,
    pub(crate) lost: Lost,
    /// Received a second, from the first datagram to the last.
    pub(crate) rate_per_s: Option<f64>,
    /// CPU time of the whole receiving process; None where it was less than the system's clock of it can tell.
    pub(crate) cpu_ns_per_datagram: Option<f64>,
    /// Of the whole receiving process.
    pub(crate) context_switches: Option<u64>,
    /// The same for each 1,000 datagrams received.
    pub(crate) context_switches_per_1000: Option<f64>,
    /// One way; where there is an echo, the whole round trip, as the generator saw it.
    pub(crate) latency_us: Option<Percentiles>,
    pub(crate) threads: Vec<ThreadFigures>,
    /// All of them together, and what the library's helpers did for them.
    pub(crate) total: ThreadFigures,
    pub(crate) threads_active: usize,
    /// None where the system does not tell.
    pub(crate) locked_bytes: Option<u64>,
    pub(crate) resident_bytes: u64,
    pub(crate) allocations_per_datagram: Option<f64>,
    pub(crate) foreign: u64,
    /// What happened while it ran, in steps.
    pub(crate) samples: Vec<Moment>,
}

/// Where datagrams were lost.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Lost {
    /// The socket's receive buffer was full: the receiver was slower than the sender.
    ///
    /// None where the system does not tell: such datagrams are among those lost elsewhere.
    pub(crate) socket: Option<u64>,
    /// Anywhere else on the way.
    pub(crate) elsewhere: u64,
}

impl Measured {
    pub(crate) fn of(observed: &Observed) -> Measured {
        let (sent, finished) = (observed.sent.datagrams_sent, &observed.finished);
        // Where answers are expected, what the server took and did not send back is not done.
        let echo = observed.sent.echo.as_ref();
        let received = echo.map_or(finished.datagrams.saturating_sub(finished.foreign), |echo| echo.answered);
        let used = finished.span.and_then(|(first, last)| observed.series.used(first, last));
        let each = |total: f64| (received > 0).then(|| total / received as f64);
        // A clock that goes by ticks may not have seen a short run at all, and nothing is done for nothing.
        let cpu = used.map(|used| used.cpu).filter(|cpu| *cpu > 0.0);
        let switches = used.and_then(|used| used.switches);
        let seconds =
            finished.span.map(|(first, last)| (last - first) as f64 / 1e9).filter(|seconds| *seconds > 0.0);
        let missing = sent.saturating_sub(received);
        Measured {
            design: observed.design.to_string(),
            backend: observed.finished.backend.clone(),
            round: observed.round,
            datagrams_sent: sent,
            datagrams_received: received,
            processed_ratio: if sent > 0 { received as f64 / sent as f64 } else { 0.0 },
            lost: Lost {
                socket: observed.socket_drops.map(|drops| drops.min(missing)),
                elsewhere: missing.saturating_sub(observed.socket_drops.unwrap_or(0)),
            },
            rate_per_s: seconds.map(|seconds| received as f64 / seconds),
            cpu_ns_per_datagram: cpu.and_then(each),
            context_switches: switches.map(|switches| switches.round() as u64),
            context_switches_per_1000: switches.and_then(|switches| each(switches * 1_000.0)),
            latency_us: echo.map_or(finished.latency_us, |echo| echo.round_trip_us),
            threads_active: finished.threads.iter().filter(|thread| thread.datagrams > 0).count(),
            threads: finished.threads.clone(),
            total: finished.total.clone(),
            locked_bytes: observed.memory.locked,
            resident_bytes: observed.memory.resident,
            allocations_per_datagram: each(finished.allocations as f64),
            foreign: finished.foreign,
            samples: observed.moments.clone(),
        }
    }

    /// Results a dequeue over all threads, where they are counted.
    pub(crate) fn results_per_dequeue(&self) -> Option<f64> {
        let dequeues = self.total.dequeues;
        (dequeues > 0).then(|| self.datagrams_received as f64 / dequeues as f64)
    }
}
