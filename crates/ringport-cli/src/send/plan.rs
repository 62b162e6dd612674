//! What a run of the generator is to do, once the options are completed by their defaults.

use std::net::{SocketAddr, ToSocketAddrs};
use std::time::Duration;

use crate::cli::{SendOptions, SenderKind};
use crate::failure::Failure;

use super::transmit::LARGEST_BURST;

/// The kernel cuts up at most this much in one burst, whatever the segment size.
const LARGEST_SEGMENTED: usize = 65_000;
/// Larger bursts under a rate would turn an even stream into lumps.
const PACED_BURST: u32 = 16;

/// A run of the generator.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) target: SocketAddr,
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
    pub(crate) fn of(options: &SendOptions) -> Result<Plan, Failure> {
        let default_datagrams = match (options.duration, options.echo) {
            (Some(_), _) => u64::MAX,
            (None, true) => 100_000,
            (None, false) => 1_000_000,
        };
        let outstanding = options.outstanding.or(if options.rate.is_none() { Some(1) } else { None });
        let echo = options.echo.then_some(EchoLimits { outstanding, timeout: options.timeout });
        let address = options.address.clone().unwrap_or_default();
        Ok(Plan {
            target: look_up(&address)?,
            address,
            datagrams: options.datagrams.unwrap_or(default_datagrams),
            duration: options.duration,
            payload: options.payload,
            rate: options.rate,
            flows: options.flows,
            sender: options.sender,
            burst: burst(options)?,
            echo,
        })
    }
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

fn look_up(address: &str) -> Result<SocketAddr, Failure> {
    let found = address.to_socket_addrs().map_err(|error| {
        Failure::failed(format!(
            "no address found for '{address}': {error}; is the name right, and the network up?"
        ))
    })?;
    // IPv4 first: a server bound to 127.0.0.1 is the commoner meaning of "localhost".
    let mut candidates: Vec<_> = found.collect();
    candidates.sort_by_key(SocketAddr::is_ipv6);
    let target = candidates
        .into_iter()
        .next()
        .ok_or_else(|| Failure::failed(format!("the name in '{address}' has no address")))?;
    if target.port() == 0 {
        return Err(Failure::usage("port 0 cannot be sent to: give the port the server listens on"));
    }
    Ok(target)
}
