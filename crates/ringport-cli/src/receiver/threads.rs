//! The counters of one thread of the receiver.

use ringport::server::{Results, ThreadCounters};
use serde::{Deserialize, Serialize};

use crate::figures::process::ThreadUse;

/// One thread's share of the work, and what it took.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct ThreadFigures {
    pub(crate) datagrams: u64,
    pub(crate) bytes: u64,
    /// Of the datagrams of all threads, 0 to 1.
    pub(crate) share: f64,
    pub(crate) dequeues: u64,
    pub(crate) results_per_dequeue: Spread,
    pub(crate) empty_dequeues: u64,
    pub(crate) notifications: u64,
    pub(crate) truncated: u64,
    pub(crate) failed: u64,
    /// System calls of its queue, where it has one.
    pub(crate) system_calls: u64,
    pub(crate) cpu_user_ns: u64,
    pub(crate) cpu_system_ns: u64,
    pub(crate) voluntary_switches: u64,
    pub(crate) involuntary_switches: u64,
}

/// Smallest, average and largest, and how they are spread.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Spread {
    pub(crate) min: u64,
    pub(crate) mean: f64,
    pub(crate) max: u64,
    /// From the bucket of 1 to the last that counts anything.
    pub(crate) histogram: Vec<Bucket>,
}

/// Dequeues that brought `from` to `to` datagrams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Bucket {
    pub(crate) from: u64,
    pub(crate) to: u64,
    pub(crate) dequeues: u64,
}

impl ThreadFigures {
    /// Of a thread of a server that received `all` datagrams.
    pub(crate) fn of(counters: &ThreadCounters, all: u64) -> ThreadFigures {
        let nanoseconds = |time: std::time::Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        ThreadFigures {
            datagrams: counters.datagrams,
            bytes: counters.bytes,
            share: if all > 0 { counters.datagrams as f64 / all as f64 } else { 0.0 },
            dequeues: counters.results.dequeues,
            results_per_dequeue: Spread::of(&counters.results),
            empty_dequeues: counters.empty_dequeues,
            notifications: counters.notifications,
            truncated: counters.truncated,
            failed: counters.failed,
            system_calls: counters.system_calls,
            cpu_user_ns: nanoseconds(counters.cpu_user),
            cpu_system_ns: nanoseconds(counters.cpu_system),
            voluntary_switches: counters.voluntary_switches,
            involuntary_switches: counters.involuntary_switches,
        }
    }
}

impl ThreadFigures {
    /// A thread that handled so many of `all`, where the server itself counts nothing by thread.
    pub(crate) fn passed(datagrams: u64, bytes: u64, all: u64, used: &ThreadUse) -> ThreadFigures {
        ThreadFigures {
            datagrams,
            bytes,
            share: if all > 0 { datagrams as f64 / all as f64 } else { 0.0 },
            cpu_user_ns: used.cpu_user_ns,
            cpu_system_ns: used.cpu_system_ns,
            voluntary_switches: used.voluntary_switches,
            involuntary_switches: used.involuntary_switches,
            ..ThreadFigures::default()
        }
    }

    /// All of `threads` together, with so many dequeues.
    pub(crate) fn sum(threads: &[ThreadFigures], dequeues: u64) -> ThreadFigures {
        let sum = |count: fn(&ThreadFigures) -> u64| threads.iter().map(count).sum();
        let datagrams = sum(|it| it.datagrams);
        let mean = if dequeues > 0 { datagrams as f64 / dequeues as f64 } else { 0.0 };
        ThreadFigures {
            datagrams,
            bytes: sum(|it| it.bytes),
            share: if datagrams > 0 { 1.0 } else { 0.0 },
            dequeues,
            results_per_dequeue: Spread { mean, ..Spread::default() },
            cpu_user_ns: sum(|it| it.cpu_user_ns),
            cpu_system_ns: sum(|it| it.cpu_system_ns),
            voluntary_switches: sum(|it| it.voluntary_switches),
            involuntary_switches: sum(|it| it.involuntary_switches),
            ..ThreadFigures::default()
        }
    }
}

impl Spread {
    fn of(results: &Results) -> Spread {
        let used = results.histogram.iter().rposition(|count| *count > 0).map_or(0, |last| last + 1);
        let bucket = |(bucket, dequeues): (usize, &u64)| {
            let (from, to) = Results::range(bucket);
            Bucket { from, to, dequeues: *dequeues }
        };
        Spread {
            min: results.min,
            mean: results.mean(),
            max: results.max,
            histogram: results.histogram.iter().take(used).enumerate().map(bucket).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_histogram_ends_with_what_was_counted() {
        let mut results = Results::default();
        (results.dequeues, results.total, results.min, results.max) = (3, 9, 1, 4);
        (results.histogram[0], results.histogram[2]) = (1, 2);
        let spread = Spread::of(&results);
        let told: Vec<_> = spread.histogram.iter().map(|it| (it.from, it.to, it.dequeues)).collect();
        assert_eq!(told, [(1, 1, 1), (2, 3, 0), (4, 7, 2)]);
        assert_eq!((spread.min, spread.mean, spread.max), (1, 3.0, 4));
        assert!(Spread::of(&Results::default()).histogram.is_empty());
    }
}
