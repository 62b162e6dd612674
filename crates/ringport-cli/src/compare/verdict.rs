//! A plain sentence a design: does it win here, and where not.

use serde::Serialize;

use crate::protocol::Protocol;

use super::setting::Setting;
use super::statistics::{NOTICEABLE, Standing};
use super::summary::Summary;

/// Differences of shares of lost datagrams smaller than this are not worth a word.
const NOTICEABLE_LOSS: f64 = 0.01;

/// What is said of one design.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Verdict {
    pub(crate) design: String,
    pub(crate) outcome: Outcome,
    pub(crate) sentence: String,
}

/// How a design stands to the reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    /// It is the reference.
    Reference,
    Wins,
    Loses,
    /// Better in one figure, worse in another.
    Mixed,
    /// The rounds overlap, or there is nothing to compare.
    Unclear,
}

impl Outcome {
    /// A design that is beaten by what anybody could write by hand does not simply win, whatever else it beats.
    fn beside_plain(self, standing: Standing) -> Outcome {
        match (self, standing) {
            (Outcome::Wins, Standing::Worse) => Outcome::Mixed,
            (Outcome::Unclear, Standing::Worse) => Outcome::Loses,
            (outcome, _) => outcome,
        }
    }
}

/// What the designs are compared with.
#[derive(Clone, Copy)]
pub(crate) struct Against<'a> {
    pub(crate) reference: Option<&'a Summary>,
    pub(crate) best_plain: Option<&'a Summary>,
}

/// A verdict a design, in the order of the summaries.
pub(crate) fn verdicts(setting: &Setting, summaries: &[Summary], against: Against<'_>) -> Vec<Verdict> {
    let traffic =
        Seen { paced: setting.traffic.rate.is_some(), flows: setting.traffic.flows(), unit: setting.unit() };
    summaries.iter().map(|summary| verdict(summary, against, traffic)).collect()
}

/// What of the traffic bears on a verdict.
#[derive(Clone, Copy)]
struct Seen {
    /// At a given rate all are equally fast.
    paced: bool,
    flows: u32,
    /// A datagram or a message.
    unit: &'static str,
}

fn verdict(summary: &Summary, against: Against<'_>, seen: Seen) -> Verdict {
    let design = summary.design.clone();
    let (mut outcome, mut text) = match against.reference {
        Some(reference) if reference.design == design => {
            (Outcome::Reference, "what the others are compared with".into())
        }
        Some(reference) => stand(summary, reference, seen),
        None => (Outcome::Unclear, "nothing to compare it with: the reference was not measured".into()),
    };
    // Where the best plain design is the reference, or this design itself, everything is said already.
    let said = |plain: &Summary| {
        plain.design == design || against.reference.is_some_and(|reference| reference.design == plain.design)
    };
    if let Some(plain) = against.best_plain.filter(|plain| !said(plain))
        && let Some((standing, words)) = beside_plain(summary, plain, seen)
    {
        outcome = outcome.beside_plain(standing);
        text += &words;
    }
    if let Some(reference) = against.reference {
        text += &losses(summary, reference, seen);
        text += &trips(summary, reference, seen);
    }
    if let Some(remark) = remark(&design, seen) {
        text += &format!(" ({remark})");
    }
    Verdict { sentence: format!("{design}: {text}."), design, outcome }
}

