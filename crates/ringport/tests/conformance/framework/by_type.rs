//! Rows that the types keep: the programs that show it are in the documentation, where `cargo test` compiles them.

use std::path::Path;

/// Looks whether `file` has, under `heading`, a program that must not compile.
pub(super) fn shown(file: &str, heading: &str) -> Result<(), String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let source = std::fs::read_to_string(&path).map_err(|error| format!("{file}: {error}"))?;
    let lines = source.lines().map(|line| line.trim_start());
    let wanted = format!("//! # {heading}");
    let mut under = lines.skip_while(|line| *line != wanted).skip(1);
    if under.by_ref().take_while(|line| !line.starts_with("//! # ")).any(is_one) {
        Ok(())
    } else {
        Err(format!("{file} shows nothing under \"{heading}\" that does not compile"))
    }
}

fn is_one(line: &str) -> bool {
    line.starts_with("//! ```compile_fail")
}
