//! The setting of a comparison: everything that a reader has to know to use its figures.

use std::collections::BTreeMap;

use ringport::Design;
use serde::Serialize;

use crate::backend;
use crate::cli::{CompareOptions, SenderKind};
use crate::failure::Failure;
use crate::figures::machine::Machine;
use crate::output::{counted, grouped};

use super::measure::Observed;

/// Datagrams a round, as fast as it goes.
const FLOOD: u64 = 1_000_000;
/// And no longer than this, so that the whole comparison ends in good time on a slow or busy machine too.
const FLOOD_MILLISECONDS: u64 = 2_500;
/// Seconds of a round at a rate.
const PACED_SECONDS: u64 = 2;

/// The setting, as asked for; what only the receivers know is filled in by the first of them.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Setting {
    pub(crate) designs: Vec<String>,
    /// The design that the others are compared with.
    pub(crate) reference: String,
    pub(crate) datagrams: u64,
    /// A round ends after this time even if datagrams are left, in milliseconds.
    pub(crate) time_limit_ms: Option<u64>,
    pub(crate) payload: usize,
    pub(crate) flows: u32,
    pub(crate) rate: Option<u64>,
    pub(crate) sender: SenderKind,
    pub(crate) work: u32,
    pub(crate) threads: Option<u16>,
    /// The backend asked for; which one ran stands with each result.
    pub(crate) backend: String,
    /// Which one that leads to, and why.
    pub(crate) backend_reason: String,
    pub(crate) rounds: u32,
    pub(crate) socket_buffer_asked: usize,
    pub(crate) pending: Option<u32>,
    pub(crate) max_results: Option<u32>,
    /// By design; the smallest that was granted to any of its sockets.
    pub(crate) socket_buffer_granted: BTreeMap<String, usize>,
    pub(crate) work_ns_per_unit: Option<f64>,
    pub(crate) probe_ns_per_datagram: Option<f64>,
    pub(crate) network: &'static str,
    pub(crate) machine: Machine,
}

impl Setting {
    /// The setting and the designs in the order of their turns.
    pub(crate) fn of(options: &CompareOptions) -> Result<(Setting, Vec<Design>), Failure> {
        options.sender.check(options.payload)?;
        let backend_reason = backend::explain(options.server.backend)?.to_string();
        let mut designs = options.designs.clone();
        if designs.is_empty() {
            designs.extend(Design::ALL);
        }
        let mut seen = Vec::new();
        designs.retain(|design| {
            !seen.contains(design) && {
                seen.push(*design);
                true
            }
        });
        // `blocking` is what everybody has already; without it the first of the list takes its place.
        let reference = designs.iter().find(|design| **design == Design::Blocking).or(designs.first());
        let setting = Setting {
            designs: designs.iter().map(Design::to_string).collect(),
            reference: reference.map(Design::to_string).unwrap_or_default(),
            datagrams: options.datagrams.unwrap_or(options.rate.map_or(FLOOD, |rate| rate * PACED_SECONDS)),
            time_limit_ms: (options.datagrams.is_none() && options.rate.is_none())
                .then_some(FLOOD_MILLISECONDS),
            payload: options.payload,
            flows: options.flows,
            rate: options.rate,
            sender: options.sender,
            work: options.work,
            threads: options.server.threads,
            backend: options.server.backend.to_string(),
            backend_reason,
            rounds: options.rounds,
            socket_buffer_asked: options.server.socket_buffer,
            pending: options.server.pending,
            max_results: options.server.max_results,
            socket_buffer_granted: BTreeMap::new(),
            work_ns_per_unit: None,
            probe_ns_per_datagram: None,
            network: "loopback",
            machine: Machine::here(),
        };
        Ok((setting, designs))
    }

    /// Takes note of what a receiver found out.
    pub(crate) fn learn(&mut self, observed: &Observed) {
        let (ready, granted) = (&observed.ready, observed.finished.receive_buffer);
        let least = self.socket_buffer_granted.entry(observed.design.to_string()).or_insert(granted);
        *least = (*least).min(granted);
        // The cheapest seen: everything else is a disturbance.
        let cheaper = |known: Option<f64>, now: f64| Some(known.map_or(now, |known| known.min(now)));
        self.work_ns_per_unit = cheaper(self.work_ns_per_unit, ready.work_ns);
        self.probe_ns_per_datagram = cheaper(self.probe_ns_per_datagram, ready.probe_ns);
    }

    /// The setting in lines for people.
    pub(crate) fn lines(&self) -> Vec<String> {
        let speed = self.rate.map_or("as fast as it goes".into(), |rate| format!("{}/s", grouped(rate)));
        let limit = self.time_limit_ms.map_or(String::new(), |limit| format!(" or {} s", limit as f64 / 1e3));
        let mut granted: Vec<usize> = self.socket_buffer_granted.values().copied().collect();
        granted.sort_unstable();
        granted.dedup();
        let granted = granted.iter().map(|bytes| grouped(*bytes as u64)).collect::<Vec<_>>().join(" or ");
        let nanoseconds = |cost: Option<f64>| cost.map_or("unknown".into(), |cost| format!("{cost:.1} ns"));
        vec![
            format!(
                "traffic   {} datagrams of {} bytes a round{limit}, {speed}, {} sender, {}, {}, {}",
                grouped(self.datagrams),
                grouped(self.payload as u64),
                self.sender.name(),
                counted(self.flows.into(), "flow"),
                counted(self.rounds.into(), "round"),
                self.network,
            ),
            format!(
                "receiver  socket buffer {} bytes asked, {granted} granted; work {} units ({} each); {} a datagram \
                 is the measuring itself",
                grouped(self.socket_buffer_asked as u64),
                self.work,
                nanoseconds(self.work_ns_per_unit),
                nanoseconds(self.probe_ns_per_datagram),
            ),
            format!(
                "machine   {}, {}, {}; {}",
                self.machine.kernel,
                counted(self.machine.cpus as u64, "CPU"),
                self.machine.cpu_model,
                self.backend_reason
            ),
        ]
    }
}
