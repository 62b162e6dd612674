//! The table at the end.

use std::io;

use crate::output::{self, grouped, styled, whole};

use super::ratios::Ratios;
use super::setting::Setting;
use super::statistics::Figure;
use super::summary::Summary;
use super::verdict::{Outcome, Verdict};

const HEADINGS: [&str; 15] = [
    "design",
    "backend",
    "received/s",
    "x rate",
    "CPU ns",
    "x CPU",
    "switches/1k",
    "received",
    "lost@socket",
    "other",
    "p50 us",
    "p99 us",
    "batch",
    "threads",
    "shares %",
];

/// Prints setting, table and verdicts.
pub(crate) fn print(setting: &Setting, rows: &[(Summary, Ratios)], verdicts: &[Verdict]) -> io::Result<()> {
    output::line("")?;
    for (what, words) in setting.words() {
        output::line(&format!("{what:<10}{words}"))?;
    }
    output::line("")?;
    let cells: Vec<Vec<String>> = rows.iter().map(|(summary, ratios)| row(summary, ratios)).collect();
    for (index, line) in aligned(&HEADINGS, &cells).iter().enumerate() {
        output::line(&if index == 0 { styled(output::HEADING, line) } else { line.clone() })?;
    }
    output::line("")?;
    output::line(&format!(
        "Medians over the rounds. x: times that of {}. CPU ns: CPU time of the whole receiving process a datagram, the\n\
         figure to rank by; switches/1k: its context switches for each 1,000 datagrams; batch: results a dequeue;\n\
         shares: of the work, a thread.",
        setting.reference
    ))?;
    for remark in setting.remarks() {
        output::line(remark)?;
    }
    output::line("Memory of the receiving process:")?;
    for line in memory(rows) {
        output::line(&line)?;
    }
    output::line("")?;
    for verdict in verdicts {
        let text = match verdict.outcome {
            Outcome::Wins => styled(output::GOOD, &verdict.sentence),
            Outcome::Loses | Outcome::Mixed => styled(output::WARNING, &verdict.sentence),
            Outcome::Reference | Outcome::Unclear => verdict.sentence.clone(),
        };
        output::line(&text)?;
    }
    Ok(())
}

fn row(summary: &Summary, ratios: &Ratios) -> Vec<String> {
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".into());
    let percent = |share: Option<f64>| or_dash(share.map(|share| format!("{:.1} %", share * 100.0)));
    let middle = |figure: Option<Figure>| or_dash(figure.map(|figure| whole(figure.median)));
    let tenths = |figure: Option<f64>| or_dash(figure.map(|figure| format!("{figure:.1}")));
    let times = |ratio: Option<f64>| or_dash(ratio.map(|ratio| format!("{ratio:.2}")));
    vec![
        summary.design.clone(),
        summary.backend.clone(),
        middle(summary.rate_per_s),
        times(ratios.rate_over_reference),
        middle(summary.cpu_ns_per_datagram),
        times(ratios.cpu_over_reference),
        tenths(summary.context_switches_per_1000.map(|figure| figure.median)),
        percent(summary.processed_ratio),
        percent(summary.lost_socket_ratio),
        percent(summary.lost_elsewhere_ratio),
        tenths(summary.latency_us_p50),
        tenths(summary.latency_us_p99),
        tenths(summary.results_per_dequeue),
        format!("{} of {}", or_dash(summary.threads_active.map(whole)), summary.threads),
        shares(&summary.thread_shares),
    ]
}

/// The busiest threads; the rest is what is missing to a hundred.
fn shares(shares: &[f64]) -> String {
    let shown: Vec<String> = shares.iter().take(4).map(|share| format!("{:.0}", share * 100.0)).collect();
    shown.join("+") + if shares.len() > shown.len() { "+.." } else { "" }
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
