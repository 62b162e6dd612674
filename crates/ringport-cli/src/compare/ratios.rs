//! Each design against others: `port`, the best plain design, and the reference.

use std::collections::BTreeMap;

use serde::Serialize;

use super::statistics::Figure;
use super::summary::Summary;

/// The designs without registered memory, which anybody could write by hand. The best of them is what a better design
/// has to beat.
const PLAIN: [&str; 3] = ["blocking", "port", "port-batched"];

/// A design's medians over those of another; None where the other was not measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Ratios {
    pub(crate) rate_over_port: Option<f64>,
    pub(crate) cpu_over_port: Option<f64>,
    /// Context switches a datagram.
    pub(crate) context_switches_over_port: Option<f64>,
    pub(crate) rate_over_best_plain: Option<f64>,
    pub(crate) cpu_over_best_plain: Option<f64>,
    /// The reference is `port` if it was run.
    pub(crate) rate_over_reference: Option<f64>,
    pub(crate) cpu_over_reference: Option<f64>,
}

/// The plain design that the others have to beat: the fastest, or at a given rate, which all reach, the cheapest.
pub(crate) fn best_plain(summaries: &[Summary], paced: bool) -> Option<&Summary> {
    let plain = summaries.iter().filter(|summary| PLAIN.contains(&summary.design.as_str()));
    let worth = |summary: &&Summary| match paced {
        true => summary.cpu_ns_per_datagram.map(|cost| -cost.median),
        false => summary.rate_per_s.map(|rate| rate.median),
    };
    let known = plain.filter_map(|summary| worth(&summary).map(|worth| (worth, summary)));
    known.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, summary)| summary)
}

/// The ratios of every design.
pub(crate) fn ratios(summaries: &[Summary], reference: &str, paced: bool) -> BTreeMap<String, Ratios> {
    let named = |name: &str| summaries.iter().find(|summary| summary.design == name);
    let (port, plain, reference) = (named("port"), best_plain(summaries, paced), named(reference));
    let ratio = |summary: &Summary| Ratios {
        rate_over_port: over(summary, port, |it| it.rate_per_s),
        cpu_over_port: over(summary, port, |it| it.cpu_ns_per_datagram),
        context_switches_over_port: over(summary, port, |it| it.context_switches_per_1000),
        rate_over_best_plain: over(summary, plain, |it| it.rate_per_s),
        cpu_over_best_plain: over(summary, plain, |it| it.cpu_ns_per_datagram),
        rate_over_reference: over(summary, reference, |it| it.rate_per_s),
        cpu_over_reference: over(summary, reference, |it| it.cpu_ns_per_datagram),
    };
    summaries.iter().map(|summary| (summary.design.clone(), ratio(summary))).collect()
}

fn over(one: &Summary, other: Option<&Summary>, figure: impl Fn(&Summary) -> Option<Figure>) -> Option<f64> {
    let (one, other) = (figure(one)?.median, figure(other?)?.median);
    // Over nothing there is no ratio, and JSON has no infinity.
    Some(one / other).filter(|ratio| ratio.is_finite())
}

#[cfg(test)]
mod tests {
    use super::super::testing::summary;
    use super::*;

    #[test]
    fn over_port_and_over_the_best_plain_design() {
        let summaries = [
            summary("blocking", 400.0, 900.0),
            summary("port", 200.0, 1_000.0),
            summary("event", 900.0, 100.0),
            summary("hybrid", 600.0, 250.0),
        ];
        let ratios = ratios(&summaries, "port", false);
        let hybrid = ratios["hybrid"];
        assert_eq!((hybrid.rate_over_port, hybrid.cpu_over_port), (Some(3.0), Some(0.25)));
        assert_eq!(
            (hybrid.rate_over_best_plain, hybrid.cpu_over_best_plain),
            (Some(1.5), Some(250.0 / 900.0))
        );
        assert_eq!(hybrid.rate_over_reference, hybrid.rate_over_port);
        assert_eq!(ratios["port"].rate_over_port, Some(1.0));
        // The switches of the made-up summaries are as many as their nanoseconds.
        assert_eq!(hybrid.context_switches_over_port, Some(0.25));
    }

    #[test]
    fn at_a_given_rate_the_cheapest_is_the_best() {
        let summaries = [summary("blocking", 100.0, 900.0), summary("port-batched", 99.0, 500.0)];
        assert_eq!(best_plain(&summaries, false).unwrap().design, "blocking");
        assert_eq!(best_plain(&summaries, true).unwrap().design, "port-batched");
    }

    #[test]
    fn without_port_or_any_plain_design_there_is_no_ratio() {
        let summaries = [summary("event", 300.0, 100.0), summary("polled", 600.0, 0.0)];
        let ratios = ratios(&summaries, "event", false);
        let polled = ratios["polled"];
        assert_eq!((polled.rate_over_port, polled.rate_over_best_plain), (None, None));
        assert_eq!((polled.rate_over_reference, polled.cpu_over_reference), (Some(2.0), Some(0.0)));
        let over_nothing = super::ratios(&summaries, "polled", false)["event"];
        assert_eq!(over_nothing.cpu_over_reference, None);
    }
}
