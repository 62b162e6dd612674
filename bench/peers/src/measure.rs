//! One measurement: a fresh receiver under one load.

use std::time::Duration;

use serde::Serialize;

use crate::Failure;
use crate::candidate::Candidate;
use crate::child::Child;
use crate::clock::cpu_of;
use crate::load::{Load, Order, Sent};
use crate::options::Options;

/// Time between two looks at a count that may still grow, and how many of them without a change say that the
/// rest was dropped by the socket.
const LOOK: Duration = Duration::from_millis(3);
const LOOKS: u32 = 15;

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
        let mut arguments = vec!["send".to_owned()];
        place(&mut arguments, sender_on);
        Ok(Bench { sender: Child::start(&arguments)?, receivers_on, options })
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
        let warm_up = self.send(Order { load, port, milliseconds: self.options.warm_up() })?;
        // Answers are counted by the sender; a receiver counts by itself, and is done when its socket is empty.
        let before = match load {
            Load::Echo => 0,
            Load::Flood | Load::Paced(_) => settled(&mut receiver, warm_up.datagrams)?,
        };
        let used = cpu_of(receiver.pid())?;
        let sent = self.send(Order { load, port, milliseconds: self.options.window() })?;
        let received = match load {
            Load::Echo => sent.answers,
            Load::Flood | Load::Paced(_) => settled(&mut receiver, before + sent.datagrams)? - before,
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
        let mut arguments = vec![role.to_owned(), name, "--socket-buffer".to_owned(), buffer];
        place(&mut arguments, self.receivers_on);
        Child::start(&arguments)
    }

    fn send(&mut self, order: Order) -> Result<Sent, Failure> {
        let answer = self.sender.ask(&serde_json::to_string(&order)?)?;
        Ok(serde_json::from_str(&answer)?)
    }
}

fn place(arguments: &mut Vec<String>, processor: Option<usize>) {
    if let Some(processor) = processor {
        arguments.extend(["--processor".to_owned(), processor.to_string()]);
    }
}

/// The receiver's count once it is `expected`, or does not grow any more.
fn settled(receiver: &mut Child, expected: u64) -> Result<u64, Failure> {
    let (mut count, mut unchanged) = (receiver.ask("count")?.parse()?, 0);
    while count < expected && unchanged < LOOKS {
        std::thread::sleep(LOOK);
        let now = receiver.ask("count")?.parse()?;
        unchanged = if now == count { unchanged + 1 } else { 0 };
        count = now;
    }
    Ok(count)
}
