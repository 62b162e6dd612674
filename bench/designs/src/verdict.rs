//! Whether the library's plain designs cost what a good engineer would pay for the same design by hand.
//!
//! The rival is the best of the versions written by hand: the one with the least processor time a datagram in this
//! very run. Compared is what ran in the same round, because a machine with other things to do is faster in one
//! minute than in the next.

use ringport_stand::quartiles::Quartiles;
use serde::Serialize;

use crate::candidate::{Candidate, Group, Maker};
use crate::figures::{CPU, RATE, median, ratios};
use crate::measure::Sample;
use crate::sender::Way;

/// The most that a design of the library may cost of what its rival costs.
pub(crate) const MOST: f64 = 1.10;

/// One design of the library with one sender.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Verdict {
    pub(crate) sender: Way,
    pub(crate) candidate: &'static str,
    /// The best written by hand.
    pub(crate) rival: &'static str,
    /// Processor time a datagram over the rival's, round by round; absent where one of them was not measured.
    pub(crate) cpu_ratio: Option<Quartiles>,
    /// Rate over the rival's.
    pub(crate) rate_ratio: Option<Quartiles>,
    pub(crate) target: f64,
    /// Whether the median of the cost is within the target.
    pub(crate) meets: Option<bool>,
}

/// Those of all plain designs among `wanted`.
pub(crate) fn verdicts(wanted: &[Candidate], samples: &[Sample]) -> Vec<Verdict> {
    let plain = wanted.iter().filter(|candidate| candidate.group != Group::Moving);
    let ours: Vec<_> = plain.filter(|candidate| matches!(candidate.maker, Maker::Library(_))).collect();
    let mut verdicts = Vec::new();
    for sender in [Way::Plain, Way::Gso] {
        for candidate in &ours {
            let Some(rival) = best_by_hand(wanted, samples, sender, candidate.group) else { continue };
            let ratio = |value| ratios(samples, sender, (candidate.name, rival), value);
            let cpu_ratio = ratio(CPU);
            verdicts.push(Verdict {
                sender,
                candidate: candidate.name,
                rival,
                cpu_ratio,
                rate_ratio: ratio(RATE),
                target: MOST,
                meets: cpu_ratio.map(|ratio| ratio.median <= MOST),
            });
        }
    }
    verdicts
}

fn best_by_hand(wanted: &[Candidate], samples: &[Sample], sender: Way, group: Group) -> Option<&'static str> {
    let by_hand = wanted
        .iter()
        .filter(|candidate| candidate.group == group && matches!(candidate.maker, Maker::Hand(_)));
    let cost = |name| median(samples, sender, name, CPU).median;
    let measured = by_hand.map(|candidate| candidate.name).filter(|name| cost(name) > 0.0);
    measured.min_by(|one, other| cost(one).total_cmp(&cost(other)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::candidate::CANDIDATES;

    /// A candidate with this cost in each of three rounds, on a machine that gets slower all the time.
    fn samples(candidate: &'static str, cpu: f64) -> Vec<Sample> {
        let sample = |round: u32| Sample {
            sender: Way::Plain,
            candidate,
            round,
            sent: 2,
            received: 1,
            rate_per_s: 1.0,
            cpu_ns_per_datagram: cpu * f64::from(round + 1),
            switches_per_1000: 0.0,
            share_of_two: 1.0,
        };
        (0..3).map(sample).collect()
    }

    #[test]
    fn a_design_is_judged_by_the_best_written_by_hand_that_loses_nothing() {
        let all = [
            samples("hand-port-one-shot", 100.0),
            samples("hand-port-level", 150.0),
            samples("hand-port-edge", 50.0),
            samples("ringport-port", 109.0),
            samples("hand-blocking-1", 100.0),
            samples("ringport-blocking-1", 111.0),
            samples("hand-blocking", 1.0),
        ]
        .concat();
        let found = verdicts(&CANDIDATES, &all);
        let told: Vec<_> =
            found.iter().map(|verdict| (verdict.candidate, verdict.rival, verdict.meets)).collect();
        let expected = [
            ("ringport-blocking-1", "hand-blocking-1", Some(false)),
            ("ringport-blocking", "hand-blocking", None),
            ("ringport-port", "hand-port-one-shot", Some(true)),
        ];
        assert_eq!(told, expected);
        let port = found[2].cpu_ratio.unwrap();
        assert!((port.median - 1.09).abs() < 1e-9 && port.p75 - port.p25 < 1e-9);
    }
}
