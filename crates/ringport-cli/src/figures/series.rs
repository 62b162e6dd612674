//! Samples of a process over time, to answer what it used between two moments that fell between samples.
//!
//! ```text
//!   cpu |            ___*      between samples the use is taken as even, so a design that spins before the
//!       |      __*---          first and after the last datagram is charged for neither
//!       | *---- |        |
//!       +-------+--------+---> time
//!             first     last datagram
//! ```

use super::process::Sample;

/// Samples in the order of time.
#[derive(Debug, Default)]
pub(crate) struct Series {
    samples: Vec<Sample>,
}

/// What was used between two moments.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Used {
    /// Nanoseconds of CPU time.
    pub(crate) cpu: f64,
    /// None where the system does not count them.
    pub(crate) switches: Option<f64>,
}

impl Series {
    /// Appends a sample that was taken after all others.
    pub(crate) fn push(&mut self, sample: Sample) {
        self.samples.push(sample);
    }

    /// What was used between `first` and `last`; None without samples around them.
    pub(crate) fn used(&self, first: u64, last: u64) -> Option<Used> {
        let (start, end) = (self.at(first)?, self.at(last)?);
        let switches = end.1.zip(start.1).map(|(end, start)| (end - start).max(0.0));
        Some(Used { cpu: (end.0 - start.0).max(0.0), switches })
    }

    /// CPU time and switches at a moment, between the samples around it; outside of them, the nearest.
    fn at(&self, moment: u64) -> Option<(f64, Option<f64>)> {
        let after = self.samples.partition_point(|sample| sample.at < moment);
        let later = self.samples.get(after).or(self.samples.last())?;
        let earlier = self.samples.get(after.saturating_sub(1))?;
        if later.at == earlier.at {
            return Some((earlier.cpu as f64, earlier.switches.map(|count| count as f64)));
        }
        let share = ((moment - earlier.at.min(moment)) as f64 / (later.at - earlier.at) as f64).min(1.0);
        let between = |from: u64, to: u64| from as f64 + (to as f64 - from as f64) * share;
        let switches = earlier.switches.zip(later.switches).map(|(from, to)| between(from, to));
        Some((between(earlier.cpu, later.cpu), switches))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series() -> Series {
        let mut series = Series::default();
        for (at, cpu, switches) in [(100, 1000, 10), (200, 1100, 10), (300, 1100, 30)] {
            series.push(Sample { at, cpu, switches: Some(switches) });
        }
        series
    }

    #[test]
    fn on_the_samples() {
        assert_eq!(series().used(100, 300), Some(Used { cpu: 100.0, switches: Some(20.0) }));
    }

    #[test]
    fn between_the_samples() {
        assert_eq!(series().used(150, 250), Some(Used { cpu: 50.0, switches: Some(10.0) }));
    }

    #[test]
    fn outside_the_samples_nothing_is_made_up() {
        assert_eq!(series().used(0, 1000), series().used(100, 300));
        assert_eq!(Series::default().used(0, 1), None);
    }
}
