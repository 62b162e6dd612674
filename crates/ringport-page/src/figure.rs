//! What all charts have in common: the frame with title and note, and rows with a name before them.
//!
//! Charts are drawn for a phone and shown no wider than that: on a large screen there are several beside each other.
//!
//! ```text
//!   0          names                         values       WIDTH
//!   |  design  |  ########-----|             |  1,234     |
//! ```

use maud::{Markup, html};

use crate::scale::at;

/// Units of a chart's width; about a pixel each.
pub const WIDTH: f64 = 360.0;

/// A chart with its title and what a reader has to know about it.
pub fn figure(title: &str, note: &str, drawing: Markup) -> Markup {
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
pub fn svg(label: &str, width: f64, height: f64, body: Markup) -> Markup {
    html! {
        svg viewBox=(format!("0 0 {} {}", at(width), at(height))) role="img" aria-label=(label) { (body) }
    }
}

/// A name at the beginning of its row, where names end at `names`, on the line `y`.
pub fn name(text: &str, names: f64, y: f64) -> Markup {
    html! { text.name x=(at(names - 6.0)) y=(at(y)) text-anchor="end" { (text) } }
}

/// The zero line of rows from `top` to `bottom`.
pub fn baseline(names: f64, top: f64, bottom: f64) -> Markup {
    html! { line.axis x1=(at(names)) x2=(at(names)) y1=(at(top)) y2=(at(bottom)) {} }
}
