//! One measurement: a fresh server under one load.

use ringport_stand::child::Child;
use ringport_stand::clients::{Done, Load, Order};
use ringport_stand::process::cpu_of;
use serde::Serialize;

use super::candidate::Candidate;
use crate::options::Options;
use crate::serve::Server;
use ringport_stand::Failure;

/// What one round says of a candidate under a load.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Sample {
    pub(crate) load: Load,
    pub(crate) candidate: &'static str,
    pub(crate) round: u32,
    pub(crate) messages: u64,
    pub(crate) rate_per_s: f64,
    /// Processor time of the whole server process.
    pub(crate) cpu_ns_per_message: f64,
    /// Round trips.
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
}

/// The load process, and where it and the servers run.
pub(crate) struct Bench<'options> {
    generator: Child,
    servers_on: Option<usize>,
    options: &'options Options,
}

impl Bench<'_> {
    /// Starts the load process.
    pub(crate) fn new(options: &Options, processors: Option<(usize, usize)>) -> Result<Bench<'_>, Failure> {
        let (generator_on, servers_on) = processors.unzip();
        Ok(Bench { generator: Child::start(&["load"], generator_on)?, servers_on, options })
    }

    /// Puts `candidate` under `load`.
    pub(crate) fn measure(
        &mut self,
        load: Load,
        candidate: Candidate,
        round: u32,
    ) -> Result<Sample, Failure> {
        let measured = self.try_measure(load, candidate, round);
        measured.map_err(|error| format!("{} under {load}: {error}", candidate.name).into())
    }

    fn try_measure(&mut self, load: Load, candidate: Candidate, round: u32) -> Result<Sample, Failure> {
        let (server, port) =
            Server::start(candidate.name, load.connections, &self.options.echo, self.servers_on)?;
        let _: Done = self.generator.order(&Order::Open { port, load })?;
        let _: Done = self.generator.order(&Order::Run { milliseconds: self.options.warm_up() })?;
        let used = cpu_of(server.pid())?;
        let done: Done = self.generator.order(&Order::Run { milliseconds: self.options.window() })?;
        let used = cpu_of(server.pid())? - used;
        Ok(Sample {
            load,
            candidate: candidate.name,
            round,
            messages: done.messages,
            rate_per_s: done.messages as f64 * 1e9 / done.nanoseconds as f64,
            cpu_ns_per_message: used as f64 / done.messages as f64,
            p50_us: done.p50 as f64 / 1e3,
            p99_us: done.p99 as f64 / 1e3,
        })
    }
}
