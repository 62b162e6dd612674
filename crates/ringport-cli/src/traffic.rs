//! What the generator of a comparison sends to each design in each round.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::cli::{CompareOptions, SenderKind};
use crate::output::{counted, grouped};

/// Datagrams a round, as fast as it goes.
const FLOOD: u64 = 1_000_000;
/// And no longer than this, so that the whole comparison ends in good time on a slow or busy machine too.
const FLOOD_MILLISECONDS: u64 = 2_500;
/// Seconds of a round at a rate.
const PACED_SECONDS: u64 = 2;
/// Plain datagrams of a flood, handed to the kernel in one sendmmsg: one call each would measure the generator.
const BURST: u32 = 64;

/// The traffic of a round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Traffic {
    pub(crate) datagrams: u64,
    /// A round ends after this time even if datagrams are left, in milliseconds.
    pub(crate) time_limit_ms: Option<u64>,
    pub(crate) payload: usize,
    pub(crate) flows: u32,
    pub(crate) rate: Option<u64>,
    pub(crate) sender: SenderKind,
    /// Datagrams handed to the kernel at once, where it is not for the generator to choose.
    pub(crate) burst: Option<u32>,
}

impl Traffic {
    pub(crate) fn of(options: &CompareOptions) -> Traffic {
        let flooded = options.rate.is_none() && options.sender == SenderKind::Plain;
        let free = options.datagrams.is_none() && options.rate.is_none();
        Traffic {
            datagrams: options.datagrams.unwrap_or(options.rate.map_or(FLOOD, |rate| rate * PACED_SECONDS)),
            time_limit_ms: free.then_some(FLOOD_MILLISECONDS),
            payload: options.payload,
            flows: options.flows,
            rate: options.rate,
            sender: options.sender,
            burst: options.burst.or(flooded.then_some(BURST)),
        }
    }

    /// The command line of a generator that sends this to `target` when it is told to.
    pub(crate) fn arguments(&self, target: SocketAddr) -> Vec<String> {
        let mut arguments = vec!["send".into(), target.to_string(), "--controlled".into()];
        let mut option = |name: &str, value: String| arguments.push(format!("--{name}={value}"));
        option("datagrams", self.datagrams.to_string());
        option("payload", self.payload.to_string());
        option("flows", self.flows.to_string());
        option("sender", self.sender.name().into());
        if let Some(rate) = self.rate {
            option("rate", rate.to_string());
        }
        if let Some(burst) = self.burst {
            option("burst", burst.to_string());
        }
        if let Some(limit) = self.time_limit_ms {
            option("duration", format!("{limit}ms"));
        }
        arguments
    }

    /// In words.
    pub(crate) fn words(&self) -> String {
        let limit = self.time_limit_ms.map_or(String::new(), |limit| format!(" or {} s", limit as f64 / 1e3));
        let speed = self.rate.map_or("as fast as it goes".into(), |rate| format!("{}/s", grouped(rate)));
        let burst = self.burst.map_or(String::new(), |burst| format!(" in bursts of {burst}"));
        format!(
            "{} datagrams of {} bytes a round{limit}, {speed}, {} sender{burst}, {}",
            grouped(self.datagrams),
            grouped(self.payload as u64),
            self.sender.name(),
            counted(self.flows.into(), "flow"),
        )
    }
}
