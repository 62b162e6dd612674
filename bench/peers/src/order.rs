//! What the driver and the sender say to each other.

use serde::{Deserialize, Serialize};

use crate::load::Load;
use crate::stamp::Percentiles;

/// Datagrams that a socket is filled with while its peer stands still.
pub(crate) const FILL: u64 = 512;

/// What the driver asks the sender for.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) load: Load,
    /// Where to, on 127.0.0.1.
    pub(crate) port: u16,
    /// How long; a fill takes as long as it takes.
    pub(crate) milliseconds: u64,
}

/// What the sender did.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Sent {
    pub(crate) datagrams: u64,
    /// Answers that came; zero where none are expected.
    pub(crate) answers: u64,
    pub(crate) nanoseconds: u64,
    /// Of the way there and back, where answers are expected.
    pub(crate) round_trips: Option<Percentiles>,
}
