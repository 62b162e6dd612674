//! What can be said of the echoes.

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::candidate::{CANDIDATES, Candidate};
use ringport_stand::clients::Load;
use ringport_stand::streams::ROOM;

/// Candidates, loads, and the slices of those over io_uring.
#[derive(Debug, Args)]
pub(crate) struct EchoOptions {
    /// Candidates to run instead of all, separated by commas
    #[arg(long, value_delimiter = ',', value_parser = PossibleValuesParser::new(CANDIDATES.map(|known| known.name)))]
    only: Vec<String>,
    /// Numbers of connections, separated by commas
    #[arg(
        long,
        value_delimiter = ',',
        default_values = ["1", "64", "512"],
        value_parser = clap::value_parser!(u16).range(1..=4096),
    )]
    connections: Vec<u16>,
    /// Bytes of a message, separated by commas
    #[arg(
        long,
        value_delimiter = ',',
        default_values = ["64", "16384"],
        value_parser = clap::value_parser!(u32).range(1..=65536),
    )]
    bytes: Vec<u32>,
    /// Slices that all connections share, the library's and those by hand over io_uring, a power of two
    #[arg(long, default_value_t = 128, value_parser = slices)]
    pub(crate) slices: u16,
    /// Bytes of each
    #[arg(
        long,
        value_name = "BYTES",
        default_value_t = ROOM as u32,
        value_parser = clap::value_parser!(u32).range(1024..=65536),
    )]
    pub(crate) slice: u32,
}

fn slices(word: &str) -> Result<u16, String> {
    let good = word.parse().ok().filter(|count: &u16| count.is_power_of_two());
    good.ok_or_else(|| "a power of two up to 32768 is possible".to_owned())
}

impl EchoOptions {
    /// The candidates that were asked for, in the order of the report.
    pub(crate) fn candidates(&self) -> Vec<Candidate> {
        let wanted = |candidate: &Candidate| {
            self.only.is_empty() || self.only.iter().any(|name| name == candidate.name)
        };
        CANDIDATES.into_iter().filter(wanted).collect()
    }

    /// Those, without the ones that differ from another only in how they send and receive.
    pub(crate) fn holders(&self) -> Vec<Candidate> {
        let holds = |candidate: &Candidate| !self.only.is_empty() || candidate.holds;
        self.candidates().into_iter().filter(holds).collect()
    }

    /// Every number of connections with every size.
    pub(super) fn loads(&self) -> Vec<Load> {
        let of_size = |&bytes: &u32| {
            let load =
                move |&connections: &u16| Load { connections: connections.into(), bytes: bytes as usize };
            self.connections.iter().map(load)
        };
        self.bytes.iter().flat_map(of_size).collect()
    }
}
