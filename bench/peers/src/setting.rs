//! What the figures hold for.

use ringport_stand::machine::{Machine, version};
use ringport_stand::part;
use serde::Serialize;

use crate::Failure;
use crate::load::PAYLOAD;
use crate::options::Options;
use crate::receive::{MAX_RESULTS, PENDING};

/// Machine, versions and options.
#[derive(Debug, Serialize)]
pub(crate) struct Setting {
    #[serde(flatten)]
    pub(crate) machine: Machine,
    pub(crate) ringport: String,
    pub(crate) tokio: String,
    pub(crate) sender_and_receiver_on: Option<(usize, usize)>,
    pub(crate) payload: usize,
    /// As granted; the system counts its own overhead in it.
    pub(crate) socket_buffer: usize,
    pub(crate) pending: u32,
    pub(crate) max_results: usize,
    pub(crate) rounds: u32,
    pub(crate) window_ms: u64,
    pub(crate) warm_up_ms: u64,
}

/// Looks at the machine.
pub(crate) fn setting(options: &Options, processors: Option<(usize, usize)>) -> Result<Setting, Failure> {
    let socket = part::socket(options.socket_buffer)?;
    Ok(Setting {
        machine: Machine::look(),
        ringport: version("ringport"),
        tokio: version("tokio"),
        sender_and_receiver_on: processors,
        payload: PAYLOAD,
        socket_buffer: part::granted(&socket)?,
        pending: PENDING,
        max_results: MAX_RESULTS,
        rounds: options.rounds(),
        window_ms: options.window(),
        warm_up_ms: options.warm_up(),
    })
}
