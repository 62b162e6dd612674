//! The setting in words: no figure can be used without it.

use crate::output::{counted, grouped};

use super::setting::Setting;

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
        let receiver = format!(
            "socket buffer {} bytes asked, {granted} granted; receive offload {}; {}",
            grouped(self.socket_buffer_asked as u64),
            self.offload.name(),
            self.server_words(),
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

    /// The options of the server, those left to the library as well.
    fn server_words(&self) -> String {
        let asked = |option: Option<u64>| option.map_or("default".into(), grouped);
        let gather = self.gather_us.map_or("default".into(), |time| format!("at most {time} us"));
        format!(
            "threads {}, concurrency {}, receives pending {}, most results a dequeue {}, threshold {}, gathering \
             {gather}{}",
            asked(self.threads.map(u64::from)),
            asked(Some(self.concurrency.into()).filter(|running| *running > 0)),
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
