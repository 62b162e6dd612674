//! Share of the work a thread: one bar a design, cut where one thread's share ends and the next one's begins.

use maud::{Markup, html};
use ringport_page::figure::{WIDTH, figure, name, svg};
use ringport_page::scale::at;

use super::NAMES;
use super::family::Family;
use crate::compare::summary::Summary;
use crate::output::whole;

const ROW: f64 = 34.0;
const BAR: f64 = 12.0;
/// More shares than this are not printed one by one.
const PRINTED: usize = 5;

/// Draws the shares, the busiest thread of each design first.
pub(super) fn draw(summaries: &[Summary], unit: &str) -> Markup {
    let height = summaries.len() as f64 * ROW + 2.0;
    let body = html! {
        @for (index, summary) in summaries.iter().enumerate() {
            (row(summary, index as f64 * ROW))
        }
    };
    let note = format!("By {unit}s handled in each thread, the busiest first; means over the rounds.");
    figure("Share of the work a thread", &note, svg("Share of the work a thread", WIDTH, height, body))
}

fn row(summary: &Summary, top: f64) -> Markup {
    let width = WIDTH - NAMES;
    let mut x = NAMES;
    let mut segments = Vec::new();
    for share in &summary.thread_shares {
        segments.push((x, share * width));
        x += share * width;
    }
    // A thread that did next to nothing is in "at work" or not; it needs no zero of its own.
    let shown: Vec<f64> = summary.thread_shares.iter().copied().filter(|share| *share >= 0.005).collect();
    let printed: Vec<String> =
        shown.iter().take(PRINTED).map(|share| format!("{:.0}", share * 100.0)).collect();
    let rest = if shown.len() > PRINTED { " + …" } else { "" };
    let active = summary.threads_active.map_or("-".into(), whole);
    html! {
        (name(&summary.design, NAMES, top + 13.0))
        rect.empty x=(at(NAMES)) y=(at(top + 3.0)) width=(at(width)) height=(at(BAR)) {}
        @for (index, (x, wide)) in segments.iter().enumerate() {
            @if *wide > 0.3 {
                // A gap and a change of shade: neighbours are told apart without any colour.
                rect.tone.(Family::of(&summary.design).class()) x=(at(*x)) y=(at(top + 3.0))
                    width=(at((wide - 1.0).max(0.3))) height=(at(BAR))
                    fill-opacity=(if index % 2 == 0 { "1" } else { "0.55" }) {}
            }
        }
        text.small x=(at(WIDTH)) y=(at(top + 27.0)) text-anchor="end" {
            (printed.join(" + ")) (rest) " % · " (active) " of " (summary.threads) " at work"
        }
    }
}
