//! One load: the cost of every peer as bars, its delays, and all figures as a table.

use maud::{Markup, html};
use ringport_page::bars::{self, Bars, Best, Span};
use ringport_page::grid;
use ringport_page::numbers::whole;
use ringport_page::percentiles;
use ringport_page::scale::{percent, short};
use ringport_stand::quartiles::Quartiles;

use super::tone;
use crate::document::Document;
use crate::figures::Figure;
use crate::load::{Load, Work};
use crate::peer::REFERENCE;

/// Units of room for the names of peers.
const NAMES: f64 = 150.0;

/// None where no peer was measured.
pub(super) fn of(load: Load, document: &Document) -> Option<Markup> {
    let name = load.to_string();
    let figures: Vec<_> = document.figures.iter().filter(|figure| figure.load == name).collect();
    if figures.is_empty() {
        return None;
    }
    let class = |figure: &Figure| {
        document.setting.peers.get(figure.peer).map_or("library", |described| tone::class(described.maker))
    };
    let rows = |value: fn(&Figure) -> Quartiles| -> Vec<_> {
        let span = |Quartiles { p25, median, p75 }| Span { median, least: p25, most: p75 };
        let row = |figure: &&Figure| bars::Row {
            name: figure.peer,
            class: class(figure),
            span: Some(span(value(figure))),
        };
        figures.iter().map(row).collect()
    };
    let (unit, delay) = words(load);
    let cost = format!("CPU a {unit}");
    let bars = |title, note, best, print| Bars {
        title,
        note,
        best,
        print,
        whiskers: "quartiles from",
        reference: REFERENCE,
        names: NAMES,
    };
    let delays: Vec<_> = figures
        .iter()
        .filter_map(|figure| {
            let microseconds = [figure.p50_us?.median, figure.p99_us?.median, figure.p999_us?.median];
            Some(percentiles::Row { name: figure.peer, class: class(figure), microseconds })
        })
        .collect();
    let delay_note = "● p50, ◆ p99, ❙ p99.9, medians over the rounds. The scale is logarithmic.";
    Some(html! {
        div.charts {
            (bars(&cost, "Nanoseconds of the whole process.", Best::Least, nanoseconds)
                .draw(&rows(|figure| figure.cpu_ns)))
            @if let Some(delays) = percentiles::draw(delay, delay_note, NAMES, &delays) {
                (delays)
            }
            @if load.work() != Work::Receive {
                (bars("Round trips a second", "All peers have the same number outstanding.", Best::Most, whole)
                    .draw(&rows(|figure| figure.rate_per_s)))
            }
        }
        details {
            summary { "All figures of " (name) }
            (table(&figures))
        }
    })
}

/// What is counted, and what the delays are those of.
fn words(load: Load) -> (&'static str, &'static str) {
    match load.work() {
        Work::Receive => ("datagram", "Delay to the peer"),
        Work::Echo => ("datagram", "Round trip"),
        Work::Streams => ("message", "Round trip"),
    }
}

fn nanoseconds(value: f64) -> String {
    format!("{} ns", short(value))
}

fn table(figures: &[&Figure]) -> Markup {
    let headings = [
        "CPU ns",
        "quartiles",
        "times better than tokio",
        "a second",
        "received, %",
        "switches of 1,000",
        "p50 µs",
        "p99 µs",
        "p99.9 µs",
    ];
    let rows: Vec<_> = figures
        .iter()
        .map(|figure| {
            let delay = |delay: Option<Quartiles>| delay.map_or("-".to_owned(), |delay| short(delay.median));
            grid::Row {
                name: html! { (figure.peer) },
                cells: vec![
                    short(figure.cpu_ns.median),
                    format!("{} to {}", short(figure.cpu_ns.p25), short(figure.cpu_ns.p75)),
                    short(figure.times_better.median),
                    whole(figure.rate_per_s.median),
                    percent(figure.received_ratio.median),
                    short(figure.switches_per_thousand.median),
                    delay(figure.p50_us),
                    delay(figure.p99_us),
                    delay(figure.p999_us),
                ],
            }
        })
        .collect();
    grid::draw("peer", &headings.map(str::to_owned), &rows)
}
