//! The rounds of each design brought together.

use serde::Serialize;

use crate::receiver::threads::Bucket;

use super::result::Measured;
use super::statistics::{Figure, median};

/// One design over all rounds: medians, unless it says otherwise.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Summary {
    pub(crate) design: String,
    pub(crate) backend: String,
    pub(crate) rounds: usize,
    pub(crate) rate_per_s: Option<Figure>,
    pub(crate) cpu_ns_per_datagram: Option<Figure>,
    pub(crate) context_switches_per_1000: Option<Figure>,
    pub(crate) processed_ratio: Option<f64>,
    pub(crate) lost_socket_ratio: Option<f64>,
    pub(crate) lost_elsewhere_ratio: Option<f64>,
    /// Of all rounds together.
    pub(crate) datagrams_sent: u64,
    pub(crate) datagrams_lost: u64,
    pub(crate) latency_us_p50: Option<f64>,
    pub(crate) latency_us_p99: Option<f64>,
    pub(crate) latency_us_p999: Option<f64>,
    pub(crate) threads: usize,
    pub(crate) threads_active: Option<f64>,
    /// Shares of the work, the busiest thread of each round first; means over the rounds.
    pub(crate) thread_shares: Vec<f64>,
    pub(crate) results_per_dequeue: Option<f64>,
    /// Of all threads and rounds together.
    pub(crate) results_histogram: Vec<Bucket>,
    pub(crate) locked_bytes: Option<f64>,
    pub(crate) allocations_per_datagram: Option<f64>,
}

/// A summary a design, in the order in which `designs` names them; designs without a result are left out.
pub(crate) fn summaries(designs: &[String], results: &[Measured]) -> Vec<Summary> {
    let of = |design: &String| results.iter().filter(|result| result.design == *design).collect::<Vec<_>>();
    designs.iter().map(of).filter_map(|results| Summary::of(&results)).collect()
}

impl Summary {
    fn of(results: &[&Measured]) -> Option<Summary> {
        let first = results.first()?;
        let each = |figure: &dyn Fn(&Measured) -> Option<f64>| -> Vec<f64> {
            results.iter().filter_map(|result| figure(result)).collect()
        };
        let median_of = |figure: &dyn Fn(&Measured) -> Option<f64>| median(each(figure));
        let share = |lost: u64, sent: u64| (sent > 0).then(|| lost as f64 / sent as f64);
        Some(Summary {
            design: first.design.clone(),
            backend: first.backend.clone(),
            rounds: results.len(),
            rate_per_s: Figure::of(each(&|it| it.rate_per_s)),
            cpu_ns_per_datagram: Figure::of(each(&|it| it.cpu_ns_per_datagram)),
            context_switches_per_1000: Figure::of(each(&|it| it.context_switches_per_1000)),
            processed_ratio: median_of(&|it| Some(it.processed_ratio)),
            lost_socket_ratio: median_of(&|it| share(it.lost.socket?, it.datagrams_sent)),
            lost_elsewhere_ratio: median_of(&|it| share(it.lost.elsewhere, it.datagrams_sent)),
            datagrams_sent: results.iter().map(|it| it.datagrams_sent).sum(),
            datagrams_lost: results.iter().map(|it| it.lost.socket.unwrap_or(0) + it.lost.elsewhere).sum(),
            latency_us_p50: median_of(&|it| it.latency_us.map(|latency| latency.p50)),
            latency_us_p99: median_of(&|it| it.latency_us.map(|latency| latency.p99)),
            latency_us_p999: median_of(&|it| it.latency_us.map(|latency| latency.p999)),
            threads: first.threads.len(),
            threads_active: median_of(&|it| Some(it.threads_active as f64)),
            thread_shares: shares(results),
            results_per_dequeue: median_of(&Measured::results_per_dequeue),
            results_histogram: histogram(results),
            locked_bytes: median_of(&|it| it.locked_bytes.map(|bytes| bytes as f64)),
            allocations_per_datagram: median_of(&|it| it.allocations_per_datagram),
        })
    }

    /// The share of all datagrams sent that was not received.
    pub(crate) fn lost_ratio(&self) -> f64 {
        1.0 - self.processed_ratio.unwrap_or(0.0).min(1.0)
    }
}

/// The busiest thread need not be the same one in each round, so it is shares by rank that are averaged.
fn shares(results: &[&Measured]) -> Vec<f64> {
    let threads = results.iter().map(|result| result.threads.len()).max().unwrap_or(0);
    let mut sums = vec![0.0; threads];
    for result in results {
        let mut shares: Vec<f64> = result.threads.iter().map(|thread| thread.share).collect();
        shares.sort_by(|one, other| other.total_cmp(one));
        sums.iter_mut().zip(shares).for_each(|(sum, share)| *sum += share / results.len() as f64);
    }
    sums
}

fn histogram(results: &[&Measured]) -> Vec<Bucket> {
    let mut sum: Vec<Bucket> = Vec::new();
    for thread in results.iter().flat_map(|result| &result.threads) {
        for (index, bucket) in thread.results_per_dequeue.histogram.iter().enumerate() {
            match sum.get_mut(index) {
                Some(known) => known.dequeues += bucket.dequeues,
                None => sum.push(*bucket),
            }
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::testing;

    #[test]
    fn rounds_come_together() {
        let mut results = testing::results(&["event"]);
        // The other thread was the busy one in the second round, and more so.
        let busy = [0.0, 0.95, 0.05];
        results[1].threads.iter_mut().zip(busy).for_each(|(thread, share)| thread.share = share);
        let summary = summaries(&["event".into(), "absent".into()], &results).remove(0);
        let shares: Vec<i64> =
            summary.thread_shares.iter().map(|share| (share * 1_000.0).round() as i64).collect();
        assert_eq!(shares, [850, 150, 0], "by rank");
        assert_eq!((summary.rounds, summary.datagrams_sent, summary.datagrams_lost), (2, 2_000, 2));
        let dequeues: u64 = results.iter().flat_map(|it| &it.threads).map(|thread| thread.dequeues).sum();
        let counted: Vec<_> =
            summary.results_histogram.iter().map(|it| (it.from, it.to, it.dequeues)).collect();
        assert_eq!(counted, [(1, 1, 0), (2, 3, dequeues)]);
        let rate = summary.rate_per_s.unwrap();
        assert_eq!((rate.least, rate.median, rate.most), (400_001.0, 400_001.5, 400_002.0));
    }
}
