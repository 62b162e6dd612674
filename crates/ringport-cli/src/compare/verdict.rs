//! A plain sentence a design: does it win here, and where not.

use serde::Serialize;

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

/// What the designs are compared with.
#[derive(Clone, Copy)]
pub(crate) struct Against<'a> {
    pub(crate) reference: Option<&'a Summary>,
    pub(crate) best_plain: Option<&'a Summary>,
}

/// A verdict a design, in the order of the summaries.
pub(crate) fn verdicts(setting: &Setting, summaries: &[Summary], against: Against<'_>) -> Vec<Verdict> {
    let (paced, flows) = (setting.traffic.rate.is_some(), setting.traffic.flows);
    summaries.iter().map(|summary| verdict(summary, against, paced, flows)).collect()
}

fn verdict(summary: &Summary, against: Against<'_>, paced: bool, flows: u32) -> Verdict {
    let design = summary.design.clone();
    let (outcome, mut text) = match against.reference {
        Some(reference) if reference.design == design => {
            (Outcome::Reference, "what the others are compared with".into())
        }
        Some(reference) => stand(summary, reference, paced),
        None => (Outcome::Unclear, "nothing to compare it with: the reference was not measured".into()),
    };
    // Where the best plain design is the reference, or this design itself, everything is said already.
    let said = |plain: &Summary| {
        plain.design == design || against.reference.is_some_and(|reference| reference.design == plain.design)
    };
    if let Some(plain) = against.best_plain.filter(|plain| !said(plain)) {
        text += &beside_plain(summary, plain, paced);
    }
    if let Some(reference) = against.reference {
        text += &losses(summary, reference);
    }
    if let Some(remark) = remark(&design, flows) {
        text += &format!(" ({remark})");
    }
    Verdict { sentence: format!("{design}: {text}."), design, outcome }
}

