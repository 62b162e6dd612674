//! The setting of a comparison: everything that a reader has to know to use its figures.

use std::collections::BTreeMap;

use ringport::Design;
use serde::Serialize;

use crate::backend;
use crate::cli::{CompareOptions, Offload};
use crate::failure::Failure;
use crate::figures::machine::Machine;
use crate::output::{counted, grouped};
use crate::traffic::Traffic;

use super::measure::Observed;

/// The setting, as asked for; what only the receivers know is filled in by the first of them.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Setting {
    pub(crate) designs: Vec<String>,
    /// The design that the others are compared with.
    pub(crate) reference: String,
    #[serde(flatten)]
    pub(crate) traffic: Traffic,
    /// Units of artificial work a datagram.
    pub(crate) work: u32,
    /// Whether a receive may bring several datagrams joined by the kernel.
    pub(crate) offload: Offload,
    pub(crate) threads: Option<u16>,
    /// Threads of the designs on a port that run at once; 0: the processors.
    pub(crate) concurrency: u16,
    /// Of `hybrid`.
    pub(crate) threshold: Option<u32>,
    /// The designs on a port handle what they took before another thread takes more.
    pub(crate) ordered: bool,
    /// The backend asked for; which one ran stands with each result.
    pub(crate) backend: String,
    /// Which one that leads to, and why.
    pub(crate) backend_reason: String,
    pub(crate) rounds: u32,
    pub(crate) sample_every_ms: u64,
    pub(crate) socket_buffer_asked: usize,
    pub(crate) pending: Option<u32>,
    pub(crate) max_results: Option<u32>,
    /// By design; the smallest that was granted to any of its sockets.
    pub(crate) socket_buffer_granted: BTreeMap<String, usize>,
    pub(crate) work_ns_per_unit: Option<f64>,
    pub(crate) probe_ns_per_datagram: Option<f64>,
    /// The machine of the generator; None: this one.
    pub(crate) remote: Option<String>,
    pub(crate) machine: Machine,
}

impl Setting {
    /// The setting and the designs in the order of their turns.
    pub(crate) fn of(options: &CompareOptions) -> Result<(Setting, Vec<Design>), Failure> {
        options.sender.check(options.payload)?;
        options.offload.check()?;
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
        let designs_by_name: Vec<String> = designs.iter().map(Design::to_string).collect();
        let reference = reference(&designs_by_name).unwrap_or_default();
        let setting = Setting {
            designs: designs_by_name,
            reference,
            traffic: Traffic::of(options),
            work: options.work,
            offload: options.offload,
            threads: options.server.threads,
            concurrency: options.server.concurrency,
            threshold: options.server.threshold,
            ordered: options.server.ordered,
            backend: options.server.backend.to_string(),
            backend_reason,
            rounds: options.rounds,
            sample_every_ms: options.sample_every.as_millis() as u64,
            socket_buffer_asked: options.server.socket_buffer,
            pending: options.server.pending,
            max_results: options.server.max_results,
            socket_buffer_granted: BTreeMap::new(),
            work_ns_per_unit: None,
            probe_ns_per_datagram: None,
            remote: options.remote.clone(),
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

    /// The setting for people: what it is about, and the words.
    pub(crate) fn words(&self) -> [(&'static str, String); 4] {
        let mut granted: Vec<usize> = self.socket_buffer_granted.values().copied().collect();
        granted.sort_unstable();
        granted.dedup();
        let granted = granted.iter().map(|bytes| grouped(*bytes as u64)).collect::<Vec<_>>().join(" or ");
        let asked = |option: Option<u64>| option.map_or("default".into(), grouped);
        let network = self.remote.as_ref().map_or("loopback".into(), |host| format!("sent by {host}"));
        let traffic =
            format!("{}, {}, {network}", self.traffic.words(), counted(self.rounds.into(), "round"));
        let receiver = format!(
            "socket buffer {} bytes asked, {granted} granted; receive offload {}; threads {}, running {}, \
             receives pending {}, results a dequeue at most {}, threshold {}{}",
            grouped(self.socket_buffer_asked as u64),
            self.offload.name(),
            asked(self.threads.map(u64::from)),
            asked(Some(self.concurrency.into()).filter(|running| *running > 0)),
            asked(self.pending.map(u64::from)),
            asked(self.max_results.map(u64::from)),
            asked(self.threshold.map(u64::from)),
            if self.ordered { ", ordered" } else { "" },
        );
        let machine = format!(
            "{}, {}, {}; {}",
            self.machine.kernel,
            counted(self.machine.cpus as u64, "CPU"),
            self.machine.cpu_model,
            self.backend_reason
        );
        [("traffic", traffic), ("work", self.work_words()), ("receiver", receiver), ("machine", machine)]
    }

    /// What a reader of the figures has to know about them in this setting.
    pub(crate) fn remarks(&self) -> Vec<&'static str> {
        let mut remarks = Vec::new();
        match self.remote {
            Some(_) => remarks.push("Latency is not measured: the generator's machine has a clock of its own."),
            None => remarks.push(
                "On loopback the sender's core does most of the way to the socket: received/s is mostly its speed.",
            ),
        }
        if self.traffic.rate.is_none() && self.remote.is_none() {
            remarks.push(
                "Flooded, latency is mostly the time in a full socket buffer: for latency give a --rate.",
            );
        }
        remarks
    }

    fn work_words(&self) -> String {
        let nanoseconds = |cost: Option<f64>| cost.map_or("unknown".into(), |cost| format!("{cost:.1} ns"));
        let all = self.work_ns_per_unit.map(|cost| cost * f64::from(self.work));
        let measuring = nanoseconds(self.probe_ns_per_datagram);
        let measuring = format!("the measuring itself is {measuring} a datagram, the same for all");
        match self.work {
            0 => format!("none beyond counting; {measuring}"),
            units => format!(
                "{} a datagram, {} ({} each); {measuring}",
                counted(units.into(), "unit"),
                nanoseconds(all),
                nanoseconds(self.work_ns_per_unit),
            ),
        }
    }
}

/// `port` is what the others are compared with; without it `blocking`, which everybody has already; without that the
/// first of the list.
fn reference(designs: &[String]) -> Option<String> {
    let named = |name: &str| designs.iter().find(|design| *design == name);
    named("port").or(named("blocking")).or(designs.first()).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_is_port_then_blocking_then_the_first() {
        let reference_of =
            |names: &[&str]| reference(&names.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(reference_of(&["event", "blocking", "port"]).as_deref(), Some("port"));
        assert_eq!(reference_of(&["event", "blocking", "port-1"]).as_deref(), Some("blocking"));
        assert_eq!(reference_of(&["event", "polled"]).as_deref(), Some("event"));
        assert_eq!(reference_of(&[]), None);
    }
}
