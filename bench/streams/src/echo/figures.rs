//! Medians and quartiles of the rounds, and ratios within each round.

use ringport_stand::quartiles::Quartiles;
use serde::Serialize;

use super::candidate::{Candidate, Maker};
use super::measure::Sample;
use ringport_stand::clients::Load;

/// A candidate under a load, all rounds together.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Figure {
    pub(crate) load: Load,
    pub(crate) candidate: &'static str,
    pub(crate) rounds: usize,
    pub(crate) rate_per_s: Quartiles,
    pub(crate) cpu_ns_per_message: Quartiles,
    pub(crate) p50_us: Quartiles,
    pub(crate) p99_us: Quartiles,
    /// Over the best by hand over epoll in the same round; absent where none was measured.
    pub(crate) cpu_over_best: Option<Quartiles>,
    pub(crate) rate_over_best: Option<Quartiles>,
}

/// One number of a sample.
pub(crate) type Value = fn(&Sample) -> f64;

pub(crate) const RATE: Value = |sample| sample.rate_per_s;
pub(crate) const CPU: Value = |sample| sample.cpu_ns_per_message;

/// All figures, by load and then in the order of the candidates.
pub(crate) fn figures(loads: &[Load], candidates: &[Candidate], samples: &[Sample]) -> Vec<Figure> {
    let mut figures = Vec::new();
    for &load in loads {
        let best = best_by_hand(candidates, samples, load);
        for candidate in candidates.iter().map(|candidate| candidate.name) {
            let all = |value: Value| Quartiles::of(of(samples, load, candidate).map(value).collect());
            let over_best = |value| ratios(samples, load, (candidate, best?), value);
            figures.push(Figure {
                load,
                candidate,
                rounds: of(samples, load, candidate).count(),
                rate_per_s: all(RATE),
                cpu_ns_per_message: all(CPU),
                p50_us: all(|sample| sample.p50_us),
                p99_us: all(|sample| sample.p99_us),
                cpu_over_best: over_best(CPU),
                rate_over_best: over_best(RATE),
            });
        }
    }
    figures
}

/// Of those by hand over epoll, the one that costs least in this very run.
pub(crate) fn best_by_hand(candidates: &[Candidate], samples: &[Sample], load: Load) -> Option<&'static str> {
    let by_hand = candidates.iter().filter(|candidate| candidate.maker == Maker::Epoll);
    let cost = |name| Quartiles::of(of(samples, load, name).map(CPU).collect()).median;
    by_hand
        .map(|candidate| candidate.name)
        .filter(|name| of(samples, load, name).next().is_some())
        .min_by(|one, other| cost(one).total_cmp(&cost(other)))
}

/// One candidate's figure over another's of the same round, if there is such a round.
pub(crate) fn ratios(
    samples: &[Sample],
    load: Load,
    (candidate, peer): (&str, &str),
    value: Value,
) -> Option<Quartiles> {
    let ratio = |mine: &Sample| {
        let theirs = of(samples, load, peer).find(|sample| sample.round == mine.round)?;
        Some(value(mine) / value(theirs))
    };
    let ratios: Vec<f64> = of(samples, load, candidate).filter_map(ratio).collect();
    (!ratios.is_empty()).then(|| Quartiles::of(ratios))
}

fn of<'samples>(
    samples: &'samples [Sample],
    load: Load,
    candidate: &'samples str,
) -> impl Iterator<Item = &'samples Sample> {
    samples.iter().filter(move |sample| sample.load == load && sample.candidate == candidate)
}
