//! The report: one HTML file with everything in it, for people to read, print and pass on.
//!
//! ```text
//!   page        order of the sections, with bars and percentiles; its frame and its looks are those of ringport_page
//!    +-- headline, verdicts, table, threads        words and numbers
//!    +-- losses, shares                            a row a design    \
//!    +-- histogram, timelines                      a picture a design > drawn as SVG, coloured by family
//! ```

mod family;
mod headline;
mod histogram;
mod losses;
mod page;
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

/// Units of a chart's width where the names of designs end and the drawing begins.
const NAMES: f64 = 128.0;

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
