//! What can be asked of the tool.

mod send;
pub(crate) mod values;

use clap::{Parser, Subcommand};

pub(crate) use send::{SendOptions, SenderKind};

const EXAMPLES: &str = "\
Examples:
  ringport                                      compare all designs on this machine
  ringport send 127.0.0.1:9000 --rate 100k/s    generate load
  ringport send 127.0.0.1:9000 --echo           measure round trips

Exit codes: 0 done, 1 failed, 2 wrong usage.";

/// Generates UDP load, serves it, and compares server designs on this machine.
#[derive(Debug, Parser)]
#[command(name = "ringport", version, after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Send datagrams to an address, at a rate or as fast as it goes, and measure round trips with --echo.
    Send(SendOptions),
}
