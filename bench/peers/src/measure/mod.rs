//! One measurement: a fresh peer under one load.

mod datagrams;
mod drain;
mod streams;

use std::time::{Duration, Instant};

use ringport_stand::Failure;
use ringport_stand::child::Child;
use ringport_stand::process::{cpu_of, switches_of};
use serde::Serialize;

use crate::load::{Load, Work};
use crate::options::Options;
use crate::peer::Peer;
use crate::stamp::Percentiles;
use crate::undisturbed::{Mark, wait_for_silence};

/// Measurements in a row that may bring nothing: on a busy machine a peer may not come to work in a short one.
const TRIES: u32 = 4;

/// What one round says of a peer under a load.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Sample {
    pub(crate) load: String,
    pub(crate) peer: &'static str,
    pub(crate) round: u32,
    pub(crate) sent: u64,
    /// Received; or answered, where answers are awaited.
    pub(crate) received: u64,
    /// Processor time of the whole process of the peer.
    pub(crate) cpu_ns: f64,
    /// Context switches of all its threads, for each thousand datagrams.
    pub(crate) switches_per_thousand: f64,
    /// Datagrams, or round trips.
    pub(crate) rate_per_s: f64,
    /// Of the way to the peer, or there and back where answers are awaited.
    pub(crate) delays: Option<Percentiles>,
}

/// What happened while a peer was looked at.
#[derive(Clone, Copy, Debug, Default)]
struct Outcome {
    sent: u64,
    received: u64,
    nanoseconds: u64,
    cost: Cost,
    delays: Option<Percentiles>,
}

/// What a process used.
#[derive(Clone, Copy, Debug, Default)]
struct Cost {
    cpu: u64,
    switches: u64,
}

impl Cost {
    fn of(process: &Child) -> Result<Cost, Failure> {
        Ok(Cost { cpu: cpu_of(process.pid())?, switches: switches_of(process.pid())? })
    }

    fn since(self, before: Cost) -> Cost {
        Cost { cpu: self.cpu - before.cpu, switches: self.switches.saturating_sub(before.switches) }
    }

    fn plus(self, other: Cost) -> Cost {
        Cost { cpu: self.cpu + other.cpu, switches: self.switches + other.switches }
    }
}

/// The processes that send, and where they and the peers run.
pub(crate) struct Bench<'options> {
    sender: Child,
    clients: Child,
    peers_on: Option<usize>,
    options: &'options Options,
    /// What is left of the time that may be spent on measuring without others.
    patience: Duration,
    /// Measurements that others disturbed all the same.
    pub(crate) disturbed: u64,
}

impl Bench<'_> {
    /// Starts those that send.
    pub(crate) fn new(options: &Options, processors: Option<(usize, usize)>) -> Result<Bench<'_>, Failure> {
        let (sender_on, peers_on) = processors.unzip();
        let (sender, clients) = (Child::start(&["send"], sender_on)?, Child::start(&["connect"], sender_on)?);
        let patience = Duration::from_secs(options.undisturbed);
        Ok(Bench { sender, clients, peers_on, options, patience, disturbed: 0 })
    }

    /// Puts `peer` under `load`.
    pub(crate) fn measure(&mut self, load: Load, peer: &dyn Peer, round: u32) -> Result<Sample, Failure> {
        let failed = |error| format!("{} under {load}: {error}", peer.name());
        let mut outcome = self.undisturbed(load, peer).map_err(failed)?;
        for _ in 1..TRIES {
            if outcome.received == 0 {
                outcome = self.outcome(load, peer).map_err(failed)?;
            }
        }
        if outcome.received == 0 {
            return Err(format!("{} received nothing of {load}", peer.name()).into());
        }
        let received = outcome.received as f64;
        Ok(Sample {
            load: load.to_string(),
            peer: peer.name(),
            round,
            sent: outcome.sent,
            received: outcome.received,
            cpu_ns: outcome.cost.cpu as f64 / received,
            switches_per_thousand: outcome.cost.switches as f64 * 1e3 / received,
            rate_per_s: received * 1e9 / outcome.nanoseconds as f64,
            delays: outcome.delays,
        })
    }

    /// The outcome when nobody else used the processors meanwhile, as long as there is patience for that.
    fn undisturbed(&mut self, load: Load, peer: &dyn Peer) -> Result<Outcome, Failure> {
        if self.options.undisturbed == 0 {
            return self.outcome(load, peer);
        }
        let senders = [self.sender.pid(), self.clients.pid()];
        loop {
            let start = Instant::now();
            wait_for_silence(start + self.patience)?;
            let (silence, mark) = (start.elapsed(), Mark::set(&senders)?);
            let outcome = self.outcome(load, peer)?;
            let alone = mark.was_left_alone(&senders)?;
            self.patience = self.patience.saturating_sub(if alone { silence } else { start.elapsed() });
            if alone || self.patience.is_zero() {
                self.disturbed += u64::from(!alone);
                return Ok(outcome);
            }
        }
    }

    fn outcome(&mut self, load: Load, peer: &dyn Peer) -> Result<Outcome, Failure> {
        let mut process = self.start(load.work(), peer)?;
        let port = process.line()?.parse()?;
        match load {
            Load::Drain => self.drain(&mut process, port),
            Load::Flood { .. } | Load::Paced { .. } => self.one_way(&mut process, port, load),
            Load::Echo { .. } => self.there_and_back(&process, port, load),
            Load::Streams { connections, bytes } => self.streams(&process, port, connections, bytes),
        }
    }

    fn start(&self, work: Work, peer: &dyn Peer) -> Result<Child, Failure> {
        let buffer = self.options.socket_buffer.to_string();
        Child::start(&["peer", peer.name(), &work.to_string(), "--socket-buffer", &buffer], self.peers_on)
    }
}
