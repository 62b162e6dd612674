//! What all charts have in common: the frame with title and note, and rows with a design's name before them.
//!
//! Charts are drawn for a phone and shown no wider than that: on a large screen there are several beside each other.
//!
//! ```text
//!   0          NAMES                         VALUES       WIDTH
//!   |  design  |  ########-----|             |  1,234     |
//! ```

use maud::{Markup, html};

use super::scale::at;

/// Units of a chart's width; about a pixel each.
pub(super) const WIDTH: f64 = 360.0;
/// Where the names end and the drawing begins.
pub(super) const NAMES: f64 = 128.0;

/// A chart with its title and what a reader has to know about it.
pub(super) fn figure(title: &str, note: &str, drawing: Markup) -> Markup {
    html! {
        figure {
            figcaption {
                h3 { (title) }
                p { (note) }
            }
            (drawing)
        }
    }
}

/// The drawing itself; `label` is read out in its place.
pub(super) fn svg(label: &str, width: f64, height: f64, body: Markup) -> Markup {
    html! {
        svg viewBox=(format!("0 0 {} {}", at(width), at(height))) role="img" aria-label=(label) { (body) }
    }
}

/// The name of a design at the beginning of its row, on the line `y`.
pub(super) fn name(design: &str, y: f64) -> Markup {
    html! { text.name x=(at(NAMES - 6.0)) y=(at(y)) text-anchor="end" { (design) } }
}

/// The zero line of rows from `top` to `bottom`.
pub(super) fn baseline(top: f64, bottom: f64) -> Markup {
    html! { line.axis x1=(at(NAMES)) x2=(at(NAMES)) y1=(at(top)) y2=(at(bottom)) {} }
}
