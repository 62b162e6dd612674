//! What happened while each design ran: a few time lines, one below the other, all rounds in one picture.
//!
//! Each kind of line has the same scale in every picture; how long a design ran is its own. A step is as wide as the time it stands for: nothing is drawn
//! that was not measured.

use maud::{Markup, html};
use ringport_page::figure::svg;
use ringport_page::scale::{Linear, at, short, short_bytes};

use super::family::Family;
use crate::compare::document::Document;
use crate::compare::timeline::Moment;
use crate::protocol::Protocol;

const WIDTH: f64 = 260.0;
const ROW: f64 = 49.0;
const LINE: f64 = 26.0;
const AXIS: f64 = 16.0;

/// One kind of time line.
struct Kind {
    words: &'static str,
    value: fn(&Moment) -> Option<f64>,
    print: fn(f64) -> String,
    datagrams_only: bool,
}

impl Kind {
    const fn new(words: &'static str, value: fn(&Moment) -> Option<f64>, print: fn(f64) -> String) -> Kind {
        Kind { words, value, print, datagrams_only: false }
    }
}

const KINDS: [Kind; 5] = [
    Kind::new("handled/s", |it| it.per_second(Some(it.datagrams)), short),
    Kind::new("context switches/s", |it| it.per_second(it.context_switches), short),
    Kind::new("softirqs/s, machine", |it| it.per_second(it.system.softirqs), short),
    Kind {
        datagrams_only: true,
        ..Kind::new("UDP errors/s, machine", |it| it.per_second(it.system.udp_in_errors), short)
    },
    Kind::new(
        "resident memory",
        |it| (it.interval_s > 0.0).then_some(it.memory.resident_bytes as f64),
        short_bytes,
    ),
];

/// Draws one picture a design.
pub(super) fn draw(document: &Document) -> Markup {
    let (summaries, results) = (&document.medians, &document.results);
    let moments = || results.iter().flat_map(|result| &result.samples);
    let datagrams = document.setting.traffic.protocol == Protocol::Udp;
    // Each with the most that it ever was.
    let kinds: Vec<(&Kind, f64)> = KINDS
        .iter()
        .filter(|kind| datagrams || !kind.datagrams_only)
        .map(|kind| (kind, moments().filter_map(kind.value).fold(0.0, f64::max)))
        .collect();
    html! {
        div.cards {
            @for summary in summaries {
                @let rounds: Vec<&[Moment]> =
                    results.iter().filter(|it| it.design == summary.design).map(|it| it.samples.as_slice()).collect();
                div.card {
                    h4 { (summary.design) }
                    (picture(&summary.design, &rounds, &kinds))
                }
            }
        }
    }
}

fn picture(design: &str, rounds: &[&[Moment]], kinds: &[(&Kind, f64)]) -> Markup {
    let last = rounds.iter().flat_map(|it| it.iter()).map(|moment| moment.second).fold(0.0, f64::max);
    let time = Linear::new(last, WIDTH);
    let height = kinds.len() as f64 * ROW + AXIS;
    let body = html! {
        @for (index, (kind, most)) in kinds.iter().enumerate() {
            @let bottom = index as f64 * ROW + ROW - 4.0;
            @let scale = Linear::new(*most, LINE);
            @let highest = rounds.iter().flat_map(|it| it.iter()).filter_map(kind.value).fold(f64::NAN, f64::max);
            text.tick x="0" y=(at(bottom - LINE - 5.0)) { (kind.words) }
            text.tick x=(at(WIDTH)) y=(at(bottom - LINE - 5.0)) text-anchor="end" {
                @if highest.is_nan() { "not told here" } @else { "at most " ((kind.print)(highest)) }
            }
            line.axis x1="0" x2=(at(WIDTH)) y1=(at(bottom)) y2=(at(bottom)) {}
            @for (round, moments) in rounds.iter().enumerate() {
                path.line.(Family::of(design).class()) d=(steps(moments, kind, time, scale, bottom))
                    stroke-opacity=(if round + 1 == rounds.len() { "1" } else { "0.45" }) {}
            }
        }
        text.tick x="0" y=(at(height - 3.0)) { "0 s" }
        text.tick x=(at(WIDTH)) y=(at(height - 3.0)) text-anchor="end" { (format!("{last:.2} s")) }
    };
    svg(&format!("Time lines of {design}"), WIDTH, height, body)
}

/// A step for each moment, from the one before to it.
fn steps(moments: &[Moment], kind: &Kind, time: Linear, scale: Linear, bottom: f64) -> String {
    let mut path = String::new();
    for moment in moments {
        let Some(value) = (kind.value)(moment) else { continue };
        let from = at(time.length(moment.second - moment.interval_s));
        let (to, y) = (at(time.length(moment.second)), at(bottom - scale.length(value)));
        let start = if path.is_empty() { format!("M{from} {y}") } else { format!("H{from}V{y}") };
        path += &format!("{start}H{to}");
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::testing;

    #[test]
    fn a_step_is_as_wide_as_its_time_and_as_high_as_its_figure() {
        let result = testing::results(&["event"]).remove(0);
        let mut moments = result.samples;
        // 999 datagrams in the first second, then none for a second.
        moments.push(Moment { second: 2.0, interval_s: 1.0, datagrams: 0, ..moments[1].clone() });
        let (time, scale) = (Linear::new(2.0, 200.0), Linear::new(999.0, 20.0));
        assert_eq!(steps(&moments, &KINDS[0], time, scale, 30.0), "M0.0 10.0H100.0H100.0V30.0H200.0");
        assert_eq!(steps(&moments, &KINDS[2], time, scale, 30.0), "", "softirqs were not told");
    }
}
