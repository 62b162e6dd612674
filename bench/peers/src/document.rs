//! Everything that a run found, as it is written down.

use ringport_stand::Failure;
use serde::Serialize;

use crate::curves;
use crate::figures::Figure;
use crate::measure::Sample;
use crate::options::Options;
use crate::report;
use crate::setting::Setting;
use crate::targets::Verdict;

/// The whole of it.
#[derive(Debug, Serialize)]
pub(crate) struct Document {
    pub(crate) setting: Setting,
    /// Every sample of every round.
    pub(crate) results: Vec<Sample>,
    pub(crate) figures: Vec<Figure>,
    pub(crate) verdicts: Vec<Verdict>,
    pub(crate) notes: Vec<String>,
}

impl Document {
    /// Writes the files that were asked for.
    pub(crate) fn write(&self, options: &Options) -> Result<(), Failure> {
        let value = serde_json::to_value(self)?;
        let json = options.json.iter().map(|path| (path, format!("{value:#}\n")));
        let page = options.report.iter().map(|path| (path, report::render(self, &value)));
        let curves = options.curves.iter().map(|path| (path, curves::draw(&options.loads(), &self.figures)));
        for (path, text) in json.chain(page).chain(curves) {
            std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))?;
        }
        Ok(())
    }
}
