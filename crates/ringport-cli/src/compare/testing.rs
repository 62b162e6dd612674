//! Made-up figures for tests.

use super::statistics::Figure;
use super::summary::Summary;

/// A design that received `rate` datagrams a second for `cpu` nanoseconds and as many switches each, in every round.
pub(crate) fn summary(design: &str, rate: f64, cpu: f64) -> Summary {
    let always = |value: f64| Some(Figure { median: value, least: value, most: value });
    Summary {
        design: design.into(),
        backend: "none".into(),
        rounds: 3,
        rate_per_s: always(rate),
        cpu_ns_per_datagram: always(cpu),
        context_switches_per_1000: always(cpu),
        processed_ratio: Some(1.0),
        lost_socket_ratio: Some(0.0),
        lost_elsewhere_ratio: Some(0.0),
        datagrams_sent: 3_000,
        datagrams_lost: 0,
        latency_us_p50: None,
        latency_us_p99: None,
        latency_us_p999: None,
        threads: 1,
        threads_active: Some(1.0),
        thread_shares: vec![1.0],
        results_per_dequeue: Some(1.0),
        results_histogram: Vec::new(),
        locked_bytes: Some(0.0),
        allocations_per_datagram: Some(0.0),
    }
}