/// Rate and CPU against the reference. At a given rate all are equally fast, so only the CPU counts.
fn stand(summary: &Summary, reference: &Summary, seen: Seen) -> (Outcome, String) {
    let Seen { paced, unit, .. } = seen;
    let name = &reference.design;
    let rates = summary.rate_per_s.zip(reference.rate_per_s);
    let costs = summary.cpu_ns_per_datagram.zip(reference.cpu_ns_per_datagram);
    let (Some((my_rate, their_rate)), Some((my_cost, their_cost))) = (rates, costs) else {
        return (Outcome::Unclear, "too little was received to say anything".into());
    };
    let cpu = my_cost.cheaper(&their_cost);
    let rate = if paced { Standing::Level } else { my_rate.faster(&their_rate) };
    let cpu_text = figure_text(my_cost.median / their_cost.median, &cpu_a(unit), cpu, summary.rounds);
    let figures = match paced {
        true => cpu_text,
        false => {
            let ratio = my_rate.median / their_rate.median;
            format!("{}, {cpu_text}", figure_text(ratio, "rate", rate, summary.rounds))
        }
    };
    let losses = if summary.lost_ratio() - reference.lost_ratio() >= NOTICEABLE_LOSS {
        Standing::Worse
    } else {
        Standing::Level
    };
    let lost = format!("lost {unit}s");
    let standings = [("rate", rate), ("CPU", cpu), (lost.as_str(), losses)];
    let those = |wanted: Standing| -> Vec<&str> {
        standings.iter().filter(|(_, standing)| *standing == wanted).map(|(what, _)| *what).collect()
    };
    let (better, worse) = (those(Standing::Better), those(Standing::Worse).join(" and "));
    let (outcome, lead) = match (better.is_empty(), worse.is_empty()) {
        (false, true) => (Outcome::Wins, format!("wins over {name}")),
        (true, false) => (Outcome::Loses, format!("does NOT win here, it loses to {name} in {worse}")),
        (false, false) => {
            (Outcome::Mixed, format!("better than {name} in {}, but WORSE in {worse}", better.join(" and ")))
        }
        (true, true) => (Outcome::Unclear, format!("no clear winner against {name}")),
    };
    let doubt = match (outcome, summary.rounds) {
        (_, 1) => "; one round only, so take it as a hint (try --rounds 5)",
        (Outcome::Unclear, _) => "; more rounds may tell (try --rounds 9)",
        _ => "",
    };
    (outcome, format!("{lead}: {figures}{doubt}"))
}

/// A ratio in words, with a doubt where the rounds do not bear it out.
fn figure_text(ratio: f64, what: &str, standing: Standing, rounds: usize) -> String {
    let doubtful = standing == Standing::Level && rounds > 1 && (ratio - 1.0).abs() >= NOTICEABLE;
    format!("{ratio:.2} times the {what}{}", if doubtful { " (the rounds overlap)" } else { "" })
}

/// The same against the best plain design, where that is another one.
fn beside_plain(summary: &Summary, plain: &Summary, seen: Seen) -> Option<(Standing, String)> {
    let paced = seen.paced;
    let what = if paced { cpu_a(seen.unit) } else { "rate".into() };
    let figure = |summary: &Summary| if paced { summary.cpu_ns_per_datagram } else { summary.rate_per_s };
    let (mine, theirs) = figure(summary).zip(figure(plain))?;
    let standing = if paced { mine.cheaper(&theirs) } else { mine.faster(&theirs) };
    let word = match standing {
        Standing::Better => "better than",
        Standing::Worse => "LOSES to",
        Standing::Level => "not clearly apart from",
    };
    let ratio = figure_text(mine.median / theirs.median, &what, standing, summary.rounds);
    Some((standing, format!("; {word} {}, the best plain design: {ratio}", plain.design)))
}

fn losses(summary: &Summary, reference: &Summary, seen: Seen) -> String {
    let unit = seen.unit;
    let (mine, theirs) = (summary.lost_ratio(), reference.lost_ratio());
    let same = summary.design == reference.design;
    let percent = |share: f64| format!("{:.1} %", share * 100.0);
    if same && mine >= NOTICEABLE_LOSS {
        format!("; it lost {} of the {unit}s", percent(mine))
    } else if (mine - theirs).abs() >= NOTICEABLE_LOSS {
        let word = if mine < theirs { "less" } else { "MORE" };
        format!("; it lost {word}: {} of the {unit}s against {}", percent(mine), percent(theirs))
    } else {
        String::new()
    }
}

/// At a rate, round trips are comparable, and what a server saves by gathering shows in them.
fn trips(summary: &Summary, reference: &Summary, seen: Seen) -> String {
    let trips = summary.latency_us_p99.zip(reference.latency_us_p99);
    match trips
        .filter(|_| seen.paced && seen.unit == Protocol::Tcp.unit() && summary.design != reference.design)
    {
        Some((mine, theirs)) => format!("; p99 of its round trips {mine:.0} us against {theirs:.0}"),
        None => String::new(),
    }
}

fn cpu_a(unit: &str) -> String {
    format!("CPU a {unit}")
}

/// What explains a figure that would surprise.
fn remark(design: &str, seen: Seen) -> Option<&'static str> {
    if design.starts_with("sharded-") && seen.flows == 1 {
        Some("one flow always reaches the same thread: try --flows 8, or --connections 8 with --tcp")
    } else if design.ends_with("polled") && !design.ends_with("event-polled") {
        Some("it spins: its CPU time is the wall clock, busy or not")
    } else {
        None
    }
}

#[cfg(test)]
mod tests;
