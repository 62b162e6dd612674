//! What the generator of a comparison sends to each design in each round.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::cli::{CompareOptions, SenderKind};
use crate::output::{counted, grouped};
use crate::protocol::Protocol;
use crate::send;

/// Datagrams a round, as fast as it goes.
const FLOOD: u64 = 1_000_000;
/// And no longer than this, so that the whole comparison ends in good time on a slow or busy machine too.
const FLOOD_MILLISECONDS: u64 = 2_500;
/// Seconds of a round at a rate.
const PACED_SECONDS: u64 = 2;
/// Plain datagrams of a flood, handed to the kernel in one sendmmsg: one call each would measure the generator.
const BURST: u32 = 64;

/// Connections of the generator, over TCP.
const CONNECTIONS: u32 = 64;

/// The traffic of a round. What only one protocol has is absent for the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Traffic {
    pub(crate) protocol: Protocol,
    pub(crate) datagrams: u64,
    /// A round ends after this time even if datagrams are left, in milliseconds.
    pub(crate) time_limit_ms: Option<u64>,
    pub(crate) payload: usize,
    pub(crate) rate: Option<u64>,
    #[serde(flatten)]
    pub(crate) way: Way,
}

/// How it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Way {
    Datagrams {
        flows: u32,
        /// That they are spread over, at the receiver.
        ports: u32,
        sender: SenderKind,
        /// Datagrams handed to the kernel at once, where it is not for the generator to choose.
        burst: Option<u32>,
    },
    Stream {
        connections: u32,
        /// Most unanswered messages on each of them; None: the schedule alone decides.
        outstanding: Option<u64>,
    },
}

impl Traffic {
    pub(crate) fn of(options: &CompareOptions) -> Traffic {
        let free = options.datagrams.is_none() && options.rate.is_none();
        Traffic {
            protocol: options.protocol(),
            datagrams: options.datagrams.unwrap_or(options.rate.map_or(FLOOD, |rate| rate * PACED_SECONDS)),
            time_limit_ms: free.then_some(FLOOD_MILLISECONDS),
            payload: options.payload,
            rate: options.rate,
            way: Way::of(options),
        }
    }

    /// Source ports of the generator.
    pub(crate) fn flows(&self) -> u32 {
        match self.way {
            Way::Datagrams { flows, .. } => flows,
            Way::Stream { connections, .. } => connections,
        }
    }

    /// Ports of the receiver.
    pub(crate) fn ports(&self) -> u32 {
        match self.way {
            Way::Datagrams { ports, .. } => ports,
            Way::Stream { .. } => 1,
        }
    }

    /// The command line of a generator that sends this to `target`, and to other ports there, when it is told to.
    pub(crate) fn arguments(&self, target: SocketAddr, also_ports: &[u16]) -> Vec<String> {
        let target = format!("{}://{target}", self.protocol.name());
        let mut arguments = vec!["send".into(), target, "--controlled".into()];
        let mut option = |name: &str, value: String| arguments.push(format!("--{name}={value}"));
        option("datagrams", self.datagrams.to_string());
        option("payload", self.payload.to_string());
        if let Some(rate) = self.rate {
            option("rate", rate.to_string());
        }
        if let Some(limit) = self.time_limit_ms {
            option("duration", format!("{limit}ms"));
        }
        match &self.way {
            Way::Datagrams { flows, sender, burst, .. } => {
                option("flows", flows.to_string());
                if !also_ports.is_empty() {
                    let ports: Vec<_> = also_ports.iter().map(u16::to_string).collect();
                    option("also-ports", ports.join(","));
                }
                option("sender", sender.name().into());
                if let Some(burst) = burst {
                    option("burst", burst.to_string());
                }
            }
            Way::Stream { connections, outstanding } => {
                option("connections", connections.to_string());
                if let Some(outstanding) = outstanding {
                    option("outstanding", outstanding.to_string());
                }
                arguments.push("--echo".into());
            }
        }
        arguments
    }

    /// In words.
    pub(crate) fn words(&self) -> String {
        let limit = self.time_limit_ms.map_or(String::new(), |limit| format!(" or {} s", limit as f64 / 1e3));
        let speed = self.rate.map_or("as fast as it goes".into(), |rate| format!("{}/s", grouped(rate)));
        format!(
            "{} {}s of {} bytes a round{limit}, {speed}, {}",
            grouped(self.datagrams),
            self.protocol.unit(),
            grouped(self.payload as u64),
            self.way.words(),
        )
    }
}

impl Way {
    fn of(options: &CompareOptions) -> Way {
        if options.tcp {
            let connections = options.connections.unwrap_or(CONNECTIONS);
            let closed = options.rate.is_none().then_some(1);
            return Way::Stream { connections, outstanding: options.outstanding.or(closed) };
        }
        let flooded = options.rate.is_none() && options.sender == SenderKind::Plain;
        Way::Datagrams {
            flows: send::flows(options.flows, options.ports),
            ports: options.ports,
            sender: options.sender,
            burst: options.burst.or(flooded.then_some(BURST)),
        }
    }

    fn words(&self) -> String {
        match self {
            Way::Datagrams { flows, ports, sender, burst } => {
                let burst = burst.map_or(String::new(), |burst| format!(" in bursts of {burst}"));
                let ports = match ports {
                    1 => String::new(),
                    ports => format!(" over {}", counted((*ports).into(), "port")),
                };
                format!("{} sender{burst}, {}{ports}", sender.name(), counted((*flows).into(), "flow"))
            }
            Way::Stream { connections, outstanding } => {
                let connections = counted((*connections).into(), "connection");
                let most =
                    outstanding.map_or(String::new(), |most| format!(", at most {most} unanswered on each"));
                format!("{connections}{most}")
            }
        }
    }
}
