//! A table of figures with a name before each row. On a narrow screen a row becomes a card, its headings beside the
//! figures; the roles keep it a table for whoever has it read out.

use maud::{Markup, html};

/// A row: what it is about, and its figures in the order of the headings.
#[derive(Clone, Debug)]
pub struct Row {
    /// What it is about.
    pub name: Markup,
    /// Its figures.
    pub cells: Vec<String>,
}

/// Draws the table; `corner` is the heading of the names.
pub fn draw(corner: &str, headings: &[String], rows: &[Row]) -> Markup {
    html! {
        table role="table" {
            thead role="rowgroup" {
                tr role="row" {
                    th scope="col" role="columnheader" { (corner) }
                    @for heading in headings { th scope="col" role="columnheader" { (heading) } }
                }
            }
            tbody role="rowgroup" {
                @for row in rows {
                    tr role="row" {
                        th scope="row" role="rowheader" { (row.name) }
                        @for (heading, value) in headings.iter().zip(&row.cells) {
                            td role="cell" data-label=(heading) { (value) }
                        }
                    }
                }
            }
        }
    }
}
