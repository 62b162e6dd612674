//! The first words of the report: which design takes the least, which is the fastest, and how many lose.

use crate::compare::document::Document;
use crate::compare::statistics::{Figure, Standing};
use crate::compare::summary::Summary;
use crate::compare::verdict::Outcome;
use crate::output::{counted, whole};

/// A design that leads, and those whose rounds overlap with its.
struct Lead<'a> {
    first: &'a Summary,
    level: Vec<&'a str>,
}

/// One or two sentences.
pub(super) fn sentences(document: &Document) -> Vec<String> {
    let paced = document.setting.traffic.rate.is_some();
    let cost = lead(&document.medians, |it| it.cpu_ns_per_datagram, f64::lt, Figure::cheaper);
    let rate = lead(&document.medians, |it| it.rate_per_s, f64::gt, Figure::faster).filter(|_| !paced);
    let mut sentences: Vec<String> = Vec::new();
    sentences.extend(rate.map(|rate| fastest(document, &rate)));
    sentences.extend(cost.map(|cost| cheapest(document, &cost)));
    let losers = document.verdicts.iter().filter(|verdict| verdict.outcome == Outcome::Loses).count();
    if losers > 0 {
        let (name, verb) = (&document.setting.reference, if losers == 1 { "loses" } else { "lose" });
        sentences.push(format!("{} {verb} to {name} here.", counted(losers as u64, "design")));
    }
    if !document.failures.is_empty() {
        sentences.push(format!("{} failed.", counted(document.failures.len() as u64, "measurement")));
    }
    if document.interrupted {
        sentences.push("The comparison was ended early: these are the figures until then.".into());
    }
    sentences
}

fn fastest(document: &Document, lead: &Lead<'_>) -> String {
    let ratios = document.ratios.get(&lead.first.design);
    let rate = lead.first.rate_per_s.map_or("-".into(), |rate| whole(rate.median));
    let times = times(document, &lead.first.design, ratios.and_then(|it| it.rate_over_reference));
    format!(
        "{} is the fastest: {rate} {}s a second{times}{}.",
        lead.first.design,
        document.setting.unit(),
        level(lead)
    )
}

fn cheapest(document: &Document, lead: &Lead<'_>) -> String {
    let ratios = document.ratios.get(&lead.first.design);
    let cost = lead.first.cpu_ns_per_datagram.map_or("-".into(), |cost| whole(cost.median));
    let times = times(document, &lead.first.design, ratios.and_then(|it| it.cpu_over_reference));
    format!(
        "{} takes the least CPU: {cost} ns a {}{times}{}.",
        lead.first.design,
        document.setting.unit(),
        level(lead)
    )
}

fn times(document: &Document, design: &str, ratio: Option<f64>) -> String {
    let reference = &document.setting.reference;
    match ratio {
        Some(ratio) if design != reference => format!(", {ratio:.2} times that of {reference}"),
        _ => String::new(),
    }
}

fn level(lead: &Lead<'_>) -> String {
    match lead.level.as_slice() {
        [] => String::new(),
        [one] => format!("; level with {one}"),
        [one, other] => format!("; level with {one} and {other}"),
        [one, rest @ ..] => format!("; level with {one} and {} more", rest.len()),
    }
}

/// The design whose median is best, and those that are not worse by the rule that the verdicts follow.
fn lead(
    summaries: &[Summary],
    figure: impl Fn(&Summary) -> Option<Figure>,
    better: fn(&f64, &f64) -> bool,
    stands: fn(&Figure, &Figure) -> Standing,
) -> Option<Lead<'_>> {
    let known: Vec<(&Summary, Figure)> = summaries.iter().filter_map(|it| Some((it, figure(it)?))).collect();
    let first = known
        .iter()
        .copied()
        .reduce(|best, next| if better(&next.1.median, &best.1.median) { next } else { best })?;
    let level =
        known.iter().filter(|it| it.0.design != first.0.design && stands(&it.1, &first.1) != Standing::Worse);
    Some(Lead { first: first.0, level: level.map(|it| it.0.design.as_str()).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::testing;

    #[test]
    fn the_fastest_the_cheapest_and_the_losers() {
        let mut document = testing::document(&["event", "port", "hybrid"]);
        assert_eq!(
            sentences(&document),
            [
                "event is the fastest: 400,002 datagrams a second, 2.00 times that of port.",
                "event takes the least CPU: 102 ns a datagram, 0.50 times that of port.",
                "1 design loses to port here.",
                "1 measurement failed.",
            ]
        );
        document.setting.traffic.rate = Some(1_000);
        assert!(
            sentences(&document)[0].starts_with("event takes the least CPU"),
            "all are equally fast at a rate"
        );
    }

    #[test]
    fn designs_whose_rounds_overlap_are_level() {
        let mut document = testing::document(&["event", "port"]);
        for summary in &mut document.medians {
            summary.rate_per_s = Figure::of([100.0, 200.0, 300.0]);
        }
        assert!(sentences(&document)[0].ends_with("; level with port."), "{:?}", sentences(&document));
    }
}
