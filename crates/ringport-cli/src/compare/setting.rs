//! The setting of a comparison: everything that a reader has to know to use its figures.

use std::collections::BTreeMap;

use ringport::Design;
use serde::Serialize;

use crate::backend;
use crate::cli::{CompareOptions, Offload, designs};
use crate::failure::Failure;
use crate::figures::machine::Machine;
use crate::traffic::Traffic;

use super::measure::Observed;

/// The setting, as asked for; what only the receivers know is filled in by the first of them.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Setting {
    pub(crate) designs: Vec<String>,
    /// What would be among them if this system had it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) not_on_this_system: Vec<Missing>,
    /// The design that the others are compared with.
    pub(crate) reference: String,
    #[serde(flatten)]
    pub(crate) traffic: Traffic,
    /// Units of artificial work a datagram.
    pub(crate) work: u32,
    /// Whether a receive may bring several datagrams joined by the kernel.
    /// Whether runs of datagrams are received; where it is not stated, as each design does by default.
    pub(crate) offload: Option<Offload>,
    pub(crate) threads: Option<u16>,
    /// Threads of the designs on a port that run at once; 0: the processors.
    pub(crate) concurrency: u16,
    /// Completion queues of the registered designs on a port.
    pub(crate) queues: u16,
    /// Of `hybrid`.
    pub(crate) threshold: Option<u32>,
    /// The designs on a port handle what they took before another thread takes more.
    pub(crate) ordered: bool,
    /// Whether waits may hold datagrams back; None: the library's default.
    pub(crate) waiting: Option<String>,
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

/// A design that this system has no server of.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Missing {
    pub(crate) design: String,
    pub(crate) why: &'static str,
}

impl Missing {
    fn of(design: &Design) -> Option<Missing> {
        design.refusal().map(|why| Missing { design: design.to_string(), why })
    }
}

impl Setting {
    /// The setting and the designs in the order of their turns.
    pub(crate) fn of(options: &CompareOptions) -> Result<(Setting, Vec<Design>), Failure> {
        options.check()?;
        let backend_reason = backend::reason(options.server.backend, options.protocol())?;
        let mut designs = options.designs.clone();
        let mut not_on_this_system = Vec::new();
        if designs.is_empty() {
            let all = designs::of(options.protocol());
            not_on_this_system.extend(all.iter().filter_map(Missing::of));
            designs.extend(all.iter().filter(|design| design.refusal().is_none()));
        }
        designs.iter().try_for_each(|design| designs::check(*design, options.protocol()))?;
        let (threads, ports) = (options.server.threads.map(u32::from), options.ports);
        if let Some(design) = designs.iter().find(|design| !design.has_backend())
            && threads.is_some_and(|threads| threads < ports)
        {
            return Err(Failure::usage(format!(
                "--ports {ports} with fewer --threads is nothing for {design}, each thread of which waits on one \
                 socket: leave it out with --designs, or ask for as many threads"
            )));
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
            not_on_this_system,
            reference,
            traffic: Traffic::of(options),
            work: options.work,
            offload: options.server.offload,
            threads: options.server.threads,
            concurrency: options.server.concurrency,
            queues: options.server.queues,
            threshold: options.server.threshold,
            ordered: options.server.ordered,
            waiting: options.server.waiting.map(|waiting| waiting.to_string()),
            backend: options.server.backend.to_string(),
            backend_reason,
            rounds: options.rounds,
            sample_every_ms: options.sample_every.as_millis() as u64,
            socket_buffer_asked: options.server.socket_buffer(),
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
}

/// `port` is what the others are compared with; without it `blocking`, which everybody has already; without that the
/// first of the list.
pub(crate) fn reference(designs: &[String]) -> Option<String> {
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
