//! Medians and quartiles of the rounds, and ratios within each round.

use ringport_stand::quartiles::Quartiles;
use serde::Serialize;

use crate::candidate::{CANDIDATES, REFERENCE};
use crate::measure::Sample;
use crate::sender::Way;

/// A candidate with a sender, all rounds together.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Figure {
    pub(crate) sender: Way,
    pub(crate) candidate: &'static str,
    pub(crate) rounds: usize,
    pub(crate) rate_per_s: Quartiles,
    pub(crate) cpu_ns_per_datagram: Quartiles,
    pub(crate) switches_per_1000: Quartiles,
    /// Received of what was sent, the median.
    pub(crate) received_ratio: f64,
    /// What two threads did of all, the median.
    pub(crate) share_of_two: f64,
    /// Over the reference in the same round; absent where it was not measured.
    pub(crate) rate_over_reference: Option<Quartiles>,
    pub(crate) cpu_over_reference: Option<Quartiles>,
}

/// One number of a sample.
pub(crate) type Value = fn(&Sample) -> f64;

pub(crate) const RATE: Value = |sample| sample.rate_per_s;
pub(crate) const CPU: Value = |sample| sample.cpu_ns_per_datagram;

/// All figures, by sender and then in the order of the candidates.
pub(crate) fn figures(samples: &[Sample]) -> Vec<Figure> {
    let mut figures = Vec::new();
    for sender in [Way::Plain, Way::Gso] {
        for candidate in CANDIDATES.map(|candidate| candidate.name) {
            let rounds = of(samples, sender, candidate).count();
            if rounds == 0 {
                continue;
            }
            let all = |value: Value| median(samples, sender, candidate, value);
            let over_reference = |value| ratios(samples, sender, (candidate, REFERENCE), value);
            figures.push(Figure {
                sender,
                candidate,
                rounds,
                rate_per_s: all(RATE),
                cpu_ns_per_datagram: all(CPU),
                switches_per_1000: all(|sample| sample.switches_per_1000),
                received_ratio: all(|sample| sample.received as f64 / sample.sent as f64).median,
                share_of_two: all(|sample| sample.share_of_two).median,
                rate_over_reference: over_reference(RATE),
                cpu_over_reference: over_reference(CPU),
            });
        }
    }
    figures
}

/// A candidate's figure in all rounds; zeroes where it was not measured.
pub(crate) fn median(samples: &[Sample], sender: Way, candidate: &str, value: Value) -> Quartiles {
    Quartiles::of(of(samples, sender, candidate).map(value).collect())
}

/// One candidate's figure over another's of the same round, if there is such a round.
pub(crate) fn ratios(
    samples: &[Sample],
    sender: Way,
    (candidate, peer): (&str, &str),
    value: Value,
) -> Option<Quartiles> {
    let ratio = |mine: &Sample| {
        let theirs = of(samples, sender, peer).find(|sample| sample.round == mine.round)?;
        Some(value(mine) / value(theirs))
    };
    let ratios: Vec<f64> = of(samples, sender, candidate).filter_map(ratio).collect();
    (!ratios.is_empty()).then(|| Quartiles::of(ratios))
}

fn of<'samples>(
    samples: &'samples [Sample],
    sender: Way,
    candidate: &'samples str,
) -> impl Iterator<Item = &'samples Sample> {
    samples.iter().filter(move |sample| sample.sender == sender && sample.candidate == candidate)
}
