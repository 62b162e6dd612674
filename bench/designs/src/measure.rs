//! One measurement: a fresh receiver under one flood.

use ringport_stand::child::Child;
use ringport_stand::process::{cpu_of, switches_of};
use serde::Serialize;

use crate::Failure;
use crate::candidate::{Candidate, Maker};
use crate::options::Options;
use crate::sender::{Order, Sent, Way};

/// Measurements that may go wrong one after the other.
const TRIES: u32 = 10;

/// What one round says of a candidate with a sender.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Sample {
    pub(crate) sender: Way,
    pub(crate) candidate: &'static str,
    pub(crate) round: u32,
    pub(crate) sent: u64,
    pub(crate) received: u64,
    pub(crate) rate_per_s: f64,
    /// Processor time of the whole receiving process.
    pub(crate) cpu_ns_per_datagram: f64,
    /// Of all its threads, wanted by them or not.
    pub(crate) switches_per_1000: f64,
    /// What the two threads that did the most did of all.
    pub(crate) share_of_two: f64,
}

/// The sender process, and where it and the receivers run.
pub(crate) struct Bench<'options> {
    sender: Child,
    receivers_on: Option<usize>,
    options: &'options Options,
}

impl Bench<'_> {
    /// Starts the sender.
    pub(crate) fn new(options: &Options, processors: Option<(usize, usize)>) -> Result<Bench<'_>, Failure> {
        let (sender_on, receivers_on) = processors.unzip();
        Ok(Bench { sender: Child::start(&["send"], sender_on)?, receivers_on, options })
    }

    /// Floods `candidate`; nothing if it stalled, as an unsound one may. On a busy machine a sound one may receive
    /// nothing, or more than was sent, which it was kept from before: then it is flooded again.
    pub(crate) fn measure(
        &mut self,
        way: Way,
        candidate: Candidate,
        round: u32,
    ) -> Result<Option<Sample>, Failure> {
        for _ in 0..TRIES {
            match self.flood(way, candidate, round)? {
                Some(sample) if sample.received > sample.sent => {}
                None if !matches!(candidate.maker, Maker::Unsound(_)) => {}
                measured => return Ok(measured),
            }
        }
        let name = candidate.name;
        Err(format!("{name} received nothing, or the machine is too busy to measure it").into())
    }

    fn flood(&mut self, way: Way, candidate: Candidate, round: u32) -> Result<Option<Sample>, Failure> {
        let mut receiver = self.start(candidate)?;
        let (port, payload) = (receiver.line()?.parse()?, self.options.payload);
        let order = |milliseconds| Order { way, port, payload, milliseconds };
        let warm_up: Sent = self.sender.order(&order(self.options.warm_up()))?;
        let before = receiver.settled(warm_up.datagrams)?;
        let total = before.iter().sum::<u64>();
        let (cpu, switches) = (cpu_of(receiver.pid())?, switches_of(receiver.pid())?);
        let sent: Sent = self.sender.order(&order(self.options.window()))?;
        let counts = receiver.settled(total + sent.datagrams)?;
        let (cpu, now) = (cpu_of(receiver.pid())? - cpu, switches_of(receiver.pid())?);
        let received = counts.iter().sum::<u64>() - total;
        if received == 0 {
            return Ok(None);
        }
        // The driver's own questions are switches as well, a handful in each measurement.
        let per_datagram = |number: u64| number as f64 / received as f64;
        Ok(Some(Sample {
            sender: way,
            candidate: candidate.name,
            round,
            sent: sent.datagrams,
            received,
            rate_per_s: received as f64 * 1e9 / sent.nanoseconds as f64,
            cpu_ns_per_datagram: per_datagram(cpu),
            switches_per_1000: 1000.0 * per_datagram(now.saturating_sub(switches)),
            share_of_two: per_datagram(busiest_two(&before, &counts)),
        }))
    }

    fn start(&self, candidate: Candidate) -> Result<Child, Failure> {
        let threads = candidate.group.threads(self.options.threads).to_string();
        let buffer = self.options.socket_buffer.to_string();
        let words = ["receive", candidate.name, "--threads", &threads, "--socket-buffer", &buffer];
        Child::start(&words, self.receivers_on)
    }
}

/// How many datagrams the two threads took that took the most.
fn busiest_two(before: &[u64], after: &[u64]) -> u64 {
    let earlier = before.iter().chain(std::iter::repeat(&0));
    let mut taken: Vec<u64> = after.iter().zip(earlier).map(|(after, before)| after - before).collect();
    taken.sort_unstable();
    taken.iter().rev().take(2).sum()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_busiest_two_are_those_of_the_window() {
        assert_eq!(super::busiest_two(&[90, 1], &[100, 1, 5, 7]), 17);
        assert_eq!(super::busiest_two(&[], &[3]), 3);
    }
}
