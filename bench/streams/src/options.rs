//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::echo::EchoOptions;
use crate::hold::HoldOptions;
use crate::redis::RedisOptions;
use crate::redis::program::Other;
use crate::serve::Server;

/// Stream servers of ringport beside echo servers written by hand, tokio's, and a real Redis, in one run.
#[derive(Debug, Parser)]
#[command(version, disable_help_subcommand = true)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) options: Options,
    #[command(subcommand)]
    pub(crate) role: Option<Role>,
}

/// A part of the comparison that can be run alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Echoes on few and many connections: processor time a message, rate, round trips.
    Echo,
    /// Many idle connections: memory and processor time.
    Hold,
    /// `redis-benchmark` against a real Redis and the key-value example.
    Redis,
}

/// What is measured, how long, and where the figures go.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Parts to run, separated by commas
    #[arg(long, value_delimiter = ',', default_values = ["echo", "hold", "redis"])]
    pub(crate) part: Vec<Part>,
    /// Two short rounds: shows that everything runs, too short for figures
    #[arg(long)]
    quick: bool,
    /// Rounds, each of which measures everything once [default: 9; 2 if quick]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1000))]
    rounds: Option<u32>,
    /// Milliseconds that a candidate is measured in a round [default: 300; 30 if quick]
    #[arg(long, value_name = "MILLISECONDS", value_parser = clap::value_parser!(u64).range(1..=60_000))]
    window: Option<u64>,
    /// Milliseconds of the same load before that [default: 60; 10 if quick]
    #[arg(long, value_name = "MILLISECONDS", value_parser = clap::value_parser!(u64).range(1..=60_000))]
    warm_up: Option<u64>,
    /// No round of a part begins after so many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    pub(crate) budget: u64,
    #[command(flatten)]
    pub(crate) echo: EchoOptions,
    #[command(flatten)]
    pub(crate) hold: HoldOptions,
    #[command(flatten)]
    pub(crate) redis: RedisOptions,
    /// Do not give the load and the server a processor each
    #[arg(long)]
    pub(crate) no_pin: bool,
    /// Also write everything as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
}

impl Options {
    pub(crate) fn is_quick(&self) -> bool {
        self.quick
    }

    pub(crate) fn rounds(&self) -> u32 {
        self.rounds.unwrap_or(if self.quick { 2 } else { 9 })
    }

    /// Milliseconds.
    pub(crate) fn window(&self) -> u64 {
        self.window.unwrap_or(if self.quick { 30 } else { 300 })
    }

    /// Milliseconds.
    pub(crate) fn warm_up(&self) -> u64 {
        self.warm_up.unwrap_or(if self.quick { 10 } else { 60 })
    }
}

/// What a child process is; the driver starts them.
#[derive(Debug, Subcommand)]
pub(crate) enum Role {
    /// Sends back what it receives
    #[command(hide = true)]
    Serve(Server),
    /// Connects and sends what it is told to
    #[command(hide = true)]
    Load {
        /// The processor to run on
        #[arg(long)]
        processor: Option<usize>,
    },
    /// Becomes another program
    #[command(hide = true)]
    Become(Other),
}
