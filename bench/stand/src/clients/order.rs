//! What servers are put under, and how the driver tells the load process.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Connections, each of which sends its next message when the last one came back whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    pub connections: usize,
    /// Of one message.
    pub bytes: usize,
}

impl fmt::Display for Load {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Load { connections, bytes } = self;
        match bytes {
            bytes if bytes % 1024 == 0 => write!(formatter, "{connections} x {} KiB", bytes / 1024),
            bytes => write!(formatter, "{connections} x {bytes} B"),
        }
    }
}

/// An order to the load process. Connections stay open from one order to the next, so that no measurement pays for
/// them.
#[derive(Debug, Serialize, Deserialize)]
pub enum Order {
    /// Closes what was open, and connects.
    Open { port: u16, load: Load },
    /// Sends for so long, and then waits for all that is outstanding.
    Run { milliseconds: u64 },
}

/// What came of it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Done {
    /// Messages that came back.
    pub messages: u64,
    pub nanoseconds: u64,
    /// Round trips, in nanoseconds.
    pub p50: u64,
    pub p99: u64,
    pub p999: u64,
}
