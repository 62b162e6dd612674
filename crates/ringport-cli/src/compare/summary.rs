//! The rounds of each design brought together: medians, and ratios to the reference.

use std::collections::BTreeMap;

use serde::Serialize;

use super::result::Measured;

/// One design over all rounds.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Summary {
    pub(crate) design: String,
    pub(crate) backend: String,
    pub(crate) rounds: usize,
    pub(crate) rate_per_s: Option<f64>,
    pub(crate) processed_ratio: Option<f64>,
    pub(crate) lost_socket_ratio: Option<f64>,
    pub(crate) lost_elsewhere_ratio: Option<f64>,
    pub(crate) cpu_ns_per_datagram: Option<f64>,
    /// The cheapest and the dearest round: how far to trust the median.
    pub(crate) cpu_ns_range: Option<(f64, f64)>,
    pub(crate) context_switches: Option<f64>,
    pub(crate) latency_us_p50: Option<f64>,
    pub(crate) latency_us_p99: Option<f64>,
    pub(crate) threads: usize,
    pub(crate) threads_active: Option<f64>,
    pub(crate) results_per_dequeue: Option<f64>,
    pub(crate) locked_bytes: Option<f64>,
    pub(crate) allocations_per_datagram: Option<f64>,
}

/// A design's medians over those of the reference, and over those of `port` once there is one to measure.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Ratios {
    pub(crate) rate_over_port: Option<f64>,
    pub(crate) cpu_over_port: Option<f64>,
    pub(crate) rate_over_reference: Option<f64>,
    pub(crate) cpu_over_reference: Option<f64>,
}

/// A summary a design, in the order in which `designs` names them; designs without a result are left out.
pub(crate) fn summaries(designs: &[String], results: &[Measured]) -> Vec<Summary> {
    let of = |design: &String| results.iter().filter(|result| result.design == *design).collect::<Vec<_>>();
    designs.iter().map(of).filter_map(|results| Summary::of(&results)).collect()
}

/// The ratios of every design.
pub(crate) fn ratios(summaries: &[Summary], reference: &str) -> BTreeMap<String, Ratios> {
    let named = |name: &str| summaries.iter().find(|summary| summary.design == name);
    let (port, reference) = (named("port"), named(reference));
    let over = |one: Option<f64>, other: Option<f64>| one.zip(other).map(|(one, other)| one / other);
    let ratio = |summary: &Summary| Ratios {
        rate_over_port: over(summary.rate_per_s, port.and_then(|port| port.rate_per_s)),
        cpu_over_port: over(summary.cpu_ns_per_datagram, port.and_then(|port| port.cpu_ns_per_datagram)),
        rate_over_reference: over(summary.rate_per_s, reference.and_then(|it| it.rate_per_s)),
        cpu_over_reference: over(
            summary.cpu_ns_per_datagram,
            reference.and_then(|it| it.cpu_ns_per_datagram),
        ),
    };
    summaries.iter().map(|summary| (summary.design.clone(), ratio(summary))).collect()
}

impl Summary {
    fn of(results: &[&Measured]) -> Option<Summary> {
        let first = results.first()?;
        let median_of = |figure: &dyn Fn(&Measured) -> Option<f64>| {
            median(results.iter().filter_map(|result| figure(result)).collect())
        };
        let share = |lost: u64, sent: u64| (sent > 0).then(|| lost as f64 / sent as f64);
        let costs: Vec<f64> = results.iter().filter_map(|result| result.cpu_ns_per_datagram).collect();
        let lowest = costs.iter().copied().reduce(f64::min);
        Some(Summary {
            design: first.design.clone(),
            backend: first.backend.clone(),
            rounds: results.len(),
            rate_per_s: median_of(&|it| it.rate_per_s),
            processed_ratio: median_of(&|it| Some(it.processed_ratio)),
            lost_socket_ratio: median_of(&|it| share(it.lost.socket, it.datagrams_sent)),
            lost_elsewhere_ratio: median_of(&|it| share(it.lost.elsewhere, it.datagrams_sent)),
            cpu_ns_per_datagram: median_of(&|it| it.cpu_ns_per_datagram),
            cpu_ns_range: lowest.zip(costs.iter().copied().reduce(f64::max)),
            context_switches: median_of(&|it| it.context_switches.map(|switches| switches as f64)),
            latency_us_p50: median_of(&|it| it.latency_us.map(|latency| latency.p50)),
            latency_us_p99: median_of(&|it| it.latency_us.map(|latency| latency.p99)),
            threads: first.threads.len(),
            threads_active: median_of(&|it| Some(it.threads_active as f64)),
            results_per_dequeue: median_of(&Measured::results_per_dequeue),
            locked_bytes: median_of(&|it| Some(it.locked_bytes as f64)),
            allocations_per_datagram: median_of(&|it| it.allocations_per_datagram),
        })
    }
}

/// The middle value, or the mean of the two in the middle.
fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        count if count % 2 == 1 => values.get(middle).copied(),
        _ => Some((values[middle - 1] + values[middle]) / 2.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
    }
}
