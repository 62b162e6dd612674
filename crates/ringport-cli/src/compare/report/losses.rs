//! Lost datagrams, plainly: a bar for what was lost and the numbers beside it, also where there is nothing to show.

use maud::{Markup, html};
use ringport_page::figure::{WIDTH, baseline, figure, name, svg};
use ringport_page::scale::{Linear, at, percent};

use super::NAMES;
use super::family::Family;
use crate::compare::summary::Summary;
use crate::output::grouped;

const ROW: f64 = 22.0;
const BAR: f64 = 13.0;
/// Where the printed values begin: counts are longer than rates.
const VALUES: f64 = 236.0;

/// Draws the losses of all rounds together, least first.
pub(super) fn draw(summaries: &[Summary], unit: &str) -> Markup {
    let share = |lost: u64, sent: u64| if sent > 0 { lost as f64 / sent as f64 } else { 0.0 };
    let mut rows: Vec<(&str, u64, f64)> = summaries
        .iter()
        .map(|it| (it.design.as_str(), it.datagrams_lost, share(it.datagrams_lost, it.datagrams_sent)))
        .collect();
    rows.sort_by(|one, other| one.2.total_cmp(&other.2));
    // At least one percent wide, so that a handful does not look like a catastrophe.
    let most = rows.iter().map(|row| row.2).fold(0.01, f64::max);
    let scale = Linear::new(most, VALUES - NAMES - 8.0);
    let height = rows.len() as f64 * ROW + 4.0;
    let body = html! {
        @for (index, (design, lost, share)) in rows.iter().enumerate() {
            @let middle = 2.0 + index as f64 * ROW + ROW / 2.0;
            (name(design, NAMES, middle + 4.0))
            @if *lost > 0 {
                rect.tone.(Family::of(design).class()) x=(at(NAMES)) y=(at(middle - BAR / 2.0))
                    width=(at(scale.length(*share).max(1.0))) height=(at(BAR)) {}
            }
            text.value x=(at(WIDTH)) y=(at(middle + 4.0)) text-anchor="end" {
                @if *lost > 0 { (grouped(*lost)) " · " (percent(*share)) " %" } @else { "none lost" }
            }
        }
        (baseline(NAMES, 0.0, height))
    };
    let note = "Sent and not received or answered, all rounds together; share of what was sent.";
    let title = format!("Lost {unit}s");
    figure(&title, note, svg(&title, WIDTH, height, body))
}
