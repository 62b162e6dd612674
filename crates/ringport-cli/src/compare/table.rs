//! The table at the end.

use std::io;

use crate::output::{self, grouped, styled, whole};
use crate::protocol::Protocol;

use super::ratios::Ratios;
use super::setting::Setting;
use super::statistics::Figure;
use super::summary::Summary;
use super::verdict::{Outcome, Verdict};

/// Shares of more threads than this are not named one by one.
const NAMED: usize = 64;

/// Prints setting, table and verdicts.
pub(crate) fn print(setting: &Setting, rows: &[(Summary, Ratios)], verdicts: &[Verdict]) -> io::Result<()> {
    output::line("")?;
    for (what, words) in setting.words() {
        output::line(&format!("{what:<10}{words}"))?;
    }
    output::line("")?;
    let columns: Vec<Column> =
        COLUMNS.into_iter().filter(|column| column.is_for(setting.traffic.protocol)).collect();
    let headings: Vec<String> = columns.iter().map(|column| column.heading(setting)).collect();
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|(summary, ratios)| columns.iter().map(|column| (column.cell)(summary, ratios)).collect())
        .collect();
    for (index, line) in aligned(&headings, &cells).iter().enumerate() {
        output::line(&if index == 0 { styled(output::HEADING, line) } else { line.clone() })?;
    }
    output::line("")?;
    output::line(&format!(
        "Medians over the rounds. x: times that of {}. CPU ns: CPU time of the whole receiving process a {unit}, the\n\
         figure to rank by; switches/1k: its context switches for each 1,000 {unit}s; batch: {unit}s a dequeue;\n\
         p50, p99: {}; shares: of the work, a thread.",
        setting.reference,
        setting.latency_words(),
        unit = setting.unit(),
    ))?;
    for remark in setting.remarks() {
        output::line(&remark)?;
    }
    output::line("Memory of the receiving process:")?;
    for line in memory(rows, setting.unit()) {
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

/// A column: its heading, and what stands in it.
#[derive(Clone, Copy)]
struct Column {
    /// None: what the setting's servers do, `received` or `answered`.
    heading: Option<&'static str>,
    /// Behind the heading.
    suffix: &'static str,
    /// A stream has no such thing.
    datagrams_only: bool,
    cell: fn(&Summary, &Ratios) -> String,
}

const COLUMNS: [Column; 15] = [
    plain("design", |summary, _| summary.design.clone()),
    plain("backend", |summary, _| summary.backend.clone()),
    Column { suffix: "/s", ..done(|summary, _| middle(summary.rate_per_s)) },
    plain("x rate", |_, ratios| times(ratios.rate_over_reference)),
    plain("CPU ns", |summary, _| middle(summary.cpu_ns_per_datagram)),
    plain("x CPU", |_, ratios| times(ratios.cpu_over_reference)),
    plain("switches/1k", |summary, _| tenths(summary.context_switches_per_1000.map(|figure| figure.median))),
    done(|summary, _| percent(summary.processed_ratio)),
    Column { datagrams_only: true, ..plain("lost@socket", |summary, _| percent(summary.lost_socket_ratio)) },
    Column { datagrams_only: true, ..plain("other", |summary, _| percent(summary.lost_elsewhere_ratio)) },
    plain("p50 us", |summary, _| tenths(summary.latency_us_p50)),
    plain("p99 us", |summary, _| tenths(summary.latency_us_p99)),
    plain("batch", |summary, _| tenths(summary.results_per_dequeue)),
    plain("threads", |summary, _| {
        format!("{} of {}", or_dash(summary.threads_active.map(whole)), summary.threads)
    }),
    plain("shares %", |summary, _| shares(&summary.thread_shares)),
];

const fn plain(heading: &'static str, cell: fn(&Summary, &Ratios) -> String) -> Column {
    Column { heading: Some(heading), suffix: "", datagrams_only: false, cell }
}

const fn done(cell: fn(&Summary, &Ratios) -> String) -> Column {
    Column { heading: None, suffix: "", datagrams_only: false, cell }
}

impl Column {
    fn is_for(&self, protocol: Protocol) -> bool {
        protocol == Protocol::Udp || !self.datagrams_only
    }

    fn heading(&self, setting: &Setting) -> String {
        format!("{}{}", self.heading.unwrap_or(setting.done()), self.suffix)
    }
}

fn or_dash(text: Option<String>) -> String {
    text.unwrap_or_else(|| "-".into())
}

fn percent(share: Option<f64>) -> String {
    or_dash(share.map(|share| format!("{:.1} %", share * 100.0)))
}

fn middle(figure: Option<Figure>) -> String {
    or_dash(figure.map(|figure| whole(figure.median)))
}

fn tenths(figure: Option<f64>) -> String {
    or_dash(figure.map(|figure| format!("{figure:.1}")))
}

fn times(ratio: Option<f64>) -> String {
    or_dash(ratio.map(|ratio| format!("{ratio:.2}")))
}

/// The busiest threads; the rest is what is missing to a hundred.
fn shares(shares: &[f64]) -> String {
    if shares.len() > NAMED {
        return format!("at most {:.1}", shares.first().unwrap_or(&0.0) * 100.0);
    }
    let shown: Vec<String> = shares.iter().take(4).map(|share| format!("{:.0}", share * 100.0)).collect();
    shown.join("+") + if shares.len() > shown.len() { "+.." } else { "" }
}

/// Locked memory and allocations, a line for all designs that agree in them.
fn memory(rows: &[(Summary, Ratios)], unit: &str) -> Vec<String> {
    let each = rows.iter().map(|(summary, _)| {
        // Where the system does not tell of it there is nothing to say.
        let locked = summary
            .locked_bytes
            .map(|bytes| format!("{} bytes locked, ", grouped(bytes as u64)))
            .unwrap_or_default();
        let allocations = summary.allocations_per_datagram.unwrap_or(0.0);
        (summary.design.as_str(), format!("{locked}{allocations:.4} allocations a {unit}"))
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
fn aligned(headings: &[String], rows: &[Vec<String>]) -> Vec<String> {
    let lines: Vec<&[String]> = std::iter::once(headings).chain(rows.iter().map(Vec::as_slice)).collect();
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
        let lines = aligned(&["design", "backend", "rate"].map(String::from), &rows);
        assert_eq!(
            lines,
            ["design    backend   rate", "blocking  std         12", "polled    uring    1,234",]
        );
    }
}
