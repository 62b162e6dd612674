//! The whole outcome, as it is written for machines and handed to the table.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use serde::Serialize;

use crate::failure::Failure;
use crate::output;

use super::ratios::{Ratios, best_plain, ratios};
use super::result::Measured;
use super::setting::Setting;
use super::summary::{Summary, summaries};
use super::table;
use super::verdict::{Against, Verdict, verdicts};

/// The outcome of a comparison.
#[derive(Debug, Serialize)]
pub(crate) struct Document {
    pub(crate) setting: Setting,
    pub(crate) results: Vec<Measured>,
    pub(crate) medians: Vec<Summary>,
    pub(crate) ratios: BTreeMap<String, Ratios>,
    /// The plain design that did best.
    pub(crate) best_plain: Option<String>,
    pub(crate) verdicts: Vec<Verdict>,
    pub(crate) failures: Vec<Failed>,
    pub(crate) interrupted: bool,
}

/// A measurement that did not come about.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Failed {
    pub(crate) design: String,
    pub(crate) round: u32,
    pub(crate) sentence: String,
}

impl Document {
    pub(crate) fn new(
        setting: Setting,
        results: Vec<Measured>,
        failures: Vec<Failed>,
        interrupted: bool,
    ) -> Document {
        let medians = summaries(&setting.designs, &results);
        let paced = setting.traffic.rate.is_some();
        let ratios = ratios(&medians, &setting.reference, paced);
        let reference = medians.iter().find(|summary| summary.design == setting.reference);
        let against = Against { reference, best_plain: best_plain(&medians, paced) };
        let verdicts = verdicts(&setting, &medians, against);
        let best_plain = against.best_plain.map(|summary| summary.design.clone());
        Document { setting, results, medians, ratios, best_plain, verdicts, failures, interrupted }
    }

    pub(crate) fn print_table(&self) -> io::Result<()> {
        let with_ratios = |summary: &Summary| Some((summary.clone(), *self.ratios.get(&summary.design)?));
        let rows: Vec<(Summary, Ratios)> = self.medians.iter().filter_map(with_ratios).collect();
        table::print(&self.setting, &rows, &self.verdicts)
    }

    /// For machines: the same under keys that name what was sent.
    pub(crate) fn json(&self) -> serde_json::Result<serde_json::Value> {
        self.setting.traffic.protocol.json(self)
    }

    /// Writes the document to `file`.
    pub(crate) fn write(&self, file: &Path) -> Result<(), Failure> {
        let failed = |error: &dyn std::fmt::Display| {
            Failure::failed(format!("could not write '{}': {error}", file.display()))
        };
        let text = self
            .json()
            .and_then(|json| serde_json::to_string_pretty(&json))
            .map_err(|error| failed(&error))?;
        fs::write(file, text + "\n").map_err(|error| failed(&error))?;
        output::note(&format!("all figures are in {}", file.display()));
        Ok(())
    }
}
