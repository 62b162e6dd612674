//! What ends the tool early, and the exit code that goes with it: 0 done, 1 failed, 2 wrong usage.

use std::io;
use std::process::ExitCode;

use crate::output;

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// What was asked makes no sense or is not offered: exit code 2.
    Usage(String),
    /// It was asked rightly and did not work: exit code 1.
    Failed(String),
    /// Whoever read our output has gone (`ringport compare | head`): nobody is left to tell.
    OutputClosed,
}

impl Failure {
    pub(crate) fn usage(sentence: impl Into<String>) -> Self {
        Failure::Usage(sentence.into())
    }

    pub(crate) fn failed(sentence: impl Into<String>) -> Self {
        Failure::Failed(sentence.into())
    }

    /// The sentence alone, for a failure that does not end the run.
    pub(crate) fn sentence(self) -> String {
        match self {
            Failure::Usage(sentence) | Failure::Failed(sentence) => sentence,
            Failure::OutputClosed => "the output was closed".into(),
        }
    }

    /// Prints the sentence and gives the exit code.
    pub(crate) fn tell(self) -> ExitCode {
        match self {
            Failure::Usage(sentence) => {
                output::error(&sentence);
                output::note("for the whole list of options, try 'ringport --help'");
                ExitCode::from(2)
            }
            Failure::Failed(sentence) => {
                output::error(&sentence);
                ExitCode::from(1)
            }
            Failure::OutputClosed => ExitCode::SUCCESS,
        }
    }
}

/// Only writing to our own output fails this way; everything else gets a sentence where it happens.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Failure::OutputClosed
        } else {
            Failure::failed(format!("could not write the output: {error}"))
        }
    }
}
