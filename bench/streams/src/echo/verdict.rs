//! Whether the library costs what a message should cost at most: beside the loops by hand, and beside tokio.

use ringport_stand::quartiles::Quartiles;
use serde::Serialize;

use super::candidate::{Candidate, Maker};
use super::figures::{CPU, best_by_hand, ratios};
use super::measure::Sample;
use ringport_stand::clients::Load;

/// The most that the library may cost of the best by hand over epoll.
const MOST: f64 = 1.05;
/// The least by which tokio has to cost more, where connections are many and messages small.
const LEAST: f64 = 1.15;
const MANY: usize = 64;
const SMALL: usize = 64;

/// One target of the library under one load.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Verdict {
    pub(crate) load: Load,
    pub(crate) candidate: &'static str,
    pub(crate) peer: &'static str,
    pub(crate) kind: Kind,
    /// Round by round.
    pub(crate) ratio: Quartiles,
    pub(crate) target: f64,
    pub(crate) meets: bool,
}

/// Which of the two is divided by the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    /// The library over the peer: the target is the most.
    CostOverPeer,
    /// The peer over the library: the target is the least.
    PeerOverCost,
}

/// All of them, where both were measured.
pub(crate) fn verdicts(loads: &[Load], candidates: &[Candidate], samples: &[Sample]) -> Vec<Verdict> {
    let is_ours = |candidate: &&Candidate| candidate.backend().is_some();
    let tokio = candidates.iter().find(|candidate| candidate.maker == Maker::Tokio);
    let mut verdicts = Vec::new();
    for &load in loads {
        for candidate in candidates.iter().filter(is_ours).map(|candidate| candidate.name) {
            let by_hand = best_by_hand(candidates, samples, load);
            let over_hand = by_hand
                .and_then(|peer| Some((peer, ratios(samples, load, (candidate, peer), CPU)?)))
                .map(|(peer, ratio)| (peer, Kind::CostOverPeer, ratio, MOST, ratio.median <= MOST));
            let over_tokio = tokio
                .filter(|_| load.connections >= MANY && load.bytes <= SMALL)
                .and_then(|tokio| Some((tokio.name, ratios(samples, load, (tokio.name, candidate), CPU)?)))
                .map(|(peer, ratio)| (peer, Kind::PeerOverCost, ratio, LEAST, ratio.median >= LEAST));
            verdicts.extend(over_hand.into_iter().chain(over_tokio).map(
                |(peer, kind, ratio, target, meets)| Verdict {
                    load,
                    candidate,
                    peer,
                    kind,
                    ratio,
                    target,
                    meets,
                },
            ));
        }
    }
    verdicts
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "ringport-queue";

    fn verdicts_of(load: Load, costs: [(&'static str, f64); 4]) -> Vec<Verdict> {
        let sample = |(candidate, cost): (&'static str, f64), round: u32| Sample {
            load,
            candidate,
            round,
            messages: 1,
            rate_per_s: 1.0,
            // A machine that gets slower all the time.
            cpu_ns_per_message: cost * f64::from(round + 1),
            p50_us: 1.0,
            p99_us: 1.0,
        };
        let samples: Vec<_> = (0..4).flat_map(|round| costs.map(|cost| sample(cost, round))).collect();
        let candidates: Vec<_> = costs.iter().filter_map(|(name, _)| Candidate::named(name)).collect();
        verdicts(&[load], &candidates, &samples)
    }

    #[test]
    fn the_library_is_judged_by_the_better_loop_and_by_tokio() {
        let costs =
            [("hand-epoll-level", 110.0), ("hand-epoll-edge", 100.0), ("tokio", 120.0), (OURS, 104.0)];
        let found = verdicts_of(Load { connections: 64, bytes: 64 }, costs);
        assert_eq!(found.len(), 2);
        assert_eq!(
            (found[0].peer, found[0].kind, found[0].meets),
            ("hand-epoll-edge", Kind::CostOverPeer, true)
        );
        assert!((found[0].ratio.median - 1.04).abs() < 1e-9);
        assert_eq!((found[1].peer, found[1].kind, found[1].meets), ("tokio", Kind::PeerOverCost, true));
        let dearer = [costs[0], costs[1], costs[2], (OURS, 106.0)];
        assert!(
            verdicts_of(Load { connections: 512, bytes: 64 }, dearer).iter().all(|verdict| !verdict.meets)
        );
    }

    #[test]
    fn tokio_judges_only_many_connections_with_small_messages() {
        let costs = [("hand-epoll-level", 1.0), ("hand-epoll-edge", 1.0), ("tokio", 1.0), (OURS, 1.0)];
        for load in [Load { connections: 1, bytes: 64 }, Load { connections: 64, bytes: 16384 }] {
            assert!(verdicts_of(load, costs).iter().all(|verdict| verdict.kind == Kind::CostOverPeer));
        }
    }
}
