//! What the user asked for on the command line.

use std::path::PathBuf;
use std::str::FromStr;

use crate::Failure;

/// A part of the benchmark that can be run alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Receiving what a socket is full of.
    Drain,
    /// What is told beside a datagram.
    Metadata,
    /// Posting receives.
    Posting,
    /// Allocations, resident and locked memory.
    Memory,
    /// Taking and returning slices.
    Pool,
    /// Packets of a completion port.
    Port,
    /// One echo after another.
    Echo,
    /// Batches of sends.
    Sends,
    /// Many sockets on a queue, and many queues.
    Sockets,
}

const PARTS: [(&str, Part); 9] = [
    ("drain", Part::Drain),
    ("metadata", Part::Metadata),
    ("posting", Part::Posting),
    ("memory", Part::Memory),
    ("pool", Part::Pool),
    ("port", Part::Port),
    ("echo", Part::Echo),
    ("sends", Part::Sends),
    ("sockets", Part::Sockets),
];

/// The options, with their defaults.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// A tenth of the work, for a look.
    pub(crate) quick: bool,
    /// Where to write the figures for programs.
    pub(crate) json: Option<PathBuf>,
    /// The parts to run; none named means all.
    only: Vec<Part>,
    /// Interleaved rounds of each measurement of the drain.
    pub(crate) rounds: usize,
    /// Only the candidates whose name has this in it, for a look with a profiler.
    pub(crate) candidates: String,
    /// Completions that the library's loops dequeue at a time.
    pub(crate) batch: usize,
    /// Receives posted over io_uring, and buffers in the ring of the loop written by hand.
    pub(crate) pending: usize,
}

impl Options {
    /// Reads the arguments. `--bench`, which cargo adds, says nothing here.
    pub(crate) fn from_arguments(mut words: impl Iterator<Item = String>) -> Result<Options, Failure> {
        let mut options = Options {
            quick: false,
            json: None,
            only: Vec::new(),
            rounds: 0,
            candidates: String::new(),
            batch: 128,
            pending: 256,
        };
        while let Some(word) = words.next() {
            match word.as_str() {
                "--bench" => {}
                "--quick" => options.quick = true,
                "--json" => options.json = Some(value(&word, &mut words)?),
                "--rounds" => options.rounds = value(&word, &mut words)?,
                "--candidates" => options.candidates = value(&word, &mut words)?,
                "--batch" => options.batch = value::<usize>(&word, &mut words)?.clamp(1, 4096),
                "--pending" => options.pending = value::<usize>(&word, &mut words)?.clamp(64, 16_384),
                "--only" => {
                    let list: String = value(&word, &mut words)?;
                    for name in list.split(',') {
                        options.only.push(part(name)?);
                    }
                }
                _ => return Err(format!("{word} is no option; there are {OPTIONS}").into()),
            }
        }
        if options.rounds == 0 {
            options.rounds = if options.quick { 60 } else { 250 };
        }
        Ok(options)
    }

    /// Whether `part` was asked for.
    pub(crate) fn runs(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }
}

const OPTIONS: &str =
    "--quick, --json FILE, --only PART,.., --candidates WORD, --rounds N, --batch N, --pending N";

fn value<T: FromStr>(option: &str, words: &mut impl Iterator<Item = String>) -> Result<T, Failure> {
    let word = words.next().ok_or_else(|| format!("{option} wants a value"))?;
    word.parse().map_err(|_| format!("{option}: {word} is no value for it").into())
}

fn part(name: &str) -> Result<Part, Failure> {
    let found = PARTS.iter().find(|(known, _)| *known == name);
    let names = || PARTS.map(|(known, _)| known).join(", ");
    found.map(|(_, part)| *part).ok_or_else(|| format!("{name} is no part; there are {}", names()).into())
}
