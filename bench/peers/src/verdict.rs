//! Where the library loses: every line of it against every peer under the same load.
//!
//! Compared is what ran in the same round, because a machine with other things to do is faster in one minute
//! than in the next. A loss is clear when the library was behind in three quarters of the rounds or more.

use ringport_stand::quartiles::Quartiles;
use serde::Serialize;

use crate::candidate::Candidate;
use crate::figures::{Value, ratios, rounds};
use crate::load::Load;
use crate::measure::Sample;

/// Fewer rounds than these say nothing clearly.
pub(crate) const ENOUGH: usize = 4;

/// A figure in which a peer is better.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Loss {
    pub(crate) load: String,
    pub(crate) candidate: Candidate,
    pub(crate) peer: Candidate,
    pub(crate) what: &'static str,
    /// The library's figure over the peer's, round by round.
    pub(crate) ratio: Quartiles,
    /// Whether three quarters of the rounds agree, of rounds enough.
    pub(crate) clear: bool,
}

/// All losses. The cost counts under every load, the rate only for echoes: otherwise the sender sets it.
pub(crate) fn losses(samples: &[Sample]) -> Vec<Loss> {
    let is_ours = |candidate: &Candidate| candidate.backend().is_some();
    let (ours, peers): (Vec<_>, Vec<_>) = Candidate::RECEIVERS.into_iter().partition(is_ours);
    let pairs = || ours.iter().flat_map(|&candidate| peers.iter().map(move |&peer| (candidate, peer)));
    let mut losses = Vec::new();
    for load in Load::ALL {
        let values: &[(&'static str, Value, bool)] = match load {
            Load::Echo => &[("CPU an echo", cpu, false), ("round trips a second", rate, true)],
            Load::Flood | Load::Paced(_) => &[("CPU a datagram", cpu, false)],
        };
        let load = load.to_string();
        for (candidate, peer) in pairs() {
            let enough = rounds(samples, &load, candidate).min(rounds(samples, &load, peer)) >= ENOUGH;
            for &(what, value, more_is_better) in values {
                let ratio = ratios(samples, &load, (candidate, peer), value);
                let (behind, agreed) = if more_is_better {
                    (ratio.median < 1.0, ratio.p75 < 1.0)
                } else {
                    (ratio.median > 1.0, ratio.p25 > 1.0)
                };
                // Where one of them was not measured there is no ratio.
                if behind && ratio.median > 0.0 {
                    let (load, clear) = (load.clone(), enough && agreed);
                    losses.push(Loss { load, candidate, peer, what, ratio, clear });
                }
            }
        }
    }
    losses
}

fn cpu(sample: &Sample) -> f64 {
    sample.cpu_ns_per_datagram
}

fn rate(sample: &Sample) -> f64 {
    sample.rate_per_s
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A candidate whose cost and rate are these in each round, on a machine that gets slower all the time.
    fn samples(load: Load, candidate: Candidate, cpu: f64, rate: f64, rounds: u32) -> Vec<Sample> {
        let sample = |round: u32| Sample {
            load: load.to_string(),
            candidate,
            round,
            sent: 1,
            received: 1,
            cpu_ns_per_datagram: cpu * f64::from(round + 1),
            rate_per_s: rate / f64::from(round + 1),
        };
        (0..rounds).map(sample).collect()
    }

    #[test]
    fn more_cost_is_a_loss_and_a_higher_rate_is_none() {
        let found = losses(
            &[
                samples(Load::Flood, Candidate::Tokio, 100.0, 1.0, 4),
                samples(Load::Flood, Candidate::Uring, 110.0, 0.5, 4),
                samples(Load::Flood, Candidate::Epoll, 50.0, 2.0, 4),
            ]
            .concat(),
        );
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].candidate, found[0].clear), (Candidate::Uring, true));
        assert!((found[0].ratio.median - 1.1).abs() < 1e-9);
    }

    #[test]
    fn fewer_echoes_are_a_loss() {
        let found = losses(
            &[
                samples(Load::Echo, Candidate::Blocking, 100.0, 100.0, 4),
                samples(Load::Echo, Candidate::Uring, 99.0, 90.0, 4),
            ]
            .concat(),
        );
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].what, found[0].clear), ("round trips a second", true));
    }

    #[test]
    fn rounds_that_are_few_or_disagree_say_nothing_clearly() {
        let tokio = samples(Load::Flood, Candidate::Tokio, 100.0, 1.0, 4);
        let mut uring = samples(Load::Flood, Candidate::Uring, 120.0, 1.0, 4);
        let few = [&tokio[..3], &uring[..3]].concat();
        assert!(losses(&few).iter().all(|loss| !loss.clear) && losses(&few).len() == 1);
        uring[0].cpu_ns_per_datagram = 50.0;
        uring[1].cpu_ns_per_datagram = 190.0;
        let found = losses(&[tokio, uring].concat());
        assert_eq!((found.len(), found[0].clear), (1, false));
    }
}
