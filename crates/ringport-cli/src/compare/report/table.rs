//! The medians of every design, in a table.

use maud::{Markup, html};
use ringport_page::grid::{self, Row};
use ringport_page::scale::{percent, short};

use super::family::Family;
use crate::compare::document::Document;
use crate::compare::ratios::Ratios;
use crate::compare::setting::Setting;
use crate::compare::summary::Summary;
use crate::output::{grouped, whole};

/// Draws it, in the order of the designs.
pub(super) fn draw(document: &Document) -> Markup {
    let row = |summary: &Summary| {
        let name = html! { span.swatch.(Family::of(&summary.design).class()) {} (summary.design) };
        Some(Row { name, cells: cells(summary, document.ratios.get(&summary.design)?) })
    };
    let rows: Vec<Row> = document.medians.iter().filter_map(row).collect();
    grid::draw("design", &headings(&document.setting), &rows)
}

fn headings(setting: &Setting) -> Vec<String> {
    let (reference, done) = (&setting.reference, setting.done());
    vec![
        "backend".into(),
        format!("{done}/s"),
        format!("rate × {reference}"),
        "CPU ns".into(),
        format!("CPU × {reference}"),
        "rate × best plain".into(),
        "switches per 1,000".into(),
        format!("{done} %"),
        "lost in all".into(),
        "p50 µs".into(),
        "p99 µs".into(),
        "results a dequeue".into(),
        "threads".into(),
        "locked bytes".into(),
        "allocations each".into(),
    ]
}

fn cells(summary: &Summary, ratios: &Ratios) -> Vec<String> {
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "–".into());
    let times = |ratio: Option<f64>| or_dash(ratio.map(|ratio| format!("{ratio:.2}")));
    let brief = |figure: Option<f64>| or_dash(figure.map(short));
    vec![
        summary.backend.clone(),
        or_dash(summary.rate_per_s.map(|rate| whole(rate.median))),
        times(ratios.rate_over_reference),
        or_dash(summary.cpu_ns_per_datagram.map(|cost| whole(cost.median))),
        times(ratios.cpu_over_reference),
        times(ratios.rate_over_best_plain),
        brief(summary.context_switches_per_1000.map(|figure| figure.median)),
        or_dash(summary.processed_ratio.map(percent)),
        grouped(summary.datagrams_lost),
        brief(summary.latency_us_p50),
        brief(summary.latency_us_p99),
        brief(summary.results_per_dequeue),
        format!("{}/{}", or_dash(summary.threads_active.map(whole)), summary.threads),
        or_dash(summary.locked_bytes.map(whole)),
        brief(summary.allocations_per_datagram),
    ]
}
