//! What a run over TCP is to do, once the options are completed by their defaults.

use std::net::SocketAddr;
use std::time::Duration;

use crate::cli::{SendOptions, fitting};
use crate::failure::Failure;
use crate::protocol::Protocol;
use crate::send::plan::{amount, outstanding};
use crate::send::resolve::look_up;

/// A connection from which nothing has come for so long is given up. Longer than for a datagram: a stream loses
/// nothing, so a late answer is late and not lost.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A run of the generator over TCP.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) target: SocketAddr,
    /// As the user wrote it, for the report.
    pub(crate) address: String,
    pub(crate) messages: u64,
    pub(crate) duration: Option<Duration>,
    /// Bytes in a message.
    pub(crate) payload: usize,
    /// Messages a second over all connections; None: a closed loop.
    pub(crate) rate: Option<u64>,
    pub(crate) connections: u32,
    /// Most unanswered messages on one connection; None: no limit.
    pub(crate) outstanding: Option<u64>,
    pub(crate) echo: bool,
    pub(crate) timeout: Duration,
}

impl Plan {
    /// A run to `address`.
    pub(crate) fn of(options: &SendOptions, address: &str) -> Result<Plan, Failure> {
        fitting::check_payload(options.payload, Protocol::Tcp)?;
        fitting::refuse_for_streams(options.flows, options.sender, options.burst)?;
        Ok(Plan {
            target: look_up(address)?,
            address: address.into(),
            messages: amount(options),
            duration: options.duration,
            payload: options.payload,
            rate: options.rate,
            connections: options.connections.unwrap_or(1),
            outstanding: outstanding(options),
            echo: options.echo,
            timeout: options.timeout.unwrap_or(TIMEOUT),
        })
    }
}
