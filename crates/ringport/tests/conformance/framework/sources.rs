//! Whether the sources of the suite name the rows that there are: a fault of a row that was renamed breaks nothing.

use std::collections::HashSet;
use std::path::Path;

use super::row::{Named, Section};

/// Looks whether each name in quotes that could be that of a row is one.
pub(super) fn name_rows(sections: &[&Section], rows: &[Named]) -> Result<(), String> {
    let known: HashSet<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    if known.len() < rows.len() {
        return Err("two rows of one name".to_owned());
    }
    let mut sources = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance"), &mut sources);
    let quoted = sources.iter().flat_map(|source| source.split('"'));
    let starts: Vec<String> = sections.iter().map(|section| format!("{}::", section.name)).collect();
    let names = quoted.filter(|text| starts.iter().any(|start| text.starts_with(start)));
    let unknown: Vec<&str> = names.filter(|name| !known.contains(name)).collect();
    if unknown.is_empty() { Ok(()) } else { Err(format!("no row is called {}", unknown.join(", "))) }
}

fn collect(folder: &Path, sources: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).expect("the folder of the suite").flatten() {
        if entry.path().is_dir() {
            collect(&entry.path(), sources);
        } else {
            sources.push(std::fs::read_to_string(entry.path()).expect("a source file"));
        }
    }
}
