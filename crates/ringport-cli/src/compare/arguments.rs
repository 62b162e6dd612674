//! The command line of the process that is measured.

use std::net::IpAddr;

use ringport::Design;

use crate::protocol::Protocol;

use super::setting::Setting;

/// It listens on `address`; `remote`: for a generator whose clock is another.
pub(crate) fn of_receiver(setting: &Setting, design: Design, address: IpAddr, remote: bool) -> Vec<String> {
    let mut arguments = vec!["receiver".into()];
    let mut option = |name: &str, value: String| arguments.push(format!("--{name}={value}"));
    option("protocol", setting.traffic.protocol.name().into());
    option("design", design.to_string());
    option("bind", address.to_string());
    option("foreign-clock", remote.to_string());
    option("payload", setting.traffic.payload.to_string());
    option("work", setting.work.to_string());
    option("backend", setting.backend.clone());
    option("concurrency", setting.concurrency.to_string());
    // Asked for once for all designs, and meant for those that have a choice.
    let threads = setting.threads.filter(|_| design.takes_threads()).map(u32::from);
    for (name, number) in [("threads", threads), ("threshold", setting.threshold)] {
        number.into_iter().for_each(|number| option(name, number.to_string()));
    }
    if let Some(waiting) = &setting.waiting {
        option("waiting", waiting.clone());
    }
    match setting.traffic.protocol {
        Protocol::Tcp => option("connections", setting.traffic.flows().to_string()),
        Protocol::Udp => {
            option("socket-buffer", setting.socket_buffer_asked.to_string());
            option("ports", setting.traffic.ports().to_string());
            if design.is_on_port() && design.is_registered() {
                option("queues", setting.queues.to_string());
            }
            for (name, number) in [("pending", setting.pending), ("max-results", setting.max_results)] {
                number.into_iter().for_each(|number| option(name, number.to_string()));
            }
            if let Some(offload) = setting.offload {
                option("offload", offload.name().into());
            }
            if setting.ordered {
                arguments.push("--ordered".into());
            }
        }
    }
    arguments
}
