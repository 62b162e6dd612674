//! `docs/conformance.md`: what a run has shown, row by row.
//!
//! ```text
//!                  io_uring   epoll   overlapped   RIO
//!   a run on Linux    ▲         ▲         │          │      each run answers for the columns of its own system,
//!   a run on Windows  │         │         ▼          ▼      and leaves the others as the page has them
//! ```

use std::fmt::Write;
use std::path::PathBuf;

use super::backends::{BACKENDS, Backend, here};
use super::committed::Committed;
use super::results::{Outcome, Results};
use super::row::{Proof, Row, Section, id};

/// How the page is written anew.
const COMMAND: &str = "RINGPORT_CONFORMANCE=write cargo test -p ringport --test conformance";
const COMMAND_ON_WINDOWS: &str = "RINGPORT_CONFORMANCE=write .ci/windows conformance";

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/conformance.md")
}

/// Writes the page, or looks whether it says what this run has shown.
pub(super) fn settle(sections: &[&Section], results: &Results) -> Result<(), String> {
    if cfg!(all(windows, not(ringport_stand_in))) {
        println!("docs/conformance.md is of runs under Wine with the stand-in table, and not looked at");
        return Ok(());
    }
    for backend in here() {
        if let Some(reason) = backend.missing() {
            // Nothing is known about it here, so its column is taken for what it should be.
            println!("docs/conformance.md: the column of {} is not looked at: {reason}", backend.title);
        }
    }
    let path = path();
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    let page = page(sections, results, &Committed::new(&committed));
    if std::env::var("RINGPORT_CONFORMANCE").is_ok_and(|word| word == "write") {
        if here().any(|backend| backend.missing().is_some()) {
            return Err("the page is written only where all backends of the system run".to_owned());
        }
        println!("docs/conformance.md is written");
        return std::fs::write(&path, page).map_err(|error| format!("{}: {error}", path.display()));
    }
    if committed == page {
        return Ok(());
    }
    let place = page.lines().zip(committed.lines()).find(|(new, old)| new != old);
    let place = place.map_or(String::new(), |(new, old)| format!("\n  page: {old}\n  run:  {new}"));
    let command = if cfg!(windows) { COMMAND_ON_WINDOWS } else { COMMAND };
    Err(format!(
        "docs/conformance.md does not say what this run has shown; write it with\n  {command}{place}"
    ))
}

fn page(sections: &[&Section], results: &Results, committed: &Committed<'_>) -> String {
    let mut page = format!("{HEAD}\n```text\n{COMMAND}\n{COMMAND_ON_WINDOWS}\n```\n");
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
                line(&mut page, row, &id(section, table, row), results, committed);
            }
        }
    }
    page
}

fn line(page: &mut String, row: &Row, id: &str, results: &Results, committed: &Committed<'_>) {
    let broken_by = match row.proof {
        Proof::Test { broken_by, .. } => broken_by.to_owned(),
        Proof::ByType { file, heading } => format!("nothing that compiles: `{file}`, \"{heading}\""),
        Proof::Elsewhere(reason) => format!("not here: {reason}"),
    };
    write!(page, "| `{id}` | {} | {broken_by} |", row.promise).unwrap();
    for backend in BACKENDS {
        write!(page, " {} |", word(row, id, backend, results, committed)).unwrap();
    }
    let title =
        |name: &str| BACKENDS.iter().find(|backend| backend.name == name).map(|backend| backend.title);
    let differences = row.differences.iter().map(|(name, text)| match title(name) {
        Some(title) => format!("{title}: {text}"),
        None => panic!("{id}: no backend is called {name}"),
    });
    let mut differences: Vec<_> = differences.collect();
    differences.extend(row.missing_in_columns_of_windows());
    let differences = differences.join("; ");
    writeln!(page, "{}|", if differences.is_empty() { " ".to_owned() } else { format!(" {differences} ") })
        .unwrap();
}

/// What a row has shown on a backend.
fn word<'a>(row: &Row, id: &str, backend: &Backend, results: &Results, committed: &Committed<'a>) -> &'a str {
    match row.proof {
        Proof::ByType { .. } => "by type",
        Proof::Elsewhere(_) => "–",
        Proof::Test { .. }
            if backend.system == "windows" && row.missing_in_columns_of_windows().is_some() =>
        {
            "–"
        }
        Proof::Test { .. } if !backend.is_of_this_system() => {
            committed.word(id, backend.title).unwrap_or("not run yet")
        }
        Proof::Test { .. } => match results.of(id, backend) {
            Some(Outcome::Failed) => "**fails**",
            Some(Outcome::Passed) | None => "passes",
        },
    }
}

const HEAD: &str = "\
# Conformance

Each row is a rule of the model and the name of its test. Every test runs on every backend, through one set of handles,
and passes or the build fails. The same handles can break each rule on purpose, in the way that the third column tells:
then exactly the test of that row must fail, and all others must pass (`broken::` and the name of the row; that the others
pass is looked at on Linux).

The columns of Windows are what a run under Wine has shown. *Overlapped, Wine* is the library's code over Wine's completion
ports and sockets. *RIO calls, stand-in table under Wine* is the library's code over a function table that the tests bring:
it shows that the calls are made as they should be, and nothing of what Microsoft's functions do.
[windows.md](windows.md) tells how a real Windows machine is asked.

Rows marked *by type* are rules that no program can break, because it would not compile. The documentation of the file
that is named holds such programs, and the checks compile them to see that they are refused.

This page is written by runs of the suite, one on each system for its own columns, and the checks fail when a run shows
anything else. To write it anew:
";
