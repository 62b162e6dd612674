//! The page: one HTML file with the targets first, a chart a load, and the raw figures last.
//!
//! Its frame, charts and looks are those of `ringport_page`, which the tool's comparison ends in as well.

mod charts;
mod peers;
mod targets;
mod tone;

use maud::{Markup, html};
use ringport_page::numbers::grouped;
use ringport_page::{Page, legend, section};

use crate::document::Document;
use crate::load::{Load, Work};
use crate::setting::Setting;

const TITLE: &str = "ringport beside its peers";

/// Loads that are looked at side by side.
struct Group {
    title: &'static str,
    note: &'static str,
    has: fn(Load) -> bool,
}

const GROUPS: [Group; 5] = [
    Group {
        title: "Floods",
        note: "What a datagram costs when there are always more.",
        has: |load| matches!(load, Load::Flood { .. }),
    },
    Group {
        title: "Paced",
        note: "What a datagram costs, and how late it is, where there is time to sleep between two.",
        has: |load| matches!(load, Load::Paced { .. }),
    },
    Group {
        title: "Drain",
        note: "What receiving costs by itself, without what it shares with sending.",
        has: |load| load == Load::Drain,
    },
    Group { title: "Echoes", note: "Datagrams there and back.", has: |load| load.work() == Work::Echo },
    Group {
        title: "Echoes over TCP",
        note: "Messages there and back on connections.",
        has: |load| load.work() == Work::Streams,
    },
];

/// The whole file; `data` is the document as JSON.
pub(crate) fn render(document: &Document, data: &serde_json::Value) -> String {
    let body = html! {
        header {
            p.kicker { "ringport-peers" }
            h1 { (TITLE) }
            @for sentence in targets::headline(&document.verdicts) { p.headline { (sentence) } }
        }
        (setting(&document.setting))
        (section("Targets", "Medians of what came out within a round, with their quartiles.",
            targets::list(&document.verdicts)))
        section {
            h2 { "How to read the charts" }
            p.note {
                "Bars are medians over the rounds, whiskers reach from the lower to the upper quartile, the dashed line is \
                 tokio. The best stands first. CPU is that of the whole process of a peer for each datagram or message, \
                 user and kernel, read from outside."
            }
            (legend(tone::ALL.iter().map(|(tone, words)| (tone.class, *words))))
        }
        @for group in GROUPS {
            @let loads = Load::ALL.into_iter().filter(|load| (group.has)(*load));
            @if let Some(charts) = charts::of(loads, document) {
                (section(group.title, group.note, charts))
            }
        }
        (section("Peers", "Each is a process of its own, with one thread that does the work.", peers::list(&document.setting)))
        footer {
            @for note in &document.notes { p { (note) } }
            p {
                "All figures, every sample among them, are in this file as JSON, in the element "
                code { "script#data" } "."
            }
        }
    };
    let tones: Vec<_> = tone::ALL.iter().map(|(tone, _)| *tone).collect();
    Page { title: TITLE, tones: &tones, body, data }.render()
}

fn setting(setting: &Setting) -> Markup {
    html! {
        dl.setting {
            @for (what, words) in setting.words() { dt { (what) } dd { (words) } }
        }
    }
}

/// So many, as people read it.
fn count(number: usize) -> String {
    grouped(number as u64)
}

#[cfg(test)]
mod tests;
