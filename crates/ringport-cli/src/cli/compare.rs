//! `ringport compare`: the options of the comparison, and of the receiver process that it starts.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args};
use ringport::Design;

use crate::failure::Failure;
use crate::protocol::Protocol;

use super::send::SenderKind;
use super::serve::ServerOptions;
use super::{designs, fitting, values};

const EXAMPLES: &str = "\
Examples:
  ringport                                              all designs, two to three minutes
  ringport compare --designs blocking,event-polled --rounds 5
  ringport compare --rate 100k/s --payload 64           what each costs when it is not flooded
  ringport compare --sender gso --json results.json --report report.html
  ringport compare --flows 8                            several source ports, for sharded designs
  ringport compare --ports 64                           servers with 64 sockets each
  ringport compare --pending 1000 --max-results 64      equal depth, for designs with a queue
  ringport compare --remote 192.0.2.7                   the generator on another machine
  ringport compare --samples run.jsonl --sample-every 200ms
  ringport compare --tcp --connections 512 --payload 64     TCP servers that echo
  ringport compare --tcp --rate 50k/s                       round trips from the scheduled time

CPU time and context switches are those of the whole receiving process, read from outside between
its first and its last datagram. Ctrl-C ends the comparison with a table of what was measured so far
(exit code 0, or 1 if nothing was).";

/// The options of `compare`.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CompareOptions {
    /// Designs to compare [default: all]
    #[arg(long, value_name = "A,B,..", value_delimiter = ',', value_parser = designs::design)]
    pub(crate) designs: Vec<Design>,

    /// Compare TCP servers that echo, not UDP servers that receive
    #[arg(long)]
    pub(crate) tcp: bool,

    /// TCP: connections of the generator [default: 64]
    #[arg(long, value_name = "N", requires = "tcp", value_parser = values::connections)]
    pub(crate) connections: Option<u32>,

    /// TCP: at most this many messages unanswered on each connection [default: 1, with --rate no limit]
    #[arg(long, value_name = "N", requires = "tcp", value_parser = values::count)]
    pub(crate) outstanding: Option<u64>,

    /// Datagrams or messages sent to each design in each round [default: 1M or what goes in 2.5 s, with --rate two
    /// seconds' worth]
    #[arg(long, visible_alias = "messages", value_name = "N", value_parser = values::count)]
    pub(crate) datagrams: Option<u64>,

    /// Bytes in a datagram or message
    #[arg(long, value_name = "BYTES", default_value = "1024", value_parser = values::payload)]
    pub(crate) payload: usize,

    /// UDP: source ports of the generator
    #[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub(crate) flows: u32,

    /// UDP: ports that each server is bound to and that the generator spreads over, each from source ports of its own
    #[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub(crate) ports: u32,

    /// Datagrams or messages a second [default: as fast as it goes]
    #[arg(long, value_name = "N/s", value_parser = values::rate)]
    pub(crate) rate: Option<u64>,

    /// UDP: how the generator hands datagrams to the kernel
    #[arg(long, value_enum, default_value_t)]
    pub(crate) sender: SenderKind,

    /// UDP: datagrams that the generator sends at once [default: 64, with --rate 16, or 1 for plain]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=64))]
    pub(crate) burst: Option<u32>,

    /// Units of artificial work a datagram or message (500 is a modest load)
    #[arg(long, value_name = "N", default_value = "0", value_parser = values::work)]
    pub(crate) work: u32,

    /// Rounds; in each, all designs take their turn
    #[arg(long, value_name = "N", default_value = "3", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) rounds: u32,

    #[command(flatten)]
    pub(crate) server: ServerOptions,

    /// Let another machine generate: 'ringport send --for-compare' is to be started there, as told when it is needed
    #[arg(long, value_name = "HOST")]
    pub(crate) remote: Option<String>,

    /// TCP port to wait on for that machine [default: a free one]
    #[arg(long, value_name = "PORT", requires = "remote", default_value_t, hide_default_value = true)]
    pub(crate) control_port: u16,

    /// Write samples of the receiver and of the machine to this file while running: a JSON object a line
    #[arg(long, value_name = "FILE")]
    pub(crate) samples: Option<PathBuf>,

    /// Between two samples; one is taken at the start and one at the end in any case
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = values::duration)]
    pub(crate) sample_every: Duration,

    /// Write all figures to this file as JSON; '-' prints them in place of the table
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,

    /// Write a report with charts to this file: one HTML page that needs nothing else
    #[arg(long, value_name = "FILE.html")]
    pub(crate) report: Option<PathBuf>,
}

impl CompareOptions {
    /// What is compared.
    pub(crate) fn protocol(&self) -> Protocol {
        if self.tcp { Protocol::Tcp } else { Protocol::Udp }
    }

    /// Refuses what makes no sense together.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        fitting::check_payload(self.payload, self.protocol())?;
        self.sender.check(self.payload)?;
        fitting::check_server(&self.server, self.protocol())?;
        if self.tcp {
            fitting::refuse_for_streams((self.flows, self.ports), self.sender, self.burst)
        } else {
            Ok(())
        }
    }
}

/// The options of the hidden receiver process.
#[derive(Args, Clone, Debug)]
pub(crate) struct ReceiverOptions {
    #[arg(long, value_enum)]
    pub(crate) protocol: Protocol,
    #[arg(long, value_parser = designs::design)]
    pub(crate) design: Design,
    #[arg(long)]
    pub(crate) bind: IpAddr,
    /// The generator's clock is not ours, so its times say nothing.
    #[arg(long, action = ArgAction::Set)]
    pub(crate) foreign_clock: bool,
    /// How many there will be, over TCP.
    #[arg(long, default_value_t)]
    pub(crate) connections: u32,
    /// How many to stand at, over UDP.
    #[arg(long, default_value_t = 1)]
    pub(crate) ports: u32,
    #[arg(long)]
    pub(crate) payload: usize,
    #[arg(long)]
    pub(crate) work: u32,
    #[command(flatten)]
    pub(crate) server: ServerOptions,
}
