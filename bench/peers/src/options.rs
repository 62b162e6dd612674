//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::candidate::Candidate;

/// ringport beside tokio and loops written by hand, on this machine in one run.
#[derive(Debug, Parser)]
#[command(version, disable_help_subcommand = true)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) options: Options,
    #[command(subcommand)]
    pub(crate) role: Option<Role>,
}

/// How much is measured, and where the figures go.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// One short round: shows that everything runs, too short for figures
    #[arg(long)]
    quick: bool,
    /// Rounds, each of which measures every candidate under every load [default: 9; 1 if quick]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1000))]
    rounds: Option<u32>,
    /// Milliseconds that a candidate is measured in a round [default: 250; 40 if quick]
    #[arg(long, value_name = "MILLISECONDS", value_parser = clap::value_parser!(u64).range(1..=60_000))]
    window: Option<u64>,
    /// Milliseconds of the same load before that [default: 60; 10 if quick]
    #[arg(long, value_name = "MILLISECONDS", value_parser = clap::value_parser!(u64).range(1..=60_000))]
    warm_up: Option<u64>,
    /// No round begins after so many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 100)]
    pub(crate) budget: u64,
    /// Bytes of receive buffer that every receiver asks for
    #[arg(long, value_name = "BYTES", default_value_t = 4 * 1024 * 1024)]
    pub(crate) socket_buffer: usize,
    /// Leave it to the system which processors are used; otherwise sender and receiver have one each
    #[arg(long)]
    pub(crate) no_pin: bool,
    /// Also write everything as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
}

impl Options {
    pub(crate) fn rounds(&self) -> u32 {
        self.rounds.unwrap_or(if self.quick { 1 } else { 9 })
    }

    /// Milliseconds.
    pub(crate) fn window(&self) -> u64 {
        self.window.unwrap_or(if self.quick { 40 } else { 250 })
    }

    /// Milliseconds.
    pub(crate) fn warm_up(&self) -> u64 {
        self.warm_up.unwrap_or(if self.quick { 10 } else { 60 })
    }
}

/// What a child process is; the driver starts them.
#[derive(Debug, Subcommand)]
pub(crate) enum Role {
    /// Receives datagrams and counts them
    #[command(hide = true)]
    Receive(Part),
    /// Answers datagrams
    #[command(hide = true)]
    Echo(Part),
    /// Sends what it is told to
    #[command(hide = true)]
    Send {
        /// The processor to run on
        #[arg(long)]
        processor: Option<usize>,
    },
}

/// A receiver.
#[derive(Debug, Args)]
pub(crate) struct Part {
    /// How it receives
    pub(crate) candidate: Candidate,
    /// Bytes of receive buffer to ask for
    #[arg(long)]
    pub(crate) socket_buffer: usize,
    /// The processor to run on
    #[arg(long)]
    pub(crate) processor: Option<usize>,
}
