//! The whole run: one part after the other, and everything they found as one document.

use std::time::{Duration, Instant};

use ringport_stand::process::two_processors;
use serde_json::{Map, Value};

use crate::options::{Options, Part};
use crate::setting::{self, setting};
use crate::{echo, hold, redis};
use ringport_stand::Failure;

/// What every part is given: how to run, where, and where to say what could not be done.
pub(crate) struct Run<'options> {
    pub(crate) options: &'options Options,
    /// Those of the load and of the servers, where they have one each.
    pub(crate) processors: Option<(usize, usize)>,
    pub(crate) notes: Vec<String>,
}

impl Run<'_> {
    /// Plays the rounds, as many as the budget allows.
    pub(crate) fn rounds(
        &mut self,
        part: &str,
        mut play: impl FnMut(u32) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let (rounds, budget) = (self.options.rounds(), self.options.budget);
        let start = Instant::now();
        for round in 0..rounds {
            if round > 0 && start.elapsed() > Duration::from_secs(budget) {
                self.notes.push(format!("{part} ended after {round} rounds: {budget} s were over"));
                break;
            }
            eprintln!("{part}: round {} of {rounds}", round + 1);
            play(round)?;
        }
        Ok(())
    }
}

/// Measures, prints, and writes the JSON if it was asked for.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let processors = if options.no_pin { None } else { two_processors()? };
    let setting = setting(options, processors);
    setting::print(&setting);
    let mut run = Run { options, processors, notes: Vec::new() };
    let mut document = Map::from_iter([("setting".to_owned(), serde_json::to_value(&setting)?)]);
    for part in &options.part {
        let (name, found): (_, Value) = match part {
            Part::Echo => ("echo", serde_json::to_value(echo::run(&mut run)?)?),
            Part::Hold => ("hold", serde_json::to_value(hold::run(&mut run)?)?),
            Part::Redis => ("redis", serde_json::to_value(redis::run(&mut run)?)?),
        };
        document.insert(name.to_owned(), found);
    }
    run.notes.iter().for_each(|note| println!("{note}"));
    document.insert("notes".to_owned(), run.notes.into());
    if let Some(path) = &options.json {
        let text = serde_json::to_string_pretty(&document)?;
        std::fs::write(path, text + "\n").map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(())
}
