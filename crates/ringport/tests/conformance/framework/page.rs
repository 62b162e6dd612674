//! `docs/conformance.md`: what a run has shown, row by row.

use std::fmt::Write;
use std::path::PathBuf;

use super::backends::BACKENDS;
use super::results::{Outcome, Results};
use super::row::{Proof, Row, Section, id};

/// How the page is written anew.
const COMMAND: &str = "RINGPORT_CONFORMANCE=write cargo test -p ringport --test conformance";

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/conformance.md")
}

/// Writes the page, or looks whether it says what this run has shown.
pub(super) fn settle(sections: &[&Section], results: &Results) -> Result<(), String> {
    for backend in BACKENDS {
        if let Some(reason) = backend.missing() {
            // Nothing is known about it here, so its column is taken for what it should be.
            println!("docs/conformance.md: the column of {} is not looked at: {reason}", backend.title);
        }
    }
    let page = page(sections, results);
    let path = path();
    if std::env::var("RINGPORT_CONFORMANCE").is_ok_and(|word| word == "write") {
        if BACKENDS.iter().any(|backend| backend.missing().is_some()) {
            return Err("the page is written only where all backends run".to_owned());
        }
        println!("docs/conformance.md is written");
        return std::fs::write(&path, page).map_err(|error| format!("{}: {error}", path.display()));
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    if committed == page {
        return Ok(());
    }
    let place = page.lines().zip(committed.lines()).find(|(new, old)| new != old);
    let place = place.map_or(String::new(), |(new, old)| format!("\n  page: {old}\n  run:  {new}"));
    Err(format!(
        "docs/conformance.md does not say what this run has shown; write it with\n  {COMMAND}{place}"
    ))
}

fn page(sections: &[&Section], results: &Results) -> String {
    let mut page = format!("{HEAD}\n```text\n{COMMAND}\n```\n");
    for section in sections {
        write!(page, "\n## {}\n", section.title).unwrap();
        for table in section.tables {
            write!(page, "\n### {}\n\n", table.title).unwrap();
            page.push_str("| row | what it promises | broken by |");
            BACKENDS.iter().for_each(|backend| write!(page, " {} |", backend.title).unwrap());
            page.push_str(" difference |\n| --- | --- | --- |");
            page.push_str(&" --- |".repeat(BACKENDS.len() + 1));
            page.push('\n');
            for row in table.rows {
                line(&mut page, row, &id(section, table, row), results);
            }
        }
    }
    page
}

fn line(page: &mut String, row: &Row, id: &str, results: &Results) {
    let broken_by = match row.proof {
        Proof::Test { broken_by, .. } => broken_by.to_owned(),
        Proof::ByType { file, heading } => format!("nothing that compiles: `{file}`, \"{heading}\""),
        Proof::Elsewhere(reason) => format!("not here: {reason}"),
    };
    write!(page, "| `{id}` | {} | {broken_by} |", row.promise).unwrap();
    for backend in BACKENDS {
        let word = match row.proof {
            Proof::Test { .. } => match results.of(id, backend) {
                Some(Outcome::Failed) => "**fails**",
                Some(Outcome::Passed) | None => "passes",
            },
            Proof::ByType { .. } => "by type",
            Proof::Elsewhere(_) => "–",
        };
        write!(page, " {word} |").unwrap();
    }
    let title =
        |name: &str| BACKENDS.iter().find(|backend| backend.name == name).map(|backend| backend.title);
    let differences = row.differences.iter().map(|(name, text)| match title(name) {
        Some(title) => format!("{title}: {text}"),
        None => panic!("{id}: no backend is called {name}"),
    });
    let differences = differences.collect::<Vec<_>>().join("; ");
    writeln!(page, "{}|", if differences.is_empty() { " ".to_owned() } else { format!(" {differences} ") })
        .unwrap();
}

const HEAD: &str = "\
# Conformance

Each row is a rule of the model and the name of its test. Every test runs on every backend, through one set of handles,
and passes or the build fails. The same handles can break each rule on purpose, in the way that the third column tells:
then exactly the test of that row must fail, and all others must pass (`broken::` and the name of the row).

Rows marked *by type* are rules that no program can break, because it would not compile. The documentation of the file
that is named holds such programs, and the checks compile them to see that they are refused.

This page is written by a run of the suite, and the checks fail when a run shows anything else. To write it anew:
";
