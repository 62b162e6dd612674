//! Every counter of every thread, folded away: for whoever wants to know why.

use maud::{Markup, html};
use ringport_page::grid::{self, Row};
use ringport_page::scale::{percent, short};

use super::family::Family;
use crate::compare::document::Document;
use crate::compare::result::Measured;
use crate::output::{counted, grouped};
use crate::receiver::threads::ThreadFigures;

const HEADINGS: [&str; 10] = [
    "share %",
    "dequeues",
    "results min",
    "mean",
    "max",
    "notifications",
    "empty dequeues",
    "CPU user/system ms",
    "voluntary switches",
    "involuntary",
];

/// One fold a design, with its last round.
pub(super) fn draw(document: &Document) -> Markup {
    let unit = document.setting.unit();
    html! {
        @for summary in &document.medians {
            @if let Some(result) = document.results.iter().rfind(|result| result.design == summary.design) {
                details {
                    summary {
                        span.swatch.(Family::of(&summary.design).class()) {} (summary.design) ", round " (result.round)
                        " (" (counted(result.threads.len() as u64, "thread")) ")"
                    }
                    (table(result, unit))
                }
            }
        }
    }
}

fn table(result: &Measured, unit: &str) -> Markup {
    let row = |name: String, thread: &ThreadFigures| Row { name: html! { (name) }, cells: cells(thread) };
    let threads = result.threads.iter().enumerate();
    let mut rows: Vec<Row> =
        threads.map(|(number, thread)| row(format!("thread {number}"), thread)).collect();
    rows.push(row("together".into(), &result.total));
    let headings: Vec<String> =
        std::iter::once(format!("{unit}s")).chain(HEADINGS.map(String::from)).collect();
    grid::draw("thread", &headings, &rows)
}

fn cells(thread: &ThreadFigures) -> Vec<String> {
    let results = &thread.results_per_dequeue;
    let milliseconds = |nanoseconds: u64| short(nanoseconds as f64 / 1e6);
    vec![
        grouped(thread.datagrams),
        percent(thread.share),
        grouped(thread.dequeues),
        grouped(results.min),
        short(results.mean),
        grouped(results.max),
        grouped(thread.notifications),
        grouped(thread.empty_dequeues),
        format!("{} / {}", milliseconds(thread.cpu_user_ns), milliseconds(thread.cpu_system_ns)),
        grouped(thread.voluntary_switches),
        grouped(thread.involuntary_switches),
    ]
}
