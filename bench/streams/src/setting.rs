//! What the figures hold for.

use ringport_stand::machine::{Machine, version};
use serde::Serialize;

use crate::options::Options;

/// Machine, versions and options.
#[derive(Debug, Serialize)]
pub(crate) struct Setting {
    #[serde(flatten)]
    pub(crate) machine: Machine,
    pub(crate) ringport: String,
    pub(crate) tokio: String,
    pub(crate) load_and_server_on: Option<(usize, usize)>,
    pub(crate) slices: u16,
    /// Bytes.
    pub(crate) slice: u32,
    pub(crate) rounds: u32,
    pub(crate) window_ms: u64,
    pub(crate) warm_up_ms: u64,
}

/// Looks at the machine.
pub(crate) fn setting(options: &Options, processors: Option<(usize, usize)>) -> Setting {
    Setting {
        machine: Machine::look(),
        ringport: version("ringport"),
        tokio: version("tokio"),
        load_and_server_on: processors,
        slices: options.slices,
        slice: options.slice,
        rounds: options.rounds(),
        window_ms: options.window(),
        warm_up_ms: options.warm_up(),
    }
}
