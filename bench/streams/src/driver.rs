//! The whole run: rounds, in each of which every candidate meets every load.

use std::time::{Duration, Instant};

use ringport_stand::process::two_processors;

use crate::Failure;
use crate::candidate::Candidate;
use crate::figures::figures;
use crate::measure::Bench;
use crate::options::Options;
use crate::print;
use crate::setting::setting;

/// Measures, prints, and writes the JSON if it was asked for.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let processors = if options.no_pin { None } else { two_processors()? };
    let setting = setting(options, processors);
    print::setting(&setting);
    let wanted = options.candidates();
    let mut notes: Vec<String> = wanted.iter().filter_map(Candidate::obstacle).collect();
    let able: Vec<_> = wanted.iter().filter(|candidate| candidate.obstacle().is_none()).copied().collect();
    let loads = options.loads();

    let mut bench = Bench::new(options, processors)?;
    let (start, budget) = (Instant::now(), Duration::from_secs(options.budget));
    let mut samples = Vec::new();
    for round in 0..options.rounds() {
        if round > 0 && start.elapsed() > budget {
            notes.push(format!("ended after {round} rounds: {} s were over", options.budget));
            break;
        }
        eprintln!("round {} of {}", round + 1, options.rounds());
        for &load in &loads {
            // Each round begins with another one, so that none always has the same neighbour.
            let first = round as usize % able.len().max(1);
            for &candidate in able.iter().cycle().skip(first).take(able.len()) {
                samples.push(bench.measure(load, candidate, round)?);
            }
        }
    }

    let figures = figures(&loads, &able, &samples);
    print::figures(&loads, &figures);
    notes.iter().for_each(|note| println!("{note}"));
    if let Some(path) = &options.json {
        let document = serde_json::json!({
            "setting": setting,
            "results": samples,
            "figures": figures,
            "notes": notes,
        });
        let text = serde_json::to_string_pretty(&document)?;
        std::fs::write(path, text + "\n").map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(())
}
