//! `ringport send`: the options of the load generator.

use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::failure::Failure;

use super::target::{Target, target};
use super::values;

const EXAMPLES: &str = "\
Examples:
  ringport send 127.0.0.1:9000                             a million datagrams, as fast as it goes
  ringport send 127.0.0.1:9000 --rate 100k/s --duration 10s
  ringport send 127.0.0.1:9000 --sender gso --payload 1200
  ringport send 127.0.0.1:9000 --also-ports 9001,9002      the three ports in turn
  ringport send 127.0.0.1:9000 --echo                      ping-pong: one request outstanding
  ringport send 127.0.0.1:9000 --echo --outstanding 512    closed loop: as many as come back
  ringport send 127.0.0.1:9000 --echo --rate 50k/s         open loop: from the scheduled time
  ringport send --for-compare 192.0.2.1:40123              what 'compare --remote' there asks for

  ringport send tcp://127.0.0.1:9000 --echo --connections 64        closed loop: one message each
  ringport send tcp://[::1]:9000 --echo --connections 10k --rate 20k/s --payload 64
  ringport send tcp://127.0.0.1:9000 --payload 16k --messages 1M    a stream, as fast as it goes

Payloads of 24 bytes and more carry magic, sequence number, flow and send time; shorter ones carry
what fits, and the figures say what could not be measured. Over TCP, messages of --payload bytes
follow each other without anything between them, so any server that sends back the bytes it gets
will do. Ctrl-C ends the run with the figures so far.";

/// The options of `send`.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct SendOptions {
    /// Where to send to: HOST:PORT or udp://HOST:PORT for UDP, tcp://HOST:PORT for TCP
    #[arg(value_parser = target, required_unless_present = "for_compare")]
    pub(crate) address: Option<Target>,

    /// Generate for 'ringport compare --remote' at this address, which says what to send
    #[arg(long, value_name = "HOST:PORT", value_parser = values::address, exclusive = true)]
    pub(crate) for_compare: Option<String>,

    /// Datagrams or messages to send [default: 1M, with --echo 100k, with --duration no limit]
    #[arg(long, visible_alias = "messages", value_name = "N", value_parser = values::count)]
    pub(crate) datagrams: Option<u64>,

    /// Stop after this time
    #[arg(long, value_name = "TIME", value_parser = values::duration)]
    pub(crate) duration: Option<Duration>,

    /// Bytes in a datagram or message
    #[arg(long, value_name = "BYTES", default_value = "1024", value_parser = values::payload)]
    pub(crate) payload: usize,

    /// Datagrams or messages a second over all connections, on an absolute schedule [default: as fast as it goes]
    #[arg(long, value_name = "N/s", value_parser = values::rate)]
    pub(crate) rate: Option<u64>,

    /// TCP: connections, which take turns [default: 1]
    #[arg(long, value_name = "N", value_parser = values::connections)]
    pub(crate) connections: Option<u32>,

    /// UDP: sockets, hence source ports, to send from in turn
    #[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub(crate) flows: u32,

    /// UDP: other ports of the same host to send to in turn, each from sockets of its own
    #[arg(long, value_name = "PORT,..", value_delimiter = ',', value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) also_ports: Vec<u16>,

    /// UDP: how datagrams are handed to the kernel
    #[arg(long, value_enum, default_value_t)]
    pub(crate) sender: SenderKind,

    /// UDP: datagrams sent at once [default: 1 for plain, else 64, with --rate 16; gso as many as one burst holds]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=64))]
    pub(crate) burst: Option<u32>,

    /// Expect everything back: count what is lost, and for UDP doubled or out of order, and measure round trips
    #[arg(long)]
    pub(crate) echo: bool,

    /// Closed loop: at most this many unanswered, over TCP on each connection [default: 1, with --rate no limit]
    #[arg(long, value_name = "N", requires = "echo", value_parser = values::count)]
    pub(crate) outstanding: Option<u64>,

    /// A datagram not answered after this time is lost; a connection that is silent for so long is given up
    /// [default: 1s, over TCP 10s]
    #[arg(long, value_name = "TIME", value_parser = values::duration)]
    pub(crate) timeout: Option<Duration>,

    /// Print the figures as JSON
    #[arg(long)]
    pub(crate) json: bool,

    /// Started by a comparison: begin when a line comes on standard input, stop when it closes
    #[arg(long, hide = true)]
    pub(crate) controlled: bool,
}

/// How datagrams are handed to the kernel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SenderKind {
    /// Each datagram by itself; with --burst many of them in one sendmmsg
    #[default]
    Plain,
    /// Many datagrams in one buffer, cut up by the kernel (UDP_SEGMENT)
    Gso,
    /// Many datagrams in one sendmmsg
    Batched,
}

impl SenderKind {
    /// As it is written on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            SenderKind::Plain => "plain",
            SenderKind::Gso => "gso",
            SenderKind::Batched => "batched",
        }
    }

    /// Can this sender send such payloads?
    pub(crate) fn check(self, payload: usize) -> Result<(), Failure> {
        if self == SenderKind::Gso && payload == 0 {
            return Err(Failure::usage(
                "--sender gso cuts a buffer into datagrams of --payload bytes, so it needs at least 1: \
                 use --sender batched for empty datagrams",
            ));
        }
        Ok(())
    }
}
