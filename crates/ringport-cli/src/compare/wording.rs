//! The setting in words: no figure can be used without it.

use crate::cli::Offload;
use crate::output::{counted, grouped};
use crate::protocol::Protocol;

use super::setting::Setting;

/// What servers do that are told nothing.
fn default_offload() -> &'static str {
    if ringport::net::gro_supported() {
        "on in the registered designs"
    } else {
        "off, for the kernel has none"
    }
}

impl Setting {
    /// The setting for people: what it is about, and the words.
    pub(crate) fn words(&self) -> [(&'static str, String); 4] {
        let mut granted: Vec<usize> = self.socket_buffer_granted.values().copied().collect();
        granted.sort_unstable();
        granted.dedup();
        let granted = granted.iter().map(|bytes| grouped(*bytes as u64)).collect::<Vec<_>>().join(" or ");
        let network = self.remote.as_ref().map_or("loopback".into(), |host| format!("sent by {host}"));
        let traffic =
            format!("{}, {}, {network}", self.traffic.words(), counted(self.rounds.into(), "round"));
        let receiver = match self.traffic.protocol {
            Protocol::Udp => format!(
                "socket buffer {} bytes asked, {granted} granted; receive offload {}; {}",
                grouped(self.socket_buffer_asked as u64),
                self.offload.map_or_else(default_offload, Offload::name),
                self.server_words(),
            ),
            Protocol::Tcp => format!("echoes; blocking is a thread a connection; {}", self.server_words()),
        };
        let machine = format!(
            "{}, {}, {}; {}",
            self.machine.kernel,
            counted(self.machine.cpus as u64, "CPU"),
            self.machine.cpu_model,
            self.backend_reason
        );
        [("traffic", traffic), ("work", self.work_words()), ("receiver", receiver), ("machine", machine)]
    }

    /// The designs that are missing, if any, and why.
    pub(crate) fn missing(&self) -> Option<String> {
        let why = self.not_on_this_system.first()?.why;
        let names: Vec<&str> = self.not_on_this_system.iter().map(|it| it.design.as_str()).collect();
        Some(format!("Not on this system: {} ({why}).", names.join(", ")))
    }

    /// What a reader of the figures has to know about them in this setting.
    pub(crate) fn remarks(&self) -> Vec<String> {
        self.missing().into_iter().chain(self.remarks_on_traffic().into_iter().map(str::to_owned)).collect()
    }

    fn remarks_on_traffic(&self) -> Vec<&'static str> {
        let flooded = self.traffic.rate.is_none();
        if self.traffic.protocol == Protocol::Tcp {
            let loops = "In a closed loop a slow server is asked less: for latency give a --rate.";
            let shared = "On loopback generator and server share the processors: rank by CPU first.";
            return [Some(shared).filter(|_| self.remote.is_none()), Some(loops).filter(|_| flooded)]
                .into_iter()
                .flatten()
                .collect();
        }
        let mut remarks = Vec::new();
        match self.remote {
            Some(_) => remarks.push("Latency is not measured: the generator's machine has a clock of its own."),
            None => remarks.push(
                "On loopback the sender's core does most of the way to the socket: received/s is mostly its speed.",
            ),
        }
        if flooded && self.remote.is_none() {
            remarks.push(
                "Flooded, latency is mostly the time in a full socket buffer: for latency give a --rate.",
            );
        }
        remarks
    }

    /// What is sent and counted: a datagram or a message.
    pub(crate) fn unit(&self) -> &'static str {
        self.traffic.protocol.unit()
    }

    /// What the latencies are of.
    pub(crate) fn latency_words(&self) -> &'static str {
        match (self.traffic.protocol, self.traffic.rate) {
            (Protocol::Udp, _) => "from sending to handling",
            (Protocol::Tcp, None) => "round trip, from sending to the whole answer",
            (Protocol::Tcp, Some(_)) => "round trip, from the scheduled time to the whole answer",
        }
    }

    /// What a server does with them.
    pub(crate) fn done(&self) -> &'static str {
        match self.traffic.protocol {
            Protocol::Udp => "received",
            Protocol::Tcp => "answered",
        }
    }

    /// The options of the server, those left to the library as well.
    fn server_words(&self) -> String {
        let asked = |option: Option<u64>| option.map_or("default".into(), grouped);
        let running = asked(Some(self.concurrency.into()).filter(|running| *running > 0));
        let waiting = self.waiting.as_deref().unwrap_or("default");
        if self.traffic.protocol == Protocol::Tcp {
            return format!(
                "threads {}, concurrency {running}, threshold {}, waiting {waiting}",
                asked(self.threads.map(u64::from)),
                asked(self.threshold.map(u64::from)),
            );
        }
        format!(
            "threads {}, concurrency {running}, receives pending {}, most results a dequeue {}, threshold {}, waiting \
             {waiting}{}",
            asked(self.threads.map(u64::from)),
            asked(self.pending.map(u64::from)),
            asked(self.max_results.map(u64::from)),
            asked(self.threshold.map(u64::from)),
            if self.ordered { ", in order" } else { "" },
        )
    }

    fn work_words(&self) -> String {
        let nanoseconds = |cost: Option<f64>| cost.map_or("unknown".into(), |cost| format!("{cost:.1} ns"));
        let all = self.work_ns_per_unit.map(|cost| cost * f64::from(self.work));
        let measuring = nanoseconds(self.probe_ns_per_datagram);
        let measuring = format!("the measuring itself is {measuring} a {}, the same for all", self.unit());
        match self.work {
            0 => format!("none beyond counting; {measuring}"),
            units => format!(
                "{} a {}, {} ({} each); {measuring}",
                counted(units.into(), "unit"),
                self.unit(),
                nanoseconds(all),
                nanoseconds(self.work_ns_per_unit),
            ),
        }
    }
}
