//! Rows that the types keep: the programs that show it are in the documentation, where `cargo test` compiles them.

use std::path::Path;

/// Looks whether `file` has, under `heading`, a program that must not compile.
pub(super) fn shown(file: &str, heading: &str) -> Result<(), String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let source = std::fs::read_to_string(&path).map_err(|error| format!("{file}: {error}"))?;
    let (mut below, mut in_program) = (false, false);
    for line in source.lines().map(str::trim_start) {
        if line.starts_with("//! ```") {
            if below && line.starts_with("//! ```compile_fail") {
                return Ok(());
            }
            in_program = !in_program;
        } else if let Some(text) = line.strip_prefix("//! # ")
            && !in_program
        {
            // In a program such a line is one that is not shown.
            below = text == heading;
        }
    }
    Err(format!("{file} shows nothing under \"{heading}\" that does not compile"))
}
