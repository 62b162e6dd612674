//! Echoes: every candidate under every load, in rounds.

pub(crate) mod candidate;
mod figures;
mod measure;
mod options;
mod print;
mod verdict;

use serde::Serialize;

use crate::driver::Run;
use figures::{Figure, figures};
use measure::{Bench, Sample};
pub(crate) use options::EchoOptions;
use ringport_stand::Failure;
use verdict::{Verdict, verdicts};

/// All that was found.
#[derive(Debug, Serialize)]
pub(crate) struct Found {
    slices: u16,
    /// Bytes.
    slice: u32,
    results: Vec<Sample>,
    figures: Vec<Figure>,
    verdicts: Vec<Verdict>,
}

/// Measures and prints.
pub(crate) fn run(run: &mut Run<'_>) -> Result<Found, Failure> {
    let options = run.options;
    let wanted = options.echo.candidates();
    run.notes.extend(wanted.iter().filter_map(candidate::Candidate::obstacle));
    let able: Vec<_> = wanted.into_iter().filter(|candidate| candidate.obstacle().is_none()).collect();
    let loads = options.echo.loads();

    let mut bench = Bench::new(options, run.processors)?;
    let mut results = Vec::new();
    run.rounds("echo", |round| {
        for &load in &loads {
            // Each round begins with another one, so that none always has the same neighbour.
            let first = round as usize % able.len().max(1);
            for &candidate in able.iter().cycle().skip(first).take(able.len()) {
                results.push(bench.measure(load, candidate, round)?);
            }
        }
        Ok(())
    })?;

    let figures = figures(&loads, &able, &results);
    print::setting(options);
    print::figures(&loads, &figures);
    let verdicts = verdicts(&loads, &able, &results);
    print::verdicts(&verdicts);
    Ok(Found { slices: options.echo.slices, slice: options.echo.slice, results, figures, verdicts })
}
