//! The command lines of the two processes that a measurement starts.

use std::net::SocketAddr;

use ringport::Design;

use super::setting::Setting;
use super::traffic::Traffic;

/// The receiver's.
pub(crate) fn of_receiver(setting: &Setting, design: Design) -> Vec<String> {
    let mut arguments = vec!["receiver".into()];
    let mut option = |name: &str, value: String| arguments.push(format!("--{name}={value}"));
    option("design", design.to_string());
    option("payload", setting.traffic.payload.to_string());
    option("work", setting.work.to_string());
    option("socket-buffer", setting.socket_buffer_asked.to_string());
    option("backend", setting.backend.clone());
    // Asked for once for all designs, and meant for those that have a choice.
    if let Some(threads) = setting.threads.filter(|_| design.takes_threads()) {
        option("threads", threads.to_string());
    }
    if let Some(pending) = setting.pending {
        option("pending", pending.to_string());
    }
    if let Some(most) = setting.max_results {
        option("max-results", most.to_string());
    }
    arguments
}

/// The generator's.
pub(crate) fn of_generator(traffic: &Traffic, target: SocketAddr) -> Vec<String> {
    let mut arguments = vec!["send".into(), target.to_string(), "--controlled".into()];
    let mut option = |name: &str, value: String| arguments.push(format!("--{name}={value}"));
    option("datagrams", traffic.datagrams.to_string());
    option("payload", traffic.payload.to_string());
    option("flows", traffic.flows.to_string());
    option("sender", traffic.sender.name().into());
    if let Some(rate) = traffic.rate {
        option("rate", rate.to_string());
    }
    if let Some(burst) = traffic.burst {
        option("burst", burst.to_string());
    }
    if let Some(limit) = traffic.time_limit_ms {
        option("duration", format!("{limit}ms"));
    }
    arguments
}
