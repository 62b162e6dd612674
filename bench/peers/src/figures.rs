//! Medians and quartiles of the rounds, and their ratios to the reference.

use ringport_stand::quartiles::Quartiles;
use serde::Serialize;

use crate::load::Load;
use crate::measure::Sample;
use crate::peer::{Peer, REFERENCE};

/// A peer under a load, all rounds together.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Figure {
    pub(crate) load: String,
    pub(crate) peer: &'static str,
    pub(crate) rounds: usize,
    pub(crate) cpu_ns: Quartiles,
    /// How many times cheaper than the reference in the same round.
    pub(crate) times_better: Quartiles,
    pub(crate) rate_per_s: Quartiles,
    /// Received of what was sent.
    pub(crate) received_ratio: Quartiles,
    pub(crate) switches_per_thousand: Quartiles,
    /// Microseconds, where delays were measured.
    pub(crate) p50_us: Option<Quartiles>,
    pub(crate) p99_us: Option<Quartiles>,
    pub(crate) p999_us: Option<Quartiles>,
}

/// One number of a sample.
pub(crate) type Value = fn(&Sample) -> Option<f64>;

pub(crate) fn cpu(sample: &Sample) -> Option<f64> {
    Some(sample.cpu_ns)
}

pub(crate) fn rate(sample: &Sample) -> Option<f64> {
    Some(sample.rate_per_s)
}

pub(crate) fn p50(sample: &Sample) -> Option<f64> {
    sample.delays.map(|delays| delays.p50)
}

pub(crate) fn p99(sample: &Sample) -> Option<f64> {
    sample.delays.map(|delays| delays.p99)
}

fn p999(sample: &Sample) -> Option<f64> {
    sample.delays.map(|delays| delays.p999)
}

/// All figures, by load and then in the order of the peers.
pub(crate) fn figures(samples: &[Sample], loads: &[Load], peers: &[&'static dyn Peer]) -> Vec<Figure> {
    let mut figures = Vec::new();
    for load in loads.iter().map(Load::to_string) {
        for peer in peers.iter().map(|peer| peer.name()) {
            let rounds = of(samples, &load, peer).count();
            if rounds == 0 {
                continue;
            }
            let all = |value: Value| Quartiles::of(of(samples, &load, peer).filter_map(value).collect());
            let delay = |value: Value| {
                of(samples, &load, peer).any(|sample| value(sample).is_some()).then(|| all(value))
            };
            figures.push(Figure {
                load: load.clone(),
                peer,
                rounds,
                cpu_ns: all(cpu),
                times_better: pairs(samples, &load, peer, REFERENCE, cpu, |mine, theirs| theirs / mine),
                rate_per_s: all(rate),
                received_ratio: all(|sample| Some(sample.received as f64 / sample.sent.max(1) as f64)),
                switches_per_thousand: all(|sample| Some(sample.switches_per_thousand)),
                p50_us: delay(p50),
                p99_us: delay(p99),
                p999_us: delay(p999),
            });
        }
    }
    figures
}

/// What comes of a peer's number and another's of the same round; zeroes where there is none.
pub(crate) fn pairs(
    samples: &[Sample],
    load: &str,
    peer: &str,
    other: &str,
    value: Value,
    combine: fn(f64, f64) -> f64,
) -> Quartiles {
    let pair = |mine: &Sample| {
        let theirs = of(samples, load, other).find(|sample| sample.round == mine.round)?;
        Some(combine(value(mine)?, value(theirs)?))
    };
    Quartiles::of(of(samples, load, peer).filter_map(pair).collect())
}

/// The samples of a peer under a load.
pub(crate) fn of<'samples>(
    samples: &'samples [Sample],
    load: &'samples str,
    peer: &'samples str,
) -> impl Iterator<Item = &'samples Sample> {
    samples.iter().filter(move |sample| sample.load == load && sample.peer == peer)
}
