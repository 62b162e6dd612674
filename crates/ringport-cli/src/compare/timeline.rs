//! What happened while a design ran, step by step: what the receiver did, and what the machine did meanwhile.
//!
//! ```text
//!   start          1 s            2 s         end
//!     |--- moment ---|--- moment ---|- moment -|      each tells what came since the one before;
//!   moment                                            the first tells how it was before anything came
//! ```

use std::time::Duration;

use serde::Serialize;

use crate::clock;
use crate::failure::Failure;
use crate::figures::process::{Memory, Sample};
use crate::figures::system::System;
use crate::sys::machine;

use super::samples::SampleFile;

/// What happened since the moment before. Memory alone is as it was at the end of that time.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Moment {
    /// Seconds since the generator was told to begin.
    pub(crate) second: f64,
    /// Seconds since the moment before; 0 for the first, which has nothing to tell but the memory.
    pub(crate) interval_s: f64,
    /// Datagrams that the receiver handled.
    pub(crate) datagrams: u64,
    /// CPU time that the receiver used, in nanoseconds.
    pub(crate) cpu_ns: u64,
    /// Context switches of the receiver alone.
    pub(crate) context_switches: Option<u64>,
    /// The whole machine, generator and driver included.
    pub(crate) system: System,
    pub(crate) memory: MemoryThen,
}

/// Memory at a moment, in bytes.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct MemoryThen {
    /// Of the machine, for whoever asks for it.
    pub(crate) available_bytes: Option<u64>,
    /// Of the receiver.
    pub(crate) resident_bytes: u64,
    pub(crate) locked_bytes: Option<u64>,
}

impl Moment {
    /// A count as so many a second; None for the first moment, and for what this system does not count.
    pub(crate) fn per_second(&self, count: Option<u64>) -> Option<f64> {
        count.filter(|_| self.interval_s > 0.0).map(|count| count as f64 / self.interval_s)
    }
}

/// What the receiver has done so far, as it is looked at for a moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Progress {
    pub(crate) sample: Sample,
    pub(crate) datagrams: u64,
    pub(crate) memory: Memory,
}

/// The moments of one run.
pub(crate) struct Timeline<'a> {
    every: u64,
    due: u64,
    start: u64,
    before: Option<(Progress, System)>,
    moments: Vec<Moment>,
    /// Where each moment is written as it is taken, and as whose.
    file: Option<(&'a mut SampleFile, &'a str, u32)>,
}

impl<'a> Timeline<'a> {
    /// Begins now; moments are due every so often.
    pub(crate) fn new(every: Duration, file: Option<(&'a mut SampleFile, &'a str, u32)>) -> Timeline<'a> {
        let start = clock::now();
        let every = u64::try_from(every.as_nanos()).unwrap_or(u64::MAX);
        Timeline { every, due: start, start, before: None, moments: Vec::new(), file }
    }

    /// Is it time for a moment?
    pub(crate) fn is_due(&self) -> bool {
        clock::now() >= self.due
    }

    /// Takes a moment.
    pub(crate) fn take(&mut self, now: Progress) -> Result<(), Failure> {
        // Due times are kept on a grid: a late look does not push all others back.
        while self.due <= now.sample.at {
            self.due = self.due.saturating_add(self.every);
        }
        let system = machine::system();
        let moment = self.moment(&now, &system);
        if let Some((file, design, round)) = &mut self.file {
            file.write(design, *round, &moment)?;
        }
        self.moments.push(moment);
        self.before = Some((now, system));
        Ok(())
    }

    /// All of them.
    pub(crate) fn into_moments(self) -> Vec<Moment> {
        self.moments
    }

    fn moment(&self, now: &Progress, system: &System) -> Moment {
        let (then, system_then) = self.before.as_ref().map_or((now, system), |(then, system)| (then, system));
        let seconds = |from: u64, to: u64| to.saturating_sub(from) as f64 / 1e9;
        Moment {
            second: seconds(self.start, now.sample.at),
            interval_s: seconds(then.sample.at, now.sample.at),
            datagrams: now.datagrams.saturating_sub(then.datagrams),
            cpu_ns: now.sample.cpu.saturating_sub(then.sample.cpu),
            context_switches: now
                .sample
                .switches
                .zip(then.sample.switches)
                .map(|(now, then)| now.saturating_sub(then)),
            system: system.since(system_then),
            memory: MemoryThen {
                available_bytes: machine::available_memory(),
                resident_bytes: now.memory.resident,
                locked_bytes: now.memory.locked,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(at: u64, datagrams: u64) -> Progress {
        let sample = Sample { at, cpu: datagrams * 100, switches: Some(datagrams / 10) };
        Progress { sample, datagrams, memory: Memory { locked: Some(1), resident: 2 } }
    }

    #[test]
    fn each_moment_tells_what_came_since_the_one_before() {
        let mut timeline = Timeline::new(Duration::from_millis(200), None);
        assert!(timeline.is_due(), "one at the start");
        let start = timeline.start;
        for (milliseconds, datagrams) in [(0, 0), (500, 1_000), (1_500, 4_000)] {
            timeline.take(progress(start + milliseconds * 1_000_000, datagrams)).unwrap();
        }
        assert_eq!(timeline.due, start + 1_600_000_000, "on the grid");
        let moments = timeline.into_moments();
        let told: Vec<_> =
            moments.iter().map(|it| (it.second, it.interval_s, it.datagrams, it.cpu_ns)).collect();
        assert_eq!(told, [(0.0, 0.0, 0, 0), (0.5, 0.5, 1_000, 100_000), (1.5, 1.0, 3_000, 300_000)]);
        assert_eq!((moments[0].per_second(Some(7)), moments[1].per_second(None)), (None, None));
        assert_eq!(moments[1].per_second(Some(1_000)), Some(2_000.0));
        assert_eq!(moments[2].context_switches, Some(300));
        assert_eq!(moments[2].memory.resident_bytes, 2);
    }
}
