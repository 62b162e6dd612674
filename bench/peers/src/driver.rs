//! The whole run: rounds, in each of which every peer meets every load.

use std::time::{Duration, Instant};

use ringport_stand::Failure;
use ringport_stand::process::two_processors;

use crate::document::Document;
use crate::figures::figures;
use crate::load::Load;
use crate::measure::{Bench, Sample};
use crate::options::Options;
use crate::peer::Peer;
use crate::print;
use crate::setting::setting;
use crate::targets::verdicts;

/// The share of its pace that a sender keeps if nobody holds it up.
const KEPT: f64 = 0.97;

/// Measures, prints, and writes what was asked for.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    if let Some(word) = options.unknown() {
        return Err(format!("there is no peer and no load that begins with {word}").into());
    }
    let processors = if options.no_pin { None } else { two_processors()? };
    let (mut peers, loads) = (options.peers(), options.loads());
    let mut notes = Vec::new();
    peers.retain(|peer| {
        let obstacle = peer.obstacle();
        notes.extend(obstacle.iter().map(|why| format!("{} was not measured: {why}", peer.name())));
        obstacle.is_none()
    });
    let setting = setting(options, processors, &peers)?;
    print::setting(&setting);
    let samples = rounds(options, processors, &loads, &peers, &mut notes)?;
    notes.extend(held_up(&loads, &samples));

    let figures = figures(&samples, &loads, &peers);
    let verdicts = verdicts(&samples);
    let document = Document { setting, results: samples, figures, verdicts, notes };
    print::figures(&loads, &document.figures);
    print::verdicts(&document.verdicts);
    print::notes(&document.notes);
    document.write(options)
}

fn rounds(
    options: &Options,
    processors: Option<(usize, usize)>,
    loads: &[Load],
    peers: &[&'static dyn Peer],
    notes: &mut Vec<String>,
) -> Result<Vec<Sample>, Failure> {
    let mut bench = Bench::new(options, processors)?;
    let (start, budget) = (Instant::now(), Duration::from_secs(options.budget));
    let mut samples = Vec::new();
    for round in 0..options.rounds() {
        if round > 0 && start.elapsed() > budget {
            notes.push(format!(
                "ended after round {round} of {}: {} s were over",
                options.rounds(),
                options.budget
            ));
            break;
        }
        print::progress(round, options.rounds());
        for &load in loads {
            let able: Vec<_> = peers.iter().filter(|peer| peer.meets(load)).collect();
            // Each round begins with another one, so that none always has the same neighbour.
            let first = round as usize % able.len().max(1);
            for peer in able.iter().cycle().skip(first).take(able.len()) {
                samples.push(bench.measure(load, **peer, round)?);
            }
        }
    }
    if bench.disturbed > 0 {
        notes.push(format!(
            "other programs ran during {} of {} measurements",
            bench.disturbed,
            samples.len()
        ));
    }
    Ok(samples)
}

/// How often the sender could not keep its pace, if it ever could not: such figures are those of bursts.
fn held_up(loads: &[Load], samples: &[Sample]) -> Option<String> {
    let (mut all, mut late) = (0, 0);
    for load in loads {
        let Load::Paced { rate } = load else { continue };
        let name = load.to_string();
        let of_load = samples.iter().filter(|sample| sample.load == name);
        all += of_load.clone().count();
        late += of_load.filter(|sample| sample.rate_per_s < KEPT * *rate as f64).count();
    }
    (late > 0).then(|| {
        format!(
            "the sender fell behind its pace in {late} of {all} measurements: others kept the machine busy"
        )
    })
}
