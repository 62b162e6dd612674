//! What can be asked of the tool.

mod compare;
pub(crate) mod designs;
mod doctor;
pub(crate) mod fitting;
mod send;
mod serve;
mod target;
pub(crate) mod values;

use clap::{Parser, Subcommand};

pub(crate) use compare::{CompareOptions, ReceiverOptions};
pub(crate) use doctor::DoctorOptions;
pub(crate) use send::{SendOptions, SenderKind};
pub(crate) use serve::{Offload, ServeOptions, ServerOptions};

const EXAMPLES: &str = "\
Examples:
  ringport                                      compare all designs on this machine
  ringport --designs blocking,event-polled      compare two of them
  ringport serve udp 127.0.0.1:9000 --echo      echo, for nc -u, socat and 'ringport send --echo'
  ringport send 127.0.0.1:9000 --rate 100k/s    generate load
  ringport send 127.0.0.1:9000 --echo           measure round trips
  ringport send tcp://127.0.0.1:9000 --echo     the same over TCP; --connections 10k for many
  ringport doctor                               what this machine allows

Exit codes: 0 done, 1 failed, 2 wrong usage.";

/// Generates UDP and TCP load, serves it, and compares server designs on this machine.
///
/// Without a command it compares; the options below are those of 'compare'.
#[derive(Debug, Parser)]
#[command(name = "ringport", version, after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) compare: CompareOptions,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Compare server designs on this machine: what each receives, loses and costs (the default)
    Compare(CompareOptions),
    /// Serve: echo datagrams back, or count and drop them
    Serve(ServeOptions),
    /// Send to an address over UDP or TCP, at a rate or as fast as it goes, and measure round trips with --echo
    Send(SendOptions),
    /// Say what this kernel and these limits allow, which backend is chosen and why, and what to change
    Doctor(DoctorOptions),
    /// The process that a comparison measures
    #[command(hide = true)]
    Receiver(ReceiverOptions),
}
