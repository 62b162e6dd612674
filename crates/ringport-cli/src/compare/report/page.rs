//! The page: its head, and the order in which a reader meets things. The verdict comes first, the raw figures last.

use maud::{Markup, html};
use ringport_page::bars::{Bars, Best, Row, Span};
use ringport_page::scale::short;
use ringport_page::{Page, percentiles, section};

use super::NAMES;
use super::family::Family;
use super::{family, headline, histogram, losses, shares, table, threads, timelines, verdicts};
use crate::compare::document::Document;
use crate::compare::statistics::Figure;
use crate::compare::summary::Summary;
use crate::output::{grouped, whole};

/// The whole file.
pub(super) fn render(document: &Document) -> serde_json::Result<String> {
    let body = html! {
        (opening(document))
        (section("Verdicts", "All rounds have to agree before a design is said to win or to lose.",
            verdicts::draw(&document.verdicts)))
        (section("Figures", "Medians over the rounds.", table::draw(document)))
        (section("Charts", &charts_note(document), charts(document)))
        @if let Some(pictures) = histogram::draw(&document.medians) {
            (section("Results per dequeue", "Share of the dequeues that brought so many results: 1, 2 to 3, \
                4 to 7 and so on. All rounds and threads together.", pictures))
        }
        (section("While they ran", &lines_note(document),
            timelines::draw(document)))
        (section("Threads", "Every counter of every thread, of the last round.",
            threads::draw(document)))
        (closing(document))
    };
    let (title, data) = (title(document), document.json()?);
    Ok(Page { title: &title, tones: &Family::tones(), body, data: &data }.render())
}

fn title(document: &Document) -> String {
    format!("{} server designs compared", document.setting.traffic.protocol.name().to_uppercase())
}

fn opening(document: &Document) -> Markup {
    html! {
        header {
            p.kicker { "ringport compare" }
            h1 { (title(document)) }
            @for sentence in headline::sentences(document) { p.headline { (sentence) } }
        }
        dl.setting {
            @for (what, words) in document.setting.words() { dt { (what) } dd { (words) } }
        }
    }
}

fn charts_note(document: &Document) -> String {
    format!(
        "Bars are medians, whiskers reach from the lowest to the highest round, the dashed line is {}. The best stands \
         first.",
        document.setting.reference
    )
}

fn lines_note(document: &Document) -> String {
    format!(
        "A sample every {} ms (--sample-every). Each kind of line has one scale in all pictures; the last round is drawn strongest. \
         Softirqs and errors are the whole machine's, generator included.",
        grouped(document.setting.sample_every_ms)
    )
}

fn charts(document: &Document) -> Markup {
    let (medians, reference) = (document.medians.as_slice(), document.setting.reference.as_str());
    let figures = |figure: fn(&Summary) -> Option<Figure>| -> Vec<Row<'_>> {
        let span = |Figure { median, least, most }| Span { median, least, most };
        let row = |it| Row { name: design(it), class: class(it), span: figure(it).map(span) };
        medians.iter().map(row).collect()
    };
    let bars = |title, note, best, print| Bars {
        title,
        note,
        best,
        print,
        whiskers: "rounds from",
        reference,
        names: NAMES,
    };
    let unit = document.setting.unit();
    let rate_title = if unit == "message" { "Messages a second" } else { "Datagrams a second" };
    let cpu_title = format!("CPU a {unit}");
    let rate_note = format!("Handled a second, from the first {unit} to the last.");
    let cpu_note = "Nanoseconds of the whole receiving process, user and kernel.";
    let switches_note = format!("Of the whole receiving process, for each 1,000 {unit}s.");
    let latency_note =
        format!("{}: ● p50, ◆ p99, ❙ p99.9. The scale is logarithmic.", document.setting.latency_words());
    html! {
        (family::legend(medians.iter().map(|it| it.design.as_str())))
        div.charts {
            (bars(rate_title, &rate_note, Best::Most, whole).draw(&figures(|it| it.rate_per_s)))
            (bars(&cpu_title, cpu_note, Best::Least, |ns| format!("{} ns", whole(ns)))
                .draw(&figures(|it| it.cpu_ns_per_datagram)))
            (bars("Context switches", &switches_note, Best::Least, short)
                .draw(&figures(|it| it.context_switches_per_1000)))
            (losses::draw(medians, unit))
            @if let Some(latency) = percentiles::draw("Latency", &latency_note, NAMES, &delays(medians)) { (latency) }
            (shares::draw(medians, unit))
        }
    }
}

fn design(summary: &Summary) -> &str {
    &summary.design
}

fn class(summary: &Summary) -> &'static str {
    Family::of(&summary.design).class()
}

fn delays(medians: &[Summary]) -> Vec<percentiles::Row<'_>> {
    let rows = medians.iter().filter_map(|it| {
        let microseconds = [it.latency_us_p50?, it.latency_us_p99?, it.latency_us_p999?];
        Some(percentiles::Row { name: design(it), class: class(it), microseconds })
    });
    rows.collect()
}

fn closing(document: &Document) -> Markup {
    html! {
        footer {
            @if !document.failures.is_empty() {
                h2 { "Failed" }
                ul { @for failed in &document.failures {
                    li { (failed.design) ", round " (failed.round) ": " (failed.sentence) }
                } }
            }
            h2 { "How to read this" }
            @for remark in document.setting.remarks() { p { (remark) } }
            p {
                "CPU time and context switches are those of the whole receiving process, its own helper threads \
                 included, read from outside between its first and its last " (document.setting.unit()) ". All \
                 figures, also those not drawn, are in this file as JSON, in the element "
                code { "script#data" } "."
            }
        }
    }
}

#[cfg(test)]
mod tests;
