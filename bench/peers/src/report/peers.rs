//! What the peers are.

use maud::{Markup, html};
use ringport_page::grid::{self, Row};

use super::tone;
use crate::setting::Setting;

/// A row a peer: how it does the work, and with which versions.
pub(super) fn table(setting: &Setting) -> Markup {
    let rows: Vec<_> = setting
        .peers
        .iter()
        .map(|(peer, described)| Row {
            name: html! { span.swatch.(tone::class(described.maker)) {} (peer) },
            cells: vec![described.how.to_owned(), described.versions.join(", ")],
        })
        .collect();
    grid::draw("peer", &["how".to_owned(), "versions".to_owned()], &rows)
}
