//! `ringport compare`: the driver. It does no measuring work itself while a design runs but look at it from outside.
//!
//! ```text
//!   for each round, for each design (in turn, so that a change of the machine's mood meets all):
//!       measure  = receiver process + generator process, observed   -> Observed, and samples while it runs
//!       result   = figures derived from that                        -> Measured
//!   at the end:
//!       summary  = medians over the rounds
//!       ratios   = to port, to the best plain design, to the reference
//!       verdict  = a sentence a design
//!       table / report / document = for people at once / for people later / for machines
//! ```

mod arguments;
mod document;
mod generator;
mod measure;
mod observer;
mod ratios;
mod report;
mod result;
mod samples;
mod setting;
mod statistics;
mod summary;
mod table;
#[cfg(test)]
mod testing;
mod timeline;
mod verdict;
mod wording;

use std::collections::HashSet;
use std::path::Path;

use ringport::Design;

use crate::cli::CompareOptions;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output::{self, Progress, counted, grouped, whole};
use crate::remote::Remote;

use document::{Document, Failed};
use measure::Bench;
use result::Measured;
use samples::SampleFile;
use setting::Setting;

/// Runs the comparison.
pub(crate) fn run(options: &CompareOptions) -> Result<(), Failure> {
    let (setting, designs) = Setting::of(options)?;
    for file in [&options.json, &options.report].into_iter().flatten() {
        check_folder(file)?;
    }
    if options.report.as_ref().is_some_and(|file| file.as_os_str() == "-") {
        return Err(Failure::usage(
            "--report writes a page for a browser: give it a file, as in --report report.html",
        ));
    }
    let sample_file = |path| SampleFile::create(path, options.protocol());
    let samples = options.samples.as_deref().map(sample_file).transpose()?;
    let remote =
        options.remote.as_deref().map(|host| Remote::listen(host, options.control_port)).transpose()?;
    let interrupt = Interrupt::on_signals()?;
    output::note(&format!(
        "comparing {} in {} of {} {}s (Ctrl-C ends with what there is)",
        counted(designs.len() as u64, "design"),
        counted(setting.rounds.into(), "round"),
        grouped(setting.traffic.datagrams),
        setting.unit(),
    ));
    if let Some(missing) = setting.missing() {
        output::note(&missing);
    }
    let mut session = Session {
        setting,
        interrupt,
        samples,
        remote,
        progress: Progress::new(),
        results: Vec::new(),
        failures: Vec::new(),
        noted: HashSet::new(),
    };
    session.rounds(&designs);
    session.conclude(options)
}

/// A file that has no folder is told of at once, and not after a minute of measuring.
fn check_folder(file: &Path) -> Result<(), Failure> {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() && !folder.is_dir() => Err(Failure::failed(format!(
            "could not write '{}': there is no folder '{}'",
            file.display(),
            folder.display()
        ))),
        _ => Ok(()),
    }
}

/// A comparison under way.
struct Session {
    setting: Setting,
    interrupt: Interrupt,
    samples: Option<SampleFile>,
    remote: Option<Remote>,
    progress: Progress,
    results: Vec<Measured>,
    failures: Vec<Failed>,
    /// What was told already: the same note from every child is one note.
    noted: HashSet<String>,
}

impl Session {
    fn rounds(&mut self, designs: &[Design]) {
        for round in 1..=self.setting.rounds {
            for &design in designs {
                if self.interrupt.asked() {
                    return;
                }
                self.measure(design, round);
            }
        }
    }

    fn measure(&mut self, design: Design, round: u32) {
        let place = format!("round {round}/{} {design}", self.setting.rounds);
        let (progress, total) = (&mut self.progress, self.setting.traffic.datagrams);
        progress.show(&format!("{place}: starting"));
        let mut show = |count| progress.show(&format!("{place}: {}", bar(count, total)));
        let bench = Bench {
            setting: &self.setting,
            interrupt: &self.interrupt,
            samples: self.samples.as_mut(),
            remote: self.remote.as_mut(),
        };
        match measure::run(bench, design, round, &mut show) {
            Ok(None) => self.progress.clear(),
            Ok(Some(observed)) => {
                self.progress.clear();
                self.setting.learn(&observed);
                for note in &observed.notes {
                    if self.noted.insert(note.clone()) {
                        output::note(note);
                    }
                }
                let measured = Measured::of(&observed);
                output::note(&format!("{place}: {}", line_of(&measured, &self.setting)));
                self.results.push(measured);
            }
            Err(failure) => {
                self.progress.clear();
                let sentence = failure.sentence();
                output::warning(&format!("{place}: {sentence}"));
                self.failures.push(Failed { design: design.to_string(), round, sentence });
            }
        }
    }

    /// Prints and writes what there is.
    fn conclude(self, options: &CompareOptions) -> Result<(), Failure> {
        if self.results.is_empty() {
            let reason = if self.interrupt.asked() { "interrupted" } else { "every design failed" };
            return Err(Failure::failed(format!("{reason} before the first result")));
        }
        let document = Document::new(self.setting, self.results, self.failures, self.interrupt.asked());
        match &options.json {
            Some(file) if file.as_os_str() == "-" => {
                output::json(&document.json().map_err(std::io::Error::from)?)?;
            }
            Some(file) => {
                document.print_table()?;
                document.write(file)?;
            }
            None => document.print_table()?,
        }
        match &options.report {
            Some(file) => report::write(&document, file)?,
            None => output::note("for charts of all this, add --report FILE.html"),
        }
        if document.interrupted {
            output::warning("ended early, as asked: the figures above are of the rounds until then");
        }
        match document.failures.len() {
            0 => Ok(()),
            count => Err(Failure::failed(format!("{count} of the measurements failed, as told above"))),
        }
    }
}

fn line_of(measured: &Measured, setting: &Setting) -> String {
    let figure = |figure: Option<f64>| figure.map_or("-".into(), whole);
    format!(
        "{:.1} % of {} {}, {}/s, {} ns of CPU a {} ({})",
        measured.processed_ratio * 100.0,
        grouped(measured.datagrams_sent),
        setting.done(),
        figure(measured.rate_per_s),
        figure(measured.cpu_ns_per_datagram),
        setting.unit(),
        measured.backend,
    )
}

fn bar(count: u64, total: u64) -> String {
    let filled = (count * 24 / total.max(1)).min(24) as usize;
    format!("[{}{}] {} received", "=".repeat(filled), " ".repeat(24 - filled), grouped(count))
}
