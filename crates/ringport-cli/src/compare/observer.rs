//! The driver's eye on a receiver while it runs: all from outside, but for the count of datagrams it is asked for.

use std::time::{Duration, Instant};

use crate::child::Child;
use crate::failure::Failure;
use crate::figures::process::Memory;
use crate::figures::series::Series;
use crate::sys::process;

use super::timeline::{Moment, Progress, Timeline};

/// Between two questions for the count, to show how it goes.
const SHOW: Duration = Duration::from_millis(250);
/// A look reads a file a thread, so at thousands of threads it is no small thing: it gets this part of the time.
const SHARE: u32 = 20;

/// Watches one receiver.
pub(crate) struct Observer<'a> {
    receiver: Child,
    series: Series,
    timeline: Timeline<'a>,
    show: &'a mut dyn FnMut(u64),
    shown: Instant,
    /// When the next look may be taken.
    next: Instant,
}

/// Everything it saw.
pub(crate) struct Seen {
    pub(crate) receiver: Child,
    pub(crate) series: Series,
    pub(crate) moments: Vec<Moment>,
    pub(crate) memory: Memory,
}

impl<'a> Observer<'a> {
    /// Begins with a first look; `show` is told the count of received datagrams now and then.
    pub(crate) fn begin(
        receiver: Child,
        timeline: Timeline<'a>,
        show: &'a mut dyn FnMut(u64),
    ) -> Result<Observer<'a>, Failure> {
        let now = Instant::now();
        let mut observer =
            Observer { receiver, series: Series::default(), timeline, show, shown: now, next: now };
        observer.look()?;
        Ok(observer)
    }

    /// Looks at what the receiver has used so far, and at more of it when that is due.
    pub(crate) fn look(&mut self) -> Result<(), Failure> {
        let start = Instant::now();
        if start >= self.next {
            self.series.push(process::sample(self.receiver.pid()).map_err(failed)?);
            self.next = start + start.elapsed() * SHARE;
        }
        if self.timeline.is_due() {
            self.moment()?;
        }
        if self.shown.elapsed() >= SHOW {
            self.shown = Instant::now();
            let count = self.count()?;
            (self.show)(count);
        }
        Ok(())
    }

    /// Datagrams received so far.
    pub(crate) fn count(&mut self) -> Result<u64, Failure> {
        self.receiver.tell("count")?;
        self.receiver.json()
    }

    /// Ends with a last look.
    pub(crate) fn end(mut self) -> Result<Seen, Failure> {
        self.series.push(process::sample(self.receiver.pid()).map_err(failed)?);
        self.moment()?;
        let memory = process::memory(self.receiver.pid()).unwrap_or_default();
        Ok(Seen {
            receiver: self.receiver,
            series: self.series,
            moments: self.timeline.into_moments(),
            memory,
        })
    }

    fn moment(&mut self) -> Result<(), Failure> {
        let datagrams = self.count()?;
        let pid = self.receiver.pid();
        let sample = process::sample(pid).map_err(failed)?;
        self.timeline.take(Progress { sample, datagrams, memory: process::memory(pid).unwrap_or_default() })
    }
}

fn failed(error: std::io::Error) -> Failure {
    Failure::failed(format!("no figures: {error}"))
}
