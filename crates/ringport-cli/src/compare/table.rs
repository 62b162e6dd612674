//! The table at the end.

use std::io;

use crate::output::{self, grouped, styled, whole};

use super::setting::Setting;
use super::summary::{Ratios, Summary};

const HEADINGS: [&str; 13] = [
    "design",
    "backend",
    "received/s",
    "received",
    "lost@socket",
    "other",
    "CPU ns",
    "ratio",
    "switches",
    "p50 us",
    "p99 us",
    "batch",
    "threads",
];

/// Prints setting, table and verdicts.
pub(crate) fn print(setting: &Setting, rows: &[(Summary, Ratios)], verdicts: &[String]) -> io::Result<()> {
    output::line("")?;
    for line in setting.lines() {
        output::line(&line)?;
    }
    output::line("")?;
    let cells: Vec<Vec<String>> = rows.iter().map(|(summary, ratios)| row(summary, ratios)).collect();
    for (index, line) in aligned(&HEADINGS, &cells).iter().enumerate() {
        output::line(&if index == 0 { styled(output::HEADING, line) } else { line.clone() })?;
    }
    output::line("")?;
    output::line(&format!(
        "Medians over the rounds. CPU ns: CPU time of the whole receiving process a datagram, the figure to rank by;\n\
         ratio: that over {}; batch: results a dequeue. On loopback the sender's core does most of the way to the\n\
         socket, so received/s is mostly the sender's speed.",
        setting.reference
    ))?;
    if setting.rate.is_none() {
        output::line(
            "Flooded, latency is mostly the time in a full socket buffer: for latency give a --rate.",
        )?;
    }
    output::line("Memory of the receiving process:")?;
    for line in memory(rows) {
        output::line(&line)?;
    }
    output::line("")?;
    for verdict in verdicts {
        let style = if verdict.contains("NOT") { output::WARNING } else { output::GOOD };
        output::line(&styled(style, verdict))?;
    }
    Ok(())
}

fn row(summary: &Summary, ratios: &Ratios) -> Vec<String> {
    let percent = |share: Option<f64>| share.map_or("-".into(), |share| format!("{:.1} %", share * 100.0));
    let whole = |figure: Option<f64>| figure.map_or("-".into(), whole);
    let tenths = |figure: Option<f64>| figure.map_or("-".into(), |figure| format!("{figure:.1}"));
    vec![
        summary.design.clone(),
        summary.backend.clone(),
        whole(summary.rate_per_s),
        percent(summary.processed_ratio),
        percent(summary.lost_socket_ratio),
        percent(summary.lost_elsewhere_ratio),
        whole(summary.cpu_ns_per_datagram),
        ratios.cpu_over_reference.map_or("-".into(), |ratio| format!("{ratio:.2}")),
        whole(summary.context_switches),
        tenths(summary.latency_us_p50),
        tenths(summary.latency_us_p99),
        tenths(summary.results_per_dequeue),
        format!("{} of {}", whole(summary.threads_active), summary.threads),
    ]
}

/// Locked memory and allocations, a line for all designs that agree in them.
fn memory(rows: &[(Summary, Ratios)]) -> Vec<String> {
    let each = rows.iter().map(|(summary, _)| {
        let locked = summary.locked_bytes.map_or(0, |bytes| bytes as u64);
        let allocations = summary.allocations_per_datagram.unwrap_or(0.0);
        (
            summary.design.as_str(),
            format!("{} bytes locked, {allocations:.4} allocations a datagram", grouped(locked)),
        )
    });
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    for (design, figures) in each {
        match groups.iter_mut().find(|(known, _)| *known == figures) {
            Some((_, designs)) => designs.push(design),
            None => groups.push((figures, vec![design])),
        }
    }
    groups.into_iter().map(|(figures, designs)| format!("  {figures}: {}", designs.join(", "))).collect()
}

/// Lines of columns as wide as their widest cell: the first two to the left, figures to the right.
fn aligned(headings: &[&str], rows: &[Vec<String>]) -> Vec<String> {
    let headings: Vec<String> = headings.iter().map(ToString::to_string).collect();
    let lines: Vec<&Vec<String>> = std::iter::once(&headings).chain(rows).collect();
    let width =
        |column: usize| lines.iter().filter_map(|cells| cells.get(column)?.chars().count().into()).max();
    let widths: Vec<usize> = (0..headings.len()).map(|column| width(column).unwrap_or(0)).collect();
    lines
        .iter()
        .map(|cells| {
            let pad = |(column, (cell, width)): (usize, (&String, &usize))| {
                if column < 2 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
            };
            let padded: Vec<String> = cells.iter().zip(&widths).enumerate().map(pad).collect();
            padded.join("  ").trim_end().to_owned()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let rows = [["blocking", "std", "12"], ["polled", "uring", "1,234"]];
        let rows: Vec<Vec<String>> = rows.iter().map(|row| row.map(String::from).to_vec()).collect();
        let lines = aligned(&["design", "backend", "rate"], &rows);
        assert_eq!(
            lines,
            ["design    backend   rate", "blocking  std         12", "polled    uring    1,234",]
        );
    }
}
