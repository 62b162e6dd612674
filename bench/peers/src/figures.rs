//! Medians and quartiles of the rounds, and their ratios to tokio.

use ringport_stand::quartiles::Quartiles;
use serde::Serialize;

use crate::candidate::Candidate;
use crate::load::Load;
use crate::measure::Sample;

/// A candidate under a load, all rounds together.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Figure {
    pub(crate) load: String,
    pub(crate) candidate: Candidate,
    pub(crate) rounds: usize,
    pub(crate) cpu_ns_per_datagram: Quartiles,
    pub(crate) rate_per_s: Quartiles,
    /// Received of what was sent, the median.
    pub(crate) received_ratio: f64,
    /// Ratios within each round.
    pub(crate) cpu_over_tokio: Quartiles,
    pub(crate) rate_over_tokio: Quartiles,
}

/// One number of a sample.
pub(crate) type Value = fn(&Sample) -> f64;

/// All figures, by load and then in the order of the candidates.
pub(crate) fn figures(samples: &[Sample]) -> Vec<Figure> {
    let mut figures = Vec::new();
    for load in Load::ALL.map(|load| load.to_string()) {
        for candidate in Candidate::RECEIVERS {
            let rounds = rounds(samples, &load, candidate);
            if rounds == 0 {
                continue;
            }
            let all = |value: Value| Quartiles::of(of(samples, &load, candidate).map(value).collect());
            let over_tokio = |value| ratios(samples, &load, (candidate, Candidate::Tokio), value);
            figures.push(Figure {
                load: load.clone(),
                candidate,
                rounds,
                cpu_ns_per_datagram: all(|sample| sample.cpu_ns_per_datagram),
                rate_per_s: all(|sample| sample.rate_per_s),
                received_ratio: all(|sample| sample.received as f64 / sample.sent as f64).median,
                cpu_over_tokio: over_tokio(|sample| sample.cpu_ns_per_datagram),
                rate_over_tokio: over_tokio(|sample| sample.rate_per_s),
            });
        }
    }
    figures
}

/// In how many rounds a candidate was measured.
pub(crate) fn rounds(samples: &[Sample], load: &str, candidate: Candidate) -> usize {
    of(samples, load, candidate).count()
}

/// One candidate's figure over another's of the same round.
pub(crate) fn ratios(
    samples: &[Sample],
    load: &str,
    (candidate, peer): (Candidate, Candidate),
    value: Value,
) -> Quartiles {
    let ratio = |mine: &Sample| {
        let theirs = of(samples, load, peer).find(|sample| sample.round == mine.round)?;
        Some(value(mine) / value(theirs))
    };
    Quartiles::of(of(samples, load, candidate).filter_map(ratio).collect())
}

fn of<'samples>(
    samples: &'samples [Sample],
    load: &'samples str,
    candidate: Candidate,
) -> impl Iterator<Item = &'samples Sample> {
    samples.iter().filter(move |sample| sample.load == load && sample.candidate == candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_those_within_a_round() {
        let sample = |candidate, round, cpu| Sample {
            load: Load::Echo.to_string(),
            candidate,
            round,
            sent: 4,
            received: 3,
            cpu_ns_per_datagram: cpu,
            rate_per_s: 1.0,
        };
        let figures = figures(&[
            sample(Candidate::Tokio, 0, 100.0),
            sample(Candidate::Epoll, 0, 50.0),
            sample(Candidate::Epoll, 1, 500.0),
            sample(Candidate::Tokio, 1, 1000.0),
        ]);
        assert_eq!(figures.len(), 2);
        assert_eq!(figures[1].cpu_over_tokio, Quartiles { p25: 0.5, median: 0.5, p75: 0.5 });
        assert_eq!((figures[1].rounds, figures[1].received_ratio), (2, 0.75));
    }
}
