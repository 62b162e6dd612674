//! Latency percentiles on a logarithmic scale: a mark of its own shape for each, and the numbers below.

use maud::{Markup, html};

use super::family::Family;
use super::figure::{NAMES, WIDTH, figure, name, svg};
use super::scale::{Decades, at, short};
use crate::compare::summary::Summary;

const ROW: f64 = 34.0;
const AXIS: f64 = 18.0;
/// Room for the half of a mark, or of a number of the axis, that stands at the end of the scale.
const MARGIN: f64 = 19.0;

/// Draws p50, p99 and p99.9, the shortest p99 first; None where no latency was measured.
pub(super) fn draw(summaries: &[Summary], note: &str) -> Option<Markup> {
    let mut rows: Vec<(&str, [f64; 3])> = summaries
        .iter()
        .filter_map(|it| {
            Some((it.design.as_str(), [it.latency_us_p50?, it.latency_us_p99?, it.latency_us_p999?]))
        })
        .collect();
    if rows.is_empty() {
        return None;
    }
    rows.sort_by(|one, other| one.1[1].total_cmp(&other.1[1]));
    let values = rows.iter().flat_map(|row| row.1);
    let scale = Decades::over(values, WIDTH - NAMES - 2.0 * MARGIN);
    let place = |value: f64| NAMES + MARGIN + scale.place(value);
    let height = AXIS + rows.len() as f64 * ROW + 2.0;
    let body = html! {
        @for power in scale.powers() {
            line.grid x1=(at(place(power))) x2=(at(place(power))) y1=(at(AXIS - 4.0)) y2=(at(height)) {}
            text.tick x=(at(place(power))) y="10" text-anchor="middle" { (unit(power)) }
        }
        @for (index, (design, percentiles)) in rows.iter().enumerate() {
            (row(design, percentiles.map(place), *percentiles, AXIS + index as f64 * ROW))
        }
    };
    Some(figure("Latency", note, svg("Latency", WIDTH, height, body)))
}

fn row(design: &str, [p50, p99, p999]: [f64; 3], values: [f64; 3], top: f64) -> Markup {
    let y = top + 10.0;
    let words = values.map(short);
    html! {
        (name(design, y + 4.0))
        g.(Family::of(design).class()) {
            title { (design) ": p50 " (words[0]) ", p99 " (words[1]) ", p99.9 " (words[2]) " µs" }
            line.span x1=(at(p50)) x2=(at(p999)) y1=(at(y)) y2=(at(y)) {}
            circle cx=(at(p50)) cy=(at(y)) r="4" {}
            path d=(format!("M{} {}l5 5l-5 5l-5 -5z", at(p99), at(y - 5.0))) {}
            rect x=(at(p999 - 1.2)) y=(at(y - 5.0)) width="2.4" height="10" {}
        }
        text.small x=(at(WIDTH)) y=(at(y + 17.0)) text-anchor="end" {
            "● " (words[0]) "  ◆ " (words[1]) "  ❙ " (words[2]) " µs"
        }
    }
}

/// A power of ten of microseconds, in the unit that people would say.
fn unit(microseconds: f64) -> String {
    match microseconds {
        power if power >= 1e6 => format!("{} s", short(power / 1e6)),
        power if power >= 1e3 => format!("{} ms", short(power / 1e3)),
        power => format!("{} µs", short(power)),
    }
}
