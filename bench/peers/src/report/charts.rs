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
const NAMES: f64 = 170.0;

/// None where nothing was measured.
pub(super) fn of(loads: impl Iterator<Item = Load>, document: &Document) -> Option<Markup> {
    let mut measured = Vec::new();
    for load in loads {
        let name = load.to_string();
        let figures: Vec<_> = document.figures.iter().filter(|figure| figure.load == name).collect();
        if !figures.is_empty() {
            measured.push((load, figures));
        }
    }
    (!measured.is_empty()).then(|| {
        html! {
            div.charts { @for (load, figures) in &measured { (charts(*load, figures, document)) } }
            @for (load, figures) in &measured {
                details {
                    summary { "All figures of " (load) }
                    (table(figures))
                }
            }
        }
    })
}

/// What a load costs each peer; and where answers are awaited or delays were measured, rate and delays.
fn charts(load: Load, figures: &[&Figure], document: &Document) -> Markup {
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
    let bars = |title, note, best, print| Bars {
        title,
        note,
        best,
        print,
        whiskers: "quartiles from",
        reference: REFERENCE,
        names: NAMES,
    };
    let delays = figures.iter().filter_map(|figure| {
        let microseconds = [figure.p50_us?.median, figure.p99_us?.median, figure.p999_us?.median];
        Some(percentiles::Row { name: figure.peer, class: class(figure), microseconds })
    });
    let delays: Vec<_> = delays.collect();
    let (unit, delay) = match load.work() {
        Work::Receive => ("datagram", "delay to the peer"),
        Work::Echo => ("datagram", "round trip"),
        Work::Streams => ("message", "round trip"),
    };
    let [cost, rate, delay] =
        [&format!("CPU a {unit}"), "round trips a second", delay].map(|what| format!("{load}: {what}"));
    let note = sentence(&load.describe());
    let delay_note = "● p50, ◆ p99, ❙ p99.9, medians over the rounds. The scale is logarithmic.";
    html! {
        (bars(&cost, &note, Best::Least, nanoseconds).draw(&rows(|figure| figure.cpu_ns)))
        @if let Some(delays) = percentiles::draw(&delay, delay_note, NAMES, &delays) { (delays) }
        @if load.work() != Work::Receive {
            (bars(&rate, "All peers have the same number outstanding.", Best::Most, whole)
                .draw(&rows(|figure| figure.rate_per_s)))
        }
    }
}

/// As the beginning of a text, with its end.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
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
