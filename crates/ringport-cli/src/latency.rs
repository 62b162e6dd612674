//! Latencies as percentiles. Recorded in nanoseconds in an HdrHistogram, reported in microseconds.

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

/// Longer ones are counted as this long.
const LONGEST: u64 = 60_000_000_000;

/// Collects latencies of one thread; recording allocates nothing.
pub(crate) struct Latencies {
    // None only if the library refused our constant bounds, in which case there is nothing to report.
    histogram: Option<Histogram<u64>>,
}

impl Latencies {
    pub(crate) fn new() -> Self {
        Latencies { histogram: Histogram::new_with_bounds(1, LONGEST, 3).ok() }
    }

    #[inline]
    pub(crate) fn record(&mut self, nanoseconds: u64) {
        if let Some(histogram) = &mut self.histogram {
            histogram.saturating_record(nanoseconds);
        }
    }

    /// Adds what another thread collected.
    pub(crate) fn add(&mut self, other: &Latencies) {
        if let (Some(mine), Some(theirs)) = (&mut self.histogram, &other.histogram) {
            // The bounds are the same constants, so nothing can be out of range.
            let _ = mine.add(theirs);
        }
    }

    /// None when nothing was recorded, so that a missing figure is never taken for a zero.
    pub(crate) fn percentiles(&self) -> Option<Percentiles> {
        let histogram = self.histogram.as_ref().filter(|histogram| !histogram.is_empty())?;
        let at = |quantile| histogram.value_at_quantile(quantile) as f64 / 1_000.0;
        Some(Percentiles {
            count: histogram.len(),
            min: histogram.min() as f64 / 1_000.0,
            mean: histogram.mean() / 1_000.0,
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p999: at(0.999),
            max: histogram.max() as f64 / 1_000.0,
        })
    }
}

/// A summary of latencies, in microseconds.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Percentiles {
    pub(crate) count: u64,
    pub(crate) min: f64,
    pub(crate) mean: f64,
    pub(crate) p50: f64,
    pub(crate) p90: f64,
    pub(crate) p99: f64,
    pub(crate) p999: f64,
    pub(crate) max: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_recorded_is_no_figure() {
        assert!(Latencies::new().percentiles().is_none());
    }

    #[test]
    fn percentiles_in_microseconds_of_two_threads() {
        let (mut first, mut second) = (Latencies::new(), Latencies::new());
        (1..=500).for_each(|value| first.record(value * 1_000));
        (501..=1000).for_each(|value| second.record(value * 1_000));
        first.add(&second);
        let figures = first.percentiles().unwrap();
        assert_eq!(figures.count, 1000);
        assert!((figures.p50 - 500.0).abs() < 1.0, "{figures:?}");
        assert!((figures.p99 - 990.0).abs() < 2.0, "{figures:?}");
        assert!((figures.max - 1000.0).abs() < 1.0, "{figures:?}");
    }

    #[test]
    fn absurdly_long_ones_are_kept_at_the_end_of_the_scale() {
        let mut latencies = Latencies::new();
        latencies.record(u64::MAX);
        assert!(latencies.percentiles().unwrap().max >= 60_000_000.0);
    }
}
