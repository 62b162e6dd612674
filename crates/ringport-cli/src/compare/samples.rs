//! The file of samples: a JSON object a line, written as they are taken, for another program to follow.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::failure::Failure;
use crate::protocol::Protocol;

use super::timeline::Moment;

/// A file that takes a line a sample.
pub(crate) struct SampleFile {
    path: PathBuf,
    file: File,
    protocol: Protocol,
}

#[derive(Serialize)]
struct Line<'a> {
    design: &'a str,
    round: u32,
    #[serde(flatten)]
    moment: &'a Moment,
}

impl SampleFile {
    /// Creates the file, or empties it.
    pub(crate) fn create(path: &Path, protocol: Protocol) -> Result<SampleFile, Failure> {
        let file = File::create(path).map_err(|error| failed(path, &error))?;
        Ok(SampleFile { path: path.to_owned(), file, protocol })
    }

    /// Appends a line. It is with the kernel at once, as a whole, so that a reader never waits for it.
    pub(crate) fn write(&mut self, design: &str, round: u32, moment: &Moment) -> Result<(), Failure> {
        let line = self.protocol.json(&Line { design, round, moment });
        let mut line = line.map_err(|error| failed(&self.path, &error))?.to_string();
        line.push('\n');
        self.file.write_all(line.as_bytes()).map_err(|error| failed(&self.path, &error))
    }
}

fn failed(path: &Path, error: &dyn std::fmt::Display) -> Failure {
    Failure::failed(format!("could not write the samples to '{}': {error}", path.display()))
}
