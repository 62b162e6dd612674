//! The figures as they come, and what they say of the targets.

use crate::statistics::Quartiles;

/// One candidate in one setting.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// The measurement: what is the same for all candidates that are compared.
    pub(crate) measurement: String,
    /// The candidate.
    pub(crate) candidate: String,
    /// What the figures count.
    pub(crate) unit: &'static str,
    pub(crate) figures: Quartiles,
    /// Its median over that of the named other candidate.
    pub(crate) ratio: Option<(f64, String)>,
}

/// A target and what was measured.
#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    /// What is compared with what.
    pub(crate) what: String,
    /// What was measured, in words.
    pub(crate) measured: String,
    /// What is wanted, in words.
    pub(crate) target: String,
    pub(crate) meets: bool,
}

/// Everything that was measured.
#[derive(Debug)]
pub(crate) struct Report {
    /// What the figures hold for: name and value.
    pub(crate) setting: Vec<(&'static str, String)>,
    pub(crate) rows: Vec<Row>,
    pub(crate) verdicts: Vec<Verdict>,
    /// What could not be measured and why, and other remarks.
    pub(crate) notes: Vec<String>,
}

impl Report {
    /// An empty one.
    pub(crate) fn new(setting: Vec<(&'static str, String)>) -> Report {
        Report { setting, rows: Vec::new(), verdicts: Vec::new(), notes: Vec::new() }
    }

    /// Prints what the figures hold for.
    pub(crate) fn print_setting(&self) {
        for (name, value) in &self.setting {
            println!("{name:>14}  {value}");
        }
    }

    /// Keeps and prints the rows of one measurement.
    pub(crate) fn add(&mut self, rows: Vec<Row>) {
        if let Some(first) = rows.first() {
            println!("\n{}", first.measurement);
            println!("  {:<44}{:>9}{:>19}   ratio", "", first.unit, "p25 .. p75");
        }
        for row in &rows {
            let Quartiles { low, median, high } = row.figures;
            let ratio =
                row.ratio.as_ref().map(|(ratio, base)| format!("{ratio:.2} x {base}")).unwrap_or_default();
            println!("  {:<44}{median:>9.1}{low:>9.1} ..{high:>7.1}   {ratio}", row.candidate);
        }
        self.rows.extend(rows);
    }

    /// Keeps and prints a remark.
    pub(crate) fn note(&mut self, note: String) {
        println!("  {note}");
        self.notes.push(note);
    }

    /// Keeps a target for the end.
    pub(crate) fn judge(&mut self, verdict: Verdict) {
        self.verdicts.push(verdict);
    }

    /// Prints the targets and what became of them.
    pub(crate) fn print_verdicts(&self) {
        if !self.verdicts.is_empty() {
            println!("\ntargets");
        }
        for Verdict { what, measured, target, meets } in &self.verdicts {
            let word = if *meets { "meets" } else { "misses" };
            println!("  {word:<7} {what}: {measured} (target {target})");
        }
    }
}
