//! One measurement: a fresh receiver under one load.

use ringport_stand::child::Child;
use ringport_stand::process::cpu_of;
use serde::Serialize;

use crate::Failure;
use crate::candidate::Candidate;
use crate::load::{Load, Order, Sent};
use crate::options::Options;

/// What one round says of a candidate under a load.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Sample {
    pub(crate) load: String,
    pub(crate) candidate: Candidate,
    pub(crate) round: u32,
    pub(crate) sent: u64,
    /// Received, or answered under the load of echoes.
    pub(crate) received: u64,
    /// Processor time of the whole receiving process.
    pub(crate) cpu_ns_per_datagram: f64,
    /// Datagrams or round trips.
    pub(crate) rate_per_s: f64,
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

    /// Puts `candidate` under `load`.
    pub(crate) fn measure(
        &mut self,
        load: Load,
        candidate: Candidate,
        round: u32,
    ) -> Result<Sample, Failure> {
        let mut receiver = self.start(load, candidate)?;
        let port = receiver.line()?.parse()?;
        let warm_up: Sent = self.sender.order(&Order { load, port, milliseconds: self.options.warm_up() })?;
        // Answers are counted by the sender; a receiver counts by itself, and is done when its socket is empty.
        let before = match load {
            Load::Echo => 0,
            Load::Flood | Load::Paced(_) => receiver.settled(warm_up.datagrams)?.iter().sum(),
        };
        let used = cpu_of(receiver.pid())?;
        let sent: Sent = self.sender.order(&Order { load, port, milliseconds: self.options.window() })?;
        let received = match load {
            Load::Echo => sent.answers,
            Load::Flood | Load::Paced(_) => {
                receiver.settled(before + sent.datagrams)?.iter().sum::<u64>() - before
            }
        };
        let used = cpu_of(receiver.pid())? - used;
        if received == 0 {
            return Err(format!("{candidate} received nothing of {load}").into());
        }
        Ok(Sample {
            load: load.to_string(),
            candidate,
            round,
            sent: sent.datagrams,
            received,
            cpu_ns_per_datagram: used as f64 / received as f64,
            rate_per_s: received as f64 * 1e9 / sent.nanoseconds as f64,
        })
    }

    fn start(&self, load: Load, candidate: Candidate) -> Result<Child, Failure> {
        let role = if load == Load::Echo { "echo" } else { "receive" };
        let name = serde_json::to_string(&candidate)?.replace('"', "");
        let buffer = self.options.socket_buffer.to_string();
        Child::start(&[role, &name, "--socket-buffer", &buffer], self.receivers_on)
    }
}
