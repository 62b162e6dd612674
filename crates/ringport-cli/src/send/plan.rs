//! What a run of the UDP generator is to do, once the options are completed by their defaults.

use std::net::SocketAddr;
use std::time::Duration;

use crate::cli::{SendOptions, SenderKind, fitting};
use crate::failure::Failure;
use crate::protocol::Protocol;

use super::resolve::look_up;
use super::transmit::LARGEST_BURST;

/// The kernel cuts up at most this much in one burst, whatever the segment size.
const LARGEST_SEGMENTED: usize = 65_000;
/// Larger bursts under a rate would turn an even stream into lumps.
const PACED_BURST: u32 = 16;
/// A datagram not answered after this time is lost.
const TIMEOUT: Duration = Duration::from_secs(1);

/// A run of the generator.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) target: SocketAddr,
    /// Other ports of its host.
    pub(crate) also_ports: Vec<u16>,
    /// As the user wrote it, for the report.
    pub(crate) address: String,
    pub(crate) datagrams: u64,
    pub(crate) duration: Option<Duration>,
    pub(crate) payload: usize,
    pub(crate) rate: Option<u64>,
    pub(crate) flows: u32,
    pub(crate) sender: SenderKind,
    pub(crate) burst: usize,
    pub(crate) echo: Option<EchoLimits>,
}

/// When a run with replies waits and when it gives up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EchoLimits {
    /// None: open loop.
    pub(crate) outstanding: Option<u64>,
    pub(crate) timeout: Duration,
}

impl Plan {
    /// A run to `address`.
    pub(crate) fn of(options: &SendOptions, address: &str) -> Result<Plan, Failure> {
        fitting::check_payload(options.payload, Protocol::Udp)?;
        if options.connections.is_some() {
            return Err(Failure::usage(
                "--connections is for TCP, as in 'ringport send tcp://...': over UDP it is --flows",
            ));
        }
        if options.timeout.is_some() && !options.echo {
            return Err(Failure::usage(
                "--timeout is how long an answer may take, so over UDP it needs --echo",
            ));
        }
        let outstanding = outstanding(options);
        let timeout = options.timeout.unwrap_or(TIMEOUT);
        Ok(Plan {
            target: look_up(address)?,
            also_ports: options.also_ports.clone(),
            address: address.into(),
            datagrams: amount(options),
            duration: options.duration,
            payload: options.payload,
            rate: options.rate,
            flows: flows(options.flows, 1 + options.also_ports.len() as u32),
            sender: options.sender,
            burst: burst(options)?,
            echo: options.echo.then_some(EchoLimits { outstanding, timeout }),
        })
    }
}

/// Source ports, so that as many send to each of the target's.
pub(crate) fn flows(asked: u32, ports: u32) -> u32 {
    asked.next_multiple_of(ports.max(1))
}

/// How many are sent, where only the time may be limited.
pub(crate) fn amount(options: &SendOptions) -> u64 {
    options.datagrams.unwrap_or(match (options.duration, options.echo) {
        (Some(_), _) => u64::MAX,
        (None, true) => 100_000,
        (None, false) => 1_000_000,
    })
}

/// How many may be unanswered. Under a rate the schedule decides, so that a slow server is not spared.
pub(crate) fn outstanding(options: &SendOptions) -> Option<u64> {
    options.outstanding.or(if options.rate.is_none() { Some(1) } else { None })
}

fn burst(options: &SendOptions) -> Result<usize, Failure> {
    options.sender.check(options.payload)?;
    let default = match (options.sender, options.rate) {
        (SenderKind::Plain, _) => 1,
        (_, Some(_)) => PACED_BURST,
        (_, None) => LARGEST_BURST as u32,
    };
    let mut burst = options.burst.unwrap_or(default).clamp(1, LARGEST_BURST as u32) as usize;
    if options.sender == SenderKind::Gso {
        burst = burst.min(LARGEST_SEGMENTED / options.payload).max(1);
    }
    Ok(burst)
}
