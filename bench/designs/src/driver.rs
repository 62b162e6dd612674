//! The whole run: rounds, in each of which every candidate is flooded in every way.

use std::time::{Duration, Instant};

use ringport_stand::process::two_processors;

use crate::Failure;
use crate::candidate::Candidate;
use crate::figures::figures;
use crate::measure::Bench;
use crate::options::Options;
use crate::print;
use crate::sender::Way;
use crate::setting::setting;
use crate::verdict::verdicts;

/// Measures, prints, and writes the JSON if it was asked for.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let processors = if options.pin { two_processors()? } else { None };
    let setting = setting(options, processors)?;
    print::setting(&setting);
    let wanted = options.candidates();
    let mut notes: Vec<String> = wanted.iter().filter_map(Candidate::obstacle).collect();
    let able: Vec<_> = wanted.iter().filter(|candidate| candidate.obstacle().is_none()).copied().collect();

    let mut bench = Bench::new(options, processors)?;
    let (start, budget) = (Instant::now(), Duration::from_secs(options.budget));
    let mut samples = Vec::new();
    for round in 0..options.rounds() {
        if round > 0 && start.elapsed() > budget {
            notes.push(format!("ended after {round} rounds: {} s were over", options.budget));
            break;
        }
        eprintln!("round {} of {}", round + 1, options.rounds());
        for &way in &options.sender {
            // Each round begins with another one, so that none always has the same neighbour.
            let first = round as usize % able.len().max(1);
            for &candidate in able.iter().cycle().skip(first).take(able.len()) {
                match bench.measure(way, candidate, round)? {
                    Some(sample) => samples.push(sample),
                    None => notes.push(stalled(candidate, way, round)),
                }
            }
        }
    }

    let figures = figures(&samples);
    let verdicts = verdicts(&wanted, &samples);
    print::figures(&figures);
    print::verdicts(&verdicts);
    notes.iter().for_each(|note| println!("{note}"));
    if let Some(path) = &options.json {
        let document = serde_json::json!({
            "setting": setting,
            "results": samples,
            "figures": figures,
            "verdicts": verdicts,
            "notes": notes,
        });
        let text = serde_json::to_string_pretty(&document)?;
        std::fs::write(path, text + "\n").map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(())
}

/// Its socket was full of datagrams that no thread was told of any more, and so nothing new came in.
fn stalled(candidate: Candidate, way: Way, round: u32) -> String {
    format!("{} stalled in round {} ({way:?} sender) and received nothing more", candidate.name, round + 1)
}
