//! What the figures hold for.

use ringport_stand::machine::{Machine, version};
use ringport_stand::part;
use serde::Serialize;

use crate::Failure;
use crate::candidate::REFERENCE;
use crate::options::Options;

/// Machine, versions and options.
#[derive(Debug, Serialize)]
pub(crate) struct Setting {
    #[serde(flatten)]
    pub(crate) machine: Machine,
    pub(crate) ringport: String,
    /// Where the system was not left to place all threads.
    pub(crate) sender_and_receiver_on: Option<(usize, usize)>,
    pub(crate) threads: usize,
    pub(crate) payload: u16,
    /// As granted; the system counts its own overhead in it.
    pub(crate) socket_buffer: usize,
    pub(crate) reference: &'static str,
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
        sender_and_receiver_on: processors,
        threads: options.threads,
        payload: options.payload,
        socket_buffer: part::granted(&socket)?,
        reference: REFERENCE,
        rounds: options.rounds(),
        window_ms: options.window(),
        warm_up_ms: options.warm_up(),
    })
}
