//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::load::{Load, Work};
use crate::peer::{self, Peer};

/// ringport beside other libraries and loops written by hand, on this machine in one run.
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
    /// Only these peers, by the beginning of their names; tokio always runs, for the ratios
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    only: Vec<String>,
    /// Only these loads, by the beginning of their names
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    load: Vec<String>,
    /// Datagrams a second of the paced loads, in place of 10000, 100000 and 300000
    #[arg(long, value_name = "N", value_delimiter = ',', value_parser = clap::value_parser!(u64).range(1000..=10_000_000))]
    rates: Vec<u64>,
    /// Seconds that may be spent, in all, on waiting until no other program runs, and on measuring again what one
    /// disturbed
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    pub(crate) undisturbed: u64,
    /// Rounds, each of which measures every peer under every load [default: 7; 1 if quick]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1000))]
    rounds: Option<u32>,
    /// Milliseconds that a peer is measured in a round [default: 120; 5 if quick]
    #[arg(long, value_name = "MILLISECONDS", value_parser = clap::value_parser!(u64).range(1..=60_000))]
    millis: Option<u64>,
    /// No round begins after so many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 420)]
    pub(crate) budget: u64,
    /// Bytes of receive buffer that every peer asks for
    #[arg(long, value_name = "BYTES", default_value_t = 4 * 1024 * 1024)]
    pub(crate) socket_buffer: usize,
    /// Leave it to the system which processors are used; otherwise sender and peer have one each
    #[arg(long)]
    pub(crate) no_pin: bool,
    /// Also write everything as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Also draw the paced loads as curves, an SVG
    #[arg(long, value_name = "FILE")]
    pub(crate) curves: Option<PathBuf>,
    /// Also write a page with charts, one file that needs nothing else
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
}

impl Options {
    pub(crate) fn rounds(&self) -> u32 {
        self.rounds.unwrap_or(if self.quick { 1 } else { 7 })
    }

    /// Milliseconds.
    pub(crate) fn window(&self) -> u64 {
        self.millis.unwrap_or(if self.quick { 5 } else { 120 })
    }

    /// Milliseconds of the same load before that.
    pub(crate) fn warm_up(&self) -> u64 {
        (self.window() / 4).max(1)
    }

    /// The peers to measure.
    pub(crate) fn peers(&self) -> Vec<&'static dyn Peer> {
        let wanted = |peer: &&dyn Peer| peer.name() == peer::REFERENCE || chosen(&self.only, peer.name());
        peer::all().into_iter().filter(wanted).collect()
    }

    /// The loads to measure them under.
    pub(crate) fn loads(&self) -> Vec<Load> {
        let others = |load: &Load| self.rates.is_empty() || !matches!(load, Load::Paced { .. });
        let paced = self.rates.iter().map(|&rate| Load::Paced { rate });
        let all = Load::ALL.into_iter().filter(others).chain(paced);
        all.filter(|load| chosen(&self.load, &load.to_string())).collect()
    }

    /// A word that chooses nothing, if there is one.
    pub(crate) fn unknown(&self) -> Option<&str> {
        let peer = |word: &&String| !peer::all().iter().any(|peer| peer.name().starts_with(word.as_str()));
        let load = |word: &&String| !Load::ALL.iter().any(|load| load.to_string().starts_with(word.as_str()));
        self.only.iter().find(peer).or_else(|| self.load.iter().find(load)).map(String::as_str)
    }
}

/// Whether a name begins with one of the words, or there are none.
fn chosen(words: &[String], name: &str) -> bool {
    words.is_empty() || words.iter().any(|word| name.starts_with(word.as_str()))
}

/// What a child process is; the driver starts them.
#[derive(Debug, Subcommand)]
pub(crate) enum Role {
    /// Does the work of a peer
    #[command(hide = true)]
    Peer(Part),
    /// Sends what it is told to
    #[command(hide = true)]
    Send {
        /// The processor to run on
        #[arg(long)]
        processor: Option<usize>,
    },
    /// Connects, and sends on connections
    #[command(hide = true)]
    Connect {
        /// The processor to run on
        #[arg(long)]
        processor: Option<usize>,
    },
}

/// A peer's process.
#[derive(Debug, Args)]
pub(crate) struct Part {
    /// Which one
    pub(crate) peer: String,
    /// What it does
    pub(crate) work: Work,
    /// Bytes of receive buffer to ask for
    #[arg(long)]
    pub(crate) socket_buffer: usize,
    /// The processor to run on
    #[arg(long)]
    pub(crate) processor: Option<usize>,
}
