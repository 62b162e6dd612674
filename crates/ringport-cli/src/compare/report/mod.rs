//! The report: one HTML file with everything in it, for people to read, print and pass on.
//!
//! ```text
//!   page        head, order of the sections, the raw JSON at the end
//!    +-- headline, verdicts, table, threads        words and numbers; grid: their tables
//!    +-- bars, losses, latency, shares             a row a design    \
//!    +-- histogram, timelines                      a picture a design > drawn as SVG with figure, scale and family
//!   style.css   light, dark, phone, paper
//! ```
//! It loads nothing: no script runs, and its policy forbids what it does not have.

mod bars;
mod family;
mod figure;
mod grid;
mod headline;
mod histogram;
mod latency;
mod losses;
mod page;
mod scale;
mod shares;
mod table;
mod threads;
mod timelines;
mod verdicts;

use std::fs;
use std::path::Path;

use crate::failure::Failure;
use crate::output;

use super::document::Document;

/// Writes the report of `document` to `file`.
pub(crate) fn write(document: &Document, file: &Path) -> Result<(), Failure> {
    let failed = |error: &dyn std::fmt::Display| {
        Failure::failed(format!("could not write the report to '{}': {error}", file.display()))
    };
    let page = page::render(document).map_err(|error| failed(&error))?;
    fs::write(file, page).map_err(|error| failed(&error))?;
    output::note(&format!("the report is in {}: open it in a browser", file.display()));
    Ok(())
}
