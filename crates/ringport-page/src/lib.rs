//! Parts of the pages that comparisons end in. A page is one HTML file with everything in it, for people to read, print
//! and pass on.
//!
//! ```text
//!   Page          head, colours, the raw figures as JSON at the end
//!    +-- section  a heading, a note, what stands below it
//!    +-- grid     tables that become cards where it is narrow
//!    +-- bars, percentiles       a row a candidate, drawn as SVG with figure and scale
//!   style.css     light, dark, phone, paper
//! ```
//! It loads nothing: no script runs, and its policy forbids what it does not have.

pub mod bars;
pub mod figure;
pub mod grid;
pub mod numbers;
mod page;
pub mod percentiles;
pub mod scale;

pub use maud;

pub use page::{Page, Tone, legend, section};
