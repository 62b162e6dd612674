//! A plain sentence a design: does it win here, and if not, that it does not.

use ringport::Design;

use super::setting::Setting;
use super::summary::Summary;

/// Differences smaller than this are not worth a word, even if every round agrees on them.
const NOTICEABLE: f64 = 0.03;
/// The same for shares of lost datagrams.
const NOTICEABLE_LOSS: f64 = 0.01;

/// The sentences, in the order of the summaries; the reference itself gets none.
pub(crate) fn sentences(setting: &Setting, summaries: &[Summary]) -> Vec<String> {
    let Some(reference) = summaries.iter().find(|summary| summary.design == setting.reference) else {
        return vec!["Nothing to compare with: the reference was not measured.".into()];
    };
    summaries
        .iter()
        .filter(|summary| summary.design != reference.design)
        .map(|summary| sentence(setting, summary, reference))
        .collect()
}

fn sentence(setting: &Setting, summary: &Summary, reference: &Summary) -> String {
    let mut text = format!("{}: {}", summary.design, cost(summary, reference));
    let (mine, theirs) = (lost(summary), lost(reference));
    if (mine - theirs).abs() >= NOTICEABLE_LOSS {
        let word = if mine < theirs { "loses less" } else { "loses MORE" };
        text += &format!("; {word}: {:.1} % against {:.1} %", mine * 100.0, theirs * 100.0);
    }
    if let Some(remark) = remark(setting, summary) {
        text += &format!(" ({remark})");
    }
    text + "."
}

fn cost(summary: &Summary, reference: &Summary) -> String {
    let costs = summary.cpu_ns_per_datagram.zip(reference.cpu_ns_per_datagram);
    let ranges = summary.cpu_ns_range.zip(reference.cpu_ns_range);
    let (Some((mine, theirs)), Some((my_range, their_range))) = (costs, ranges) else {
        return "nothing was received, so there is nothing to say".into();
    };
    let (ratio, name) = (mine / theirs, &reference.design);
    // A median alone says little on a machine that does other things too: the rounds have to agree.
    if my_range.1 < their_range.0 && ratio <= 1.0 - NOTICEABLE {
        format!("wins, with {ratio:.2} times the CPU a datagram of {name}")
    } else if my_range.0 > their_range.1 && ratio >= 1.0 + NOTICEABLE {
        format!("does NOT win here: {ratio:.2} times the CPU a datagram of {name}")
    } else {
        format!(
            "no clear winner: {ratio:.2} times the CPU a datagram of {name}, but the rounds overlap (try --rounds 9)"
        )
    }
}

fn lost(summary: &Summary) -> f64 {
    1.0 - summary.processed_ratio.unwrap_or(0.0).min(1.0)
}

/// What explains a figure that would surprise.
fn remark(setting: &Setting, summary: &Summary) -> Option<&'static str> {
    let design: Design = summary.design.parse().ok()?;
    match design {
        Design::ShardedBlocking
        | Design::ShardedPolled
        | Design::ShardedEvent
        | Design::ShardedEventPolled
            if setting.flows == 1 =>
        {
            Some("one flow always reaches the same thread: try --flows 8")
        }
        Design::Polled | Design::ShardedPolled => {
            Some("it spins: its CPU time is the wall clock, busy or not")
        }
        _ => None,
    }
}
