//! What the library is to reach beside others, and whether it did.

mod table;

use ringport_stand::quartiles::Quartiles;
use serde::Serialize;

use crate::figures::{Value, cpu, of, p50, p99, pairs};
use crate::load::Load;
use crate::measure::Sample;

/// Figures that differ by less are called equal.
const PARITY: f64 = 0.95;
/// The part of what a round trip took, and the nanoseconds of a drained datagram, that say nothing.
const SAME: f64 = 1.05;
const SAME_NS: f64 = 10.0;

/// What has to be reached.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Aim {
    /// So many times better in processor time.
    Times(f64),
    /// As good in processor time.
    Parity,
    /// A round trip, at the median, as short.
    RoundTrip,
    /// So many microseconds more at most, at the 99th percentile of the delay.
    Added(f64),
    /// The same cost but for what is within the noise.
    Same,
}

/// One target.
#[derive(Clone, Copy, Debug)]
struct Target {
    load: &'static str,
    backends: &'static [&'static str],
    /// Which of the library's peers, by the end of its name.
    face: &'static str,
    against: &'static str,
    aim: Aim,
}

/// What came of a target.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Verdict {
    pub(crate) load: String,
    pub(crate) peer: String,
    pub(crate) against: &'static str,
    /// What the target is about, round by round.
    pub(crate) found: Quartiles,
    pub(crate) met: bool,
    /// The same in words, without the verdict.
    pub(crate) sentence: String,
}

/// All targets of which both sides were measured.
pub(crate) fn verdicts(samples: &[Sample]) -> Vec<Verdict> {
    let targets = table::TARGETS
        .iter()
        .flat_map(|target| target.peers().filter_map(move |peer| target.verdict(samples, peer)));
    let everywhere = table::EVERYWHERE.iter().filter_map(|(peer, against)| ahead(samples, peer, against));
    targets.chain(everywhere).collect()
}

impl Target {
    /// Who is to reach it.
    fn peers(&self) -> impl Iterator<Item = String> + use<> {
        let face = self.face;
        self.backends.iter().map(move |backend| format!("ringport-{backend}{face}"))
    }

    fn verdict(&self, samples: &[Sample], peer: String) -> Option<Verdict> {
        let &Target { load, against, aim, .. } = self;
        let (of_mine, of_theirs) = (of(samples, load, &peer).count(), of(samples, load, against).count());
        if of_mine == 0 || of_theirs == 0 {
            return None;
        }
        let compare = |value: Value, combine| pairs(samples, load, &peer, against, value, combine);
        let better = compare(cpu, |mine, theirs| theirs / mine);
        let (found, met, sentence) = match aim {
            Aim::Times(least) => {
                let sentence = format!("{:.2} times better than {against} (target {least})", better.median);
                (better, better.median >= least, sentence)
            }
            Aim::Parity => {
                let sentence =
                    format!("{:.2} times better than {against} (target parity, {PARITY})", better.median);
                (better, better.median >= PARITY, sentence)
            }
            Aim::RoundTrip => {
                let longer = compare(p50, |mine, theirs| mine / theirs);
                let sentence = format!(
                    "median round trip {:.2} times that of {against} (target {SAME} at most)",
                    longer.median
                );
                (longer, longer.median <= SAME, sentence)
            }
            Aim::Added(most) => {
                let added = compare(p99, |mine, theirs| mine - theirs);
                let sentence =
                    format!("p99 delay {:.0} us more than {against} (target less than {most})", added.median);
                (added, added.median < most, sentence)
            }
            Aim::Same => {
                let dearer = compare(cpu, |mine, theirs| mine / theirs);
                let more = compare(cpu, |mine, theirs| mine - theirs);
                let sentence = format!(
                    "{:.2} times the cost of {against}, {:+.0} ns (target {SAME} or {SAME_NS} ns at most)",
                    dearer.median, more.median
                );
                (dearer, dearer.median <= SAME || more.median <= SAME_NS, sentence)
            }
        };
        Some(Verdict { load: load.to_owned(), peer, against, found, met, sentence })
    }
}

/// Whether a peer is ahead of another under every load that both were measured under: the one where it is least so.
fn ahead(samples: &[Sample], peer: &str, against: &'static str) -> Option<Verdict> {
    let loads = Load::ALL.iter().map(Load::to_string);
    let both =
        loads.filter(|load| of(samples, load, peer).count().min(of(samples, load, against).count()) > 0);
    let better =
        both.map(|load| (pairs(samples, &load, peer, against, cpu, |mine, theirs| theirs / mine), load));
    let (found, load) = better.min_by(|(one, _), (other, _)| one.median.total_cmp(&other.median))?;
    let sentence =
        format!("{:.2} times better than {against} at the least (target ahead everywhere)", found.median);
    Some(Verdict { load, peer: peer.to_owned(), against, found, met: found.median > 1.0, sentence })
}

#[cfg(test)]
mod tests;
