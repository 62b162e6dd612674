//! The command line.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand};
use ringport_stand::part::THREADS;

use crate::candidate::{CANDIDATES, Candidate, Part};
use crate::sender::Way;

/// The server designs of ringport beside the same designs written by hand, on this machine in one run.
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
    /// Parts to run, separated by commas
    #[arg(long, value_delimiter = ',', default_values = ["baselines", "moving"])]
    part: Vec<Part>,
    /// Candidates to run instead of all of the parts, separated by commas
    #[arg(long, value_delimiter = ',', value_parser = PossibleValuesParser::new(CANDIDATES.map(|known| known.name)))]
    only: Vec<String>,
    /// How the flood is sent, separated by commas
    #[arg(long, value_delimiter = ',', default_values = ["plain", "gso"])]
    pub(crate) sender: Vec<Way>,
    /// Two short rounds: shows that everything runs, too short for figures
    #[arg(long)]
    quick: bool,
    /// Rounds, each of which measures every candidate with every sender [default: 9; 2 if quick]
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
    /// Threads of every candidate that can have several
    #[arg(long, default_value_t = 8, value_parser = threads)]
    pub(crate) threads: usize,
    /// Bytes of a datagram
    #[arg(long, default_value_t = 1024, value_parser = clap::value_parser!(u16).range(1..=1472))]
    pub(crate) payload: u16,
    /// Bytes of receive buffer that every receiver asks for
    #[arg(long, value_name = "BYTES", default_value_t = 4 * 1024 * 1024)]
    pub(crate) socket_buffer: usize,
    /// Give the sender one processor and the receiver another; otherwise the system places all threads
    #[arg(long)]
    pub(crate) pin: bool,
    /// Also write everything as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
}

fn threads(word: &str) -> Result<usize, String> {
    let good = word.parse().ok().filter(|threads| (1..=THREADS).contains(threads));
    good.ok_or_else(|| format!("1 to {THREADS} threads are possible"))
}

impl Options {
    /// The candidates that were asked for, in the order of the report.
    pub(crate) fn candidates(&self) -> Vec<Candidate> {
        let wanted = |candidate: &Candidate| {
            if self.only.is_empty() {
                self.part.iter().any(|&part| candidate.belongs_to(part))
            } else {
                self.only.iter().any(|name| name == candidate.name)
            }
        };
        CANDIDATES.into_iter().filter(wanted).collect()
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
    /// Receives datagrams and counts them
    #[command(hide = true)]
    Receive(Receiver),
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
pub(crate) struct Receiver {
    /// Which candidate
    pub(crate) name: String,
    /// Threads, where it can have several
    #[arg(long)]
    pub(crate) threads: usize,
    /// Bytes of receive buffer to ask for
    #[arg(long)]
    pub(crate) socket_buffer: usize,
    /// The processor to run on
    #[arg(long)]
    pub(crate) processor: Option<usize>,
}
