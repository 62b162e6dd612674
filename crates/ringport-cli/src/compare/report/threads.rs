//! Every counter of every thread, folded away: for whoever wants to know why.

use maud::{Markup, html};

use super::family::Family;
use super::scale::{percent, short};
use crate::compare::result::Measured;
use crate::compare::summary::Summary;
use crate::output::{counted, grouped};
use crate::receiver::threads::ThreadFigures;

const HEADINGS: [&str; 11] = [
    "datagrams",
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
pub(super) fn draw(summaries: &[Summary], results: &[Measured]) -> Markup {
    html! {
        @for summary in summaries {
            @if let Some(result) = results.iter().rfind(|result| result.design == summary.design) {
                details {
                    summary {
                        span.swatch.(Family::of(&summary.design).class()) {} (summary.design) ", round " (result.round)
                        " (" (counted(result.threads.len() as u64, "thread")) ")"
                    }
                    (table(result))
                }
            }
        }
    }
}

fn table(result: &Measured) -> Markup {
    html! {
        table.threads role="table" {
            thead role="rowgroup" {
                tr role="row" {
                    th scope="col" role="columnheader" { "thread" }
                    @for heading in HEADINGS { th scope="col" role="columnheader" { (heading) } }
                }
            }
            tbody role="rowgroup" {
                @for (number, thread) in result.threads.iter().enumerate() {
                    (row(&format!("thread {number}"), thread))
                }
                (row("together", &result.total))
            }
        }
    }
}

fn row(name: &str, thread: &ThreadFigures) -> Markup {
    html! {
        tr role="row" {
            th scope="row" role="rowheader" { (name) }
            @for (heading, value) in HEADINGS.into_iter().zip(cells(thread)) {
                td role="cell" data-label=(heading) { (value) }
            }
        }
    }
}

fn cells(thread: &ThreadFigures) -> [String; 11] {
    let results = &thread.results_per_dequeue;
    let milliseconds = |nanoseconds: u64| short(nanoseconds as f64 / 1e6);
    [
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
