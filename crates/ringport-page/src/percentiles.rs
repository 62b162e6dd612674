//! Percentiles of a delay on a logarithmic scale: a mark of its own shape for each, and the numbers below.

use maud::{Markup, html};

use crate::figure::{WIDTH, figure, name, svg};
use crate::scale::{Decades, at, short};

const ROW: f64 = 34.0;
const AXIS: f64 = 18.0;
/// Room for the half of a mark, or of a number of the axis, that stands at the end of the scale.
const MARGIN: f64 = 19.0;

/// A candidate.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// Its name.
    pub name: &'a str,
    /// The class of its colour.
    pub class: &'a str,
    /// p50, p99 and p99.9, in microseconds.
    pub microseconds: [f64; 3],
}

/// Draws p50, p99 and p99.9, the shortest p99 first; None where there is nothing to draw. Names have `names` units of
/// room.
pub fn draw(title: &str, note: &str, names: f64, rows: &[Row<'_>]) -> Option<Markup> {
    if rows.is_empty() {
        return None;
    }
    let mut rows = rows.to_vec();
    rows.sort_by(|one, other| one.microseconds[1].total_cmp(&other.microseconds[1]));
    let values = rows.iter().flat_map(|row| row.microseconds);
    let scale = Decades::over(values, WIDTH - names - 2.0 * MARGIN);
    let place = |value: f64| names + MARGIN + scale.place(value);
    let height = AXIS + rows.len() as f64 * ROW + 2.0;
    let body = html! {
        @for power in scale.powers() {
            line.grid x1=(at(place(power))) x2=(at(place(power))) y1=(at(AXIS - 4.0)) y2=(at(height)) {}
            text.tick x=(at(place(power))) y="10" text-anchor="middle" { (unit(power)) }
        }
        @for (index, row) in rows.iter().enumerate() {
            (draw_row(row, names, row.microseconds.map(place), AXIS + index as f64 * ROW))
        }
    };
    Some(figure(title, note, svg(title, WIDTH, height, body)))
}

fn draw_row(row: &Row<'_>, names: f64, [p50, p99, p999]: [f64; 3], top: f64) -> Markup {
    let y = top + 10.0;
    let words = row.microseconds.map(short);
    html! {
        (name(row.name, names, y + 4.0))
        g.tone.(row.class) {
            title { (row.name) ": p50 " (words[0]) ", p99 " (words[1]) ", p99.9 " (words[2]) " µs" }
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
