//! The command line of the process that is measured.

use std::net::IpAddr;

use ringport::Design;

use super::setting::Setting;

/// It listens on `address`; `remote`: for a generator whose clock is another.
pub(crate) fn of_receiver(setting: &Setting, design: Design, address: IpAddr, remote: bool) -> Vec<String> {
    let mut arguments = vec!["receiver".into()];
    let mut option = |name: &str, value: String| arguments.push(format!("--{name}={value}"));
    option("design", design.to_string());
    option("bind", address.to_string());
    option("foreign-clock", remote.to_string());
    option("payload", setting.traffic.payload.to_string());
    option("work", setting.work.to_string());
    option("socket-buffer", setting.socket_buffer_asked.to_string());
    option("backend", setting.backend.clone());
    // Asked for once for all designs, and meant for those that have a choice.
    if let Some(threads) = setting.threads.filter(|_| design.takes_threads()) {
        option("threads", threads.to_string());
    }
    option("concurrency", setting.concurrency.to_string());
    if let Some(pending) = setting.pending {
        option("pending", pending.to_string());
    }
    if let Some(most) = setting.max_results {
        option("max-results", most.to_string());
    }
    if let Some(threshold) = setting.threshold {
        option("threshold", threshold.to_string());
    }
    if setting.ordered {
        arguments.push("--ordered".into());
    }
    arguments
}
