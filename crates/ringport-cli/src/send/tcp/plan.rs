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
        let ports = 1 + options.also_ports.len() as u32;
        fitting::refuse_for_streams((options.flows, ports), options.sender, options.burst)?;
        Ok(Plan {
            target: look_up(address)?,
            address: address.into(),
            messages: amount(options),
            duration: options.duration,
            payload: options.payload,
            rate: options.rate,
            connections: options.connections.unwrap_or(1),
            // Without answers nothing is ever outstanding.
            outstanding: outstanding(options).filter(|_| options.echo),
            echo: options.echo,
            timeout: options.timeout.unwrap_or(TIMEOUT),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Command};
    use clap::Parser;

    fn plan(more: &[&str]) -> Plan {
        let arguments = [&["ringport", "send", "tcp://127.0.0.1:9"], more].concat();
        let Some(Command::Send(options)) = Cli::parse_from(arguments).command else { unreachable!() };
        Plan::of(&options, "127.0.0.1:9").unwrap()
    }

    #[test]
    fn only_a_closed_loop_waits_for_answers() {
        assert_eq!(plan(&["--echo"]).outstanding, Some(1));
        assert_eq!(plan(&["--echo", "--rate", "1k"]).outstanding, None);
        assert_eq!(plan(&["--echo", "--rate", "1k", "--outstanding", "3"]).outstanding, Some(3));
        assert_eq!(plan(&[]).outstanding, None, "a flood is limited by the kernel alone");
    }
}
