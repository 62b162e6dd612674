//! What the receivers are put under, and what driver and sender say to each other about it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Bytes of a datagram.
pub(crate) const PAYLOAD: usize = 64;

/// A load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Load {
    /// As fast as one thread sends, one call a datagram.
    Flood,
    /// So many a second, evenly.
    Paced(u64),
    /// One request; the next when its answer is there.
    Echo,
}

impl Load {
    /// All of them, in the order of the report.
    pub(crate) const ALL: [Load; 4] = [Load::Flood, Load::Paced(100_000), Load::Paced(20_000), Load::Echo];
}

impl fmt::Display for Load {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Load::Flood => formatter.pad("flood"),
            Load::Paced(rate) => formatter.pad(&format!("paced {}k/s", rate / 1000)),
            Load::Echo => formatter.pad("echo"),
        }
    }
}

/// What the driver asks the sender for.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) load: Load,
    /// Where to, on 127.0.0.1.
    pub(crate) port: u16,
    pub(crate) milliseconds: u64,
}

/// What the sender did.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Sent {
    pub(crate) datagrams: u64,
    /// Answers that came; zero where none are expected.
    pub(crate) answers: u64,
    pub(crate) nanoseconds: u64,
}
