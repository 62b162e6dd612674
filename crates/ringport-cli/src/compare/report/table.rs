//! The table of medians. On a narrow screen each row becomes a card, with the headings beside the figures.

use maud::{Markup, html};

use super::family::Family;
use super::scale::{percent, short};
use crate::compare::document::Document;
use crate::compare::ratios::Ratios;
use crate::compare::summary::Summary;
use crate::output::{grouped, whole};

/// Draws it, in the order of the designs.
pub(super) fn draw(document: &Document) -> Markup {
    let reference = &document.setting.reference;
    let rows: Vec<(&Summary, Vec<(String, String)>)> = document
        .medians
        .iter()
        .filter_map(|it| Some((it, cells(it, document.ratios.get(&it.design)?, reference))))
        .collect();
    let headings: Vec<&String> =
        rows.first().map(|row| row.1.iter().map(|cell| &cell.0).collect()).unwrap_or_default();
    html! {
        table.results role="table" {
            thead role="rowgroup" {
                tr role="row" {
                    th scope="col" role="columnheader" { "design" }
                    @for heading in headings { th scope="col" role="columnheader" { (heading) } }
                }
            }
            tbody role="rowgroup" {
                @for (summary, cells) in &rows {
                    tr role="row" {
                        th scope="row" role="rowheader" {
                            span.swatch.(Family::of(&summary.design).class()) {} (summary.design)
                        }
                        @for (heading, value) in cells {
                            td role="cell" data-label=(heading) { (value) }
                        }
                    }
                }
            }
        }
    }
}

/// Headings and figures of one design.
fn cells(summary: &Summary, ratios: &Ratios, reference: &str) -> Vec<(String, String)> {
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "–".into());
    let times = |ratio: Option<f64>| or_dash(ratio.map(|ratio| format!("{ratio:.2}")));
    let switches = summary.context_switches_per_1000.map(|figure| short(figure.median));
    let latency = |value: Option<f64>| or_dash(value.map(short));
    let cell = |heading: &str, value: String| (heading.to_owned(), value);
    vec![
        cell("backend", summary.backend.clone()),
        cell("received/s", or_dash(summary.rate_per_s.map(|rate| whole(rate.median)))),
        cell(&format!("rate × {reference}"), times(ratios.rate_over_reference)),
        cell("CPU ns", or_dash(summary.cpu_ns_per_datagram.map(|cost| whole(cost.median)))),
        cell(&format!("CPU × {reference}"), times(ratios.cpu_over_reference)),
        cell("rate × best plain", times(ratios.rate_over_best_plain)),
        cell("switches per 1,000", or_dash(switches)),
        cell("received %", or_dash(summary.processed_ratio.map(percent))),
        cell("lost in all", grouped(summary.datagrams_lost)),
        cell("p50 µs", latency(summary.latency_us_p50)),
        cell("p99 µs", latency(summary.latency_us_p99)),
        cell("results a dequeue", or_dash(summary.results_per_dequeue.map(short))),
        cell("threads", format!("{}/{}", or_dash(summary.threads_active.map(whole)), summary.threads)),
        cell("locked bytes", or_dash(summary.locked_bytes.map(whole))),
        cell("allocations each", or_dash(summary.allocations_per_datagram.map(short))),
    ]
}