/// Rate and CPU against the reference. At a given rate all are equally fast, so only the CPU counts.
fn stand(summary: &Summary, reference: &Summary, paced: bool) -> (Outcome, String) {
    let name = &reference.design;
    let rates = summary.rate_per_s.zip(reference.rate_per_s);
    let costs = summary.cpu_ns_per_datagram.zip(reference.cpu_ns_per_datagram);
    let (Some((my_rate, their_rate)), Some((my_cost, their_cost))) = (rates, costs) else {
        return (Outcome::Unclear, "too little was received to say anything".into());
    };
    let cpu = my_cost.cheaper(&their_cost);
    let rate = if paced { Standing::Level } else { my_rate.faster(&their_rate) };
    let cpu_text = figure_text(my_cost.median / their_cost.median, "CPU a datagram", cpu, summary.rounds);
    let figures = match paced {
        true => cpu_text,
        false => {
            let ratio = my_rate.median / their_rate.median;
            format!("{}, {cpu_text}", figure_text(ratio, "rate", rate, summary.rounds))
        }
    };
    let standings = [rate, cpu];
    let (better, worse) = (standings.contains(&Standing::Better), standings.contains(&Standing::Worse));
    let (outcome, lead) = match (better, worse) {
        (true, false) => (Outcome::Wins, format!("wins over {name}")),
        (false, true) => (Outcome::Loses, format!("does NOT win here, it loses to {name}")),
        (true, true) if rate == Standing::Better => {
            (Outcome::Mixed, format!("faster than {name}, but it takes MORE CPU"))
        }
        (true, true) => (Outcome::Mixed, format!("takes less CPU than {name}, but it is SLOWER")),
        (false, false) => (Outcome::Unclear, format!("no clear winner against {name}")),
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
fn beside_plain(summary: &Summary, plain: &Summary, paced: bool) -> String {
    let what = if paced { "CPU a datagram" } else { "rate" };
    let figure = |summary: &Summary| if paced { summary.cpu_ns_per_datagram } else { summary.rate_per_s };
    let Some((mine, theirs)) = figure(summary).zip(figure(plain)) else { return String::new() };
    let standing = if paced { mine.cheaper(&theirs) } else { mine.faster(&theirs) };
    let name = &plain.design;
    let word = match standing {
        Standing::Better => "better than",
        Standing::Worse => "LOSES to",
        Standing::Level => "level with",
    };
    format!("; {word} {name}, the best plain design: {:.2} times its {what}", mine.median / theirs.median)
}

fn losses(summary: &Summary, reference: &Summary) -> String {
    let (mine, theirs) = (summary.lost_ratio(), reference.lost_ratio());
    let same = summary.design == reference.design;
    let percent = |share: f64| format!("{:.1} %", share * 100.0);
    if same && mine >= NOTICEABLE_LOSS {
        format!("; it lost {} of the datagrams", percent(mine))
    } else if (mine - theirs).abs() >= NOTICEABLE_LOSS {
        let word = if mine < theirs { "less" } else { "MORE" };
        format!("; it lost {word}: {} of the datagrams against {}", percent(mine), percent(theirs))
    } else {
        String::new()
    }
}

/// What explains a figure that would surprise.
fn remark(design: &str, flows: u32) -> Option<&'static str> {
    if design.starts_with("sharded-") && flows == 1 {
        Some("one flow always reaches the same thread: try --flows 8")
    } else if design.ends_with("polled") && !design.ends_with("event-polled") {
        Some("it spins: its CPU time is the wall clock, busy or not")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::statistics::Figure;
    use super::super::testing::summary;
    use super::*;

    fn said(summary: &Summary, reference: &Summary, plain: &Summary, paced: bool) -> (Outcome, String) {
        let against = Against { reference: Some(reference), best_plain: Some(plain) };
        let verdict = verdict(summary, against, paced, 4);
        (verdict.outcome, verdict.sentence)
    }

    #[test]
    fn winning_losing_and_both() {
        let port = summary("port", 100.0, 1_000.0);
        let outcome = |rate, cpu| said(&summary("hybrid", rate, cpu), &port, &port, false);
        let (won, sentence) = outcome(142.0, 400.0);
        assert_eq!(won, Outcome::Wins);
        assert_eq!(sentence, "hybrid: wins over port: 1.42 times the rate, 0.40 times the CPU a datagram.");
        let (lost, sentence) = outcome(90.0, 1_100.0);
        assert!(
            lost == Outcome::Loses && sentence.contains("NOT") && sentence.contains("0.90"),
            "{sentence}"
        );
        let (mixed, sentence) = outcome(90.0, 400.0);
        assert!(mixed == Outcome::Mixed && sentence.contains("SLOWER"), "{sentence}");
        let (mixed, sentence) = outcome(142.0, 2_000.0);
        assert!(mixed == Outcome::Mixed && sentence.contains("MORE CPU"), "{sentence}");
        let (unclear, sentence) = outcome(101.0, 1_010.0);
        assert!(unclear == Outcome::Unclear && sentence.contains("no clear winner"), "{sentence}");
    }

    #[test]
    fn a_ratio_that_the_rounds_do_not_bear_out_says_so() {
        let port = summary("port", 100.0, 1_000.0);
        let mut hybrid = summary("hybrid", 150.0, 400.0);
        hybrid.rate_per_s = Figure::of([90.0, 150.0, 160.0]);
        let (outcome, sentence) = said(&hybrid, &port, &port, false);
        assert_eq!(outcome, Outcome::Wins, "by its CPU");
        assert!(
            sentence.contains("1.50 times the rate (the rounds overlap), 0.40 times the CPU"),
            "{sentence}"
        );
    }

    #[test]
    fn at_a_given_rate_only_the_cpu_counts() {
        let port = summary("port", 100.0, 1_000.0);
        let (outcome, sentence) = said(&summary("hybrid", 50.0, 400.0), &port, &port, true);
        assert_eq!(outcome, Outcome::Wins);
        assert!(!sentence.contains("rate"), "{sentence}");
    }

    #[test]
    fn losing_to_the_best_plain_design_and_losing_datagrams_is_said() {
        let (port, blocking) = (summary("port", 100.0, 1_000.0), summary("blocking", 200.0, 900.0));
        let mut hybrid = summary("hybrid", 150.0, 400.0);
        hybrid.processed_ratio = Some(0.95);
        let (outcome, sentence) = said(&hybrid, &port, &blocking, false);
        assert_eq!(outcome, Outcome::Wins);
        assert!(
            sentence.contains("LOSES to blocking, the best plain design: 0.75 times its rate"),
            "{sentence}"
        );
        assert!(sentence.contains("it lost MORE: 5.0 % of the datagrams against 0.0 %"), "{sentence}");
    }

    #[test]
    fn the_reference_has_its_say_too() {
        let (port, blocking) = (summary("port", 100.0, 1_000.0), summary("blocking", 200.0, 900.0));
        let (outcome, sentence) = said(&port, &port, &blocking, false);
        assert_eq!(outcome, Outcome::Reference);
        assert_eq!(
            sentence,
            "port: what the others are compared with; LOSES to blocking, the best plain design: 0.50 times its rate."
        );
    }
}
