//! The report for programs.

use std::fmt::Write;

use crate::report::{Report, Row, Verdict};

/// The whole report as one JSON object.
pub(crate) fn document(report: &Report) -> String {
    let setting = report.setting.iter().map(|(name, value)| format!("{}: {}", text(name), text(value)));
    let rows = report.rows.iter().map(row);
    let verdicts = report.verdicts.iter().map(verdict);
    let notes = report.notes.iter().map(|note| text(note));
    format!(
        "{{\n\"setting\": {{{}}},\n\"figures\": [\n{}\n],\n\"targets\": [\n{}\n],\n\"notes\": [{}]\n}}\n",
        list(setting, ", "),
        list(rows, ",\n"),
        list(verdicts, ",\n"),
        list(notes, ", "),
    )
}

fn row(row: &Row) -> String {
    let mut out = format!(
        "{{\"measurement\": {}, \"candidate\": {}, \"unit\": {}, \"median\": {:.3}, \"p25\": {:.3}, \"p75\": {:.3}",
        text(&row.measurement),
        text(&row.candidate),
        text(row.unit),
        row.figures.median,
        row.figures.low,
        row.figures.high,
    );
    if let Some((ratio, base)) = &row.ratio {
        let _ = write!(out, ", \"ratio\": {ratio:.4}, \"over\": {}", text(base));
    }
    out + "}"
}

fn verdict(verdict: &Verdict) -> String {
    format!(
        "{{\"what\": {}, \"measured\": {}, \"target\": {}, \"meets\": {}}}",
        text(&verdict.what),
        text(&verdict.measured),
        text(&verdict.target),
        verdict.meets
    )
}

fn list(items: impl Iterator<Item = String>, separator: &str) -> String {
    items.collect::<Vec<_>>().join(separator)
}

fn text(value: &str) -> String {
    let mut out = String::from("\"");
    for character in value.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            control if control < ' ' => _ = write!(out, "\\u{:04x}", u32::from(control)),
            other => out.push(other),
        }
    }
    out + "\""
}
