//! The command line.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand};

use crate::candidate::{CANDIDATES, Candidate};
use crate::load::Load;

/// Stream servers of ringport beside echo servers written by hand and tokio's, on this machine in one run.
#[derive(Debug, Parser)]
#[command(version, disable_help_subcommand = true)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) options: Options,
    #[command(subcommand)]
    pub(crate) role: Option<Role>,
}

/// What is measured, how long, and where the figures go.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Candidates to run instead of all, separated by commas
    #[arg(long, value_delimiter = ',', value_parser = PossibleValuesParser::new(CANDIDATES.map(|known| known.name)))]
    only: Vec<String>,
    /// Numbers of connections, separated by commas
    #[arg(long, value_delimiter = ',', default_values = ["1", "64", "512"], value_parser = clap::value_parser!(u16).range(1..=8192))]
    connections: Vec<u16>,
    /// Bytes of a message, separated by commas
    #[arg(long, value_delimiter = ',', default_values = ["64", "16384"], value_parser = clap::value_parser!(u32).range(1..=65536))]
    bytes: Vec<u32>,
    /// Two short rounds: shows that everything runs, too short for figures
    #[arg(long)]
    quick: bool,
    /// Rounds, each of which measures every candidate under every load [default: 9; 2 if quick]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1000))]
    rounds: Option<u32>,
    /// Milliseconds that a candidate is measured in a round [default: 300; 30 if quick]
    #[arg(long, value_name = "MILLISECONDS", value_parser = clap::value_parser!(u64).range(1..=60_000))]
    window: Option<u64>,
    /// Milliseconds of the same load before that [default: 60; 10 if quick]
    #[arg(long, value_name = "MILLISECONDS", value_parser = clap::value_parser!(u64).range(1..=60_000))]
    warm_up: Option<u64>,
    /// No round begins after so many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    pub(crate) budget: u64,
    /// Slices that all connections of a server over io_uring share, a power of two
    #[arg(long, default_value_t = 2048, value_parser = slices)]
    pub(crate) slices: u16,
    /// Bytes of each
    #[arg(long, value_name = "BYTES", default_value_t = 4096, value_parser = clap::value_parser!(u32).range(1024..=65536))]
    pub(crate) slice: u32,
    /// Do not give load and server a processor each
    #[arg(long)]
    pub(crate) no_pin: bool,
    /// Also write everything as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
}

fn slices(word: &str) -> Result<u16, String> {
    let good = word.parse().ok().filter(|count: &u16| count.is_power_of_two());
    good.ok_or_else(|| "a power of two up to 32768 is possible".to_owned())
}

impl Options {
    /// The candidates that were asked for, in the order of the report.
    pub(crate) fn candidates(&self) -> Vec<Candidate> {
        let wanted = |candidate: &Candidate| {
            self.only.is_empty() || self.only.iter().any(|name| name == candidate.name)
        };
        CANDIDATES.into_iter().filter(wanted).collect()
    }

    pub(crate) fn loads(&self) -> Vec<Load> {
        let of_size = |&bytes: &u32| {
            let load =
                move |&connections: &u16| Load { connections: connections.into(), bytes: bytes as usize };
            self.connections.iter().map(load)
        };
        self.bytes.iter().flat_map(of_size).collect()
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
}

/// A server.
#[derive(Debug, Args)]
pub(crate) struct Server {
    /// Which candidate
    pub(crate) name: String,
    /// Slices of a group
    #[arg(long)]
    pub(crate) slices: u16,
    /// Bytes of a slice
    #[arg(long)]
    pub(crate) slice: usize,
    /// The processor to run on
    #[arg(long)]
    pub(crate) processor: Option<usize>,
}
