//! The whole run: rounds, in each of which every candidate meets every load.

use std::time::{Duration, Instant};

use ringport_stand::process::two_processors;

use crate::Failure;
use crate::candidate::Candidate;
use crate::figures::figures;
use crate::load::Load;
use crate::measure::{Bench, Sample};
use crate::options::Options;
use crate::print;
use crate::setting::setting;
use crate::verdict::losses;

/// The share of its pace that a sender keeps if nobody holds it up.
const KEPT: f64 = 0.97;

/// Measures, prints, and writes the JSON if it was asked for.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let processors = if options.no_pin { None } else { two_processors()? };
    let setting = setting(options, processors)?;
    print::setting(&setting);
    let mut notes: Vec<String> = Candidate::RECEIVERS.into_iter().filter_map(Candidate::obstacle).collect();
    let able = |candidate: &Candidate| candidate.obstacle().is_none();
    let receivers: Vec<_> = Candidate::RECEIVERS.into_iter().filter(able).collect();
    let servers: Vec<_> = Candidate::SERVERS.into_iter().filter(able).collect();

    let mut bench = Bench::new(options, processors)?;
    let (start, budget) = (Instant::now(), Duration::from_secs(options.budget));
    let mut samples = Vec::new();
    for round in 0..options.rounds() {
        if round > 0 && start.elapsed() > budget {
            notes.push(format!("ended after {round} rounds: {} s were over", options.budget));
            break;
        }
        print::progress(round, options.rounds());
        for load in Load::ALL {
            let candidates = if load == Load::Echo { &servers } else { &receivers };
            play(&mut bench, load, candidates, round, &mut samples)?;
        }
    }

    notes.extend(held_up(&samples));
    let figures = figures(&samples);
    let losses = losses(&samples);
    print::figures(&figures);
    print::losses(&losses);
    print::notes(&notes);
    if let Some(path) = &options.json {
        let document = serde_json::json!({
            "setting": setting,
            "results": samples,
            "figures": figures,
            "losses": losses,
            "notes": notes,
        });
        let text = serde_json::to_string_pretty(&document)?;
        std::fs::write(path, text + "\n").map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(())
}

/// Every candidate once. Each round begins with another one, so that none always has the same neighbour.
fn play(
    bench: &mut Bench<'_>,
    load: Load,
    candidates: &[Candidate],
    round: u32,
    samples: &mut Vec<Sample>,
) -> Result<(), Failure> {
    let first = round as usize % candidates.len().max(1);
    for &candidate in candidates.iter().cycle().skip(first).take(candidates.len()) {
        samples.push(bench.measure(load, candidate, round)?);
    }
    Ok(())
}

/// How often the sender could not keep its pace, if it ever could not: such figures are those of bursts.
fn held_up(samples: &[Sample]) -> Option<String> {
    let paced = Load::ALL.into_iter().filter_map(|load| match load {
        Load::Paced(rate) => Some((load.to_string(), rate as f64)),
        Load::Flood | Load::Echo => None,
    });
    let (mut all, mut late) = (0, 0);
    for (load, rate) in paced {
        let of_load = samples.iter().filter(|sample| sample.load == load);
        all += of_load.clone().count();
        late += of_load.filter(|sample| sample.rate_per_s < KEPT * rate).count();
    }
    (late > 0).then(|| {
        format!(
            "the sender fell behind its pace in {late} of {all} measurements: others kept the machine busy"
        )
    })
}
