//! What the library costs beside the shortest program that does the same by hand.
//!
//! A figure of a busy machine says little; the ratio of two candidates that took turns says much. So all
//! candidates of a measurement run interleaved, in random order, for many short rounds, and what is
//! compared are their medians.
//!
//! ```text
//! cargo bench -p ringport -- [--quick] [--json FILE] [--only PART,..] [--rounds N] [--batch N] [--pending N]
//! ```

mod affinity;
mod allocator;
mod block;
mod drain;
mod echo;
mod filler;
mod footprint;
mod json;
mod metadata;
mod options;
mod pool;
mod port;
mod posting;
mod random;
mod report;
mod rounds;
mod sends;
mod setting;
mod sockets;
mod statistics;
mod trap;

use std::process::ExitCode;

use options::{Options, Part};
use report::Report;

/// Whatever went wrong, for the user to read.
type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Failure> {
    let options = Options::from_arguments(std::env::args().skip(1))?;
    let cpus = affinity::two_cpus()?;
    affinity::pin(cpus.here)?;
    let mut report = Report::new(setting::describe(&options, cpus));
    report.print_setting();
    if options.runs(Part::Drain) {
        drain::measure(&options, cpus, &mut report)?;
    }
    if options.runs(Part::Metadata) {
        metadata::measure(&options, cpus, &mut report)?;
    }
    if options.runs(Part::Posting) {
        posting::measure(&options, &mut report)?;
    }
    if options.runs(Part::Pool) {
        pool::measure(&options, cpus, &mut report)?;
    }
    if options.runs(Part::Port) {
        port::measure(&options, cpus, &mut report)?;
    }
    if options.runs(Part::Echo) {
        echo::measure(&options, cpus, &mut report)?;
    }
    if options.runs(Part::Sends) {
        sends::measure(&options, &mut report)?;
    }
    if options.runs(Part::Sockets) {
        sockets::measure(&options, cpus, &mut report)?;
    }
    if options.runs(Part::Memory) {
        footprint::measure(&options, &mut report)?;
    }
    report.print_verdicts();
    if let Some(path) = &options.json {
        std::fs::write(path, json::document(&report))?;
    }
    Ok(())
}
