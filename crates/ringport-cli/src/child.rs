//! A process of this same program, spoken with line by line over pipes.

use std::collections::VecDeque;
use std::io::Write;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use serde::de::DeserializeOwned;

use crate::failure::Failure;
use crate::lines;
use crate::sys::children;

/// How long a child may take for an answer that it owes at once, on a machine with other things to do.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A running child. Dropping it stops the process and waits for its end, so that none is ever left behind.
pub(crate) struct Child {
    name: String,
    process: std::process::Child,
    input: Option<ChildStdin>,
    output: Receiver<String>,
    complaints: Receiver<String>,
    complained: VecDeque<String>,
}

impl Child {
    /// Starts this same program with `arguments`.
    pub(crate) fn start(name: &str, arguments: &[String]) -> Result<Child, Failure> {
        let failed = |error| Failure::failed(format!("could not start the {name}: {error}"));
        let program = std::env::current_exe().map_err(failed)?;
        let mut process = children::set_apart(&mut Command::new(program))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let (input, output, errors) = (process.stdin.take(), process.stdout.take(), process.stderr.take());
        Ok(Child {
            name: name.into(),
            process,
            input,
            output: lines::of(output),
            complaints: lines::of(errors),
            complained: VecDeque::new(),
        })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Sends the child a line.
    pub(crate) fn tell(&mut self, line: &str) -> Result<(), Failure> {
        let told = self.input.as_mut().map(|input| writeln!(input, "{line}").and_then(|()| input.flush()));
        match told {
            Some(Ok(())) => Ok(()),
            _ => Err(self.died()),
        }
    }

    /// The child's next line, or None if it says nothing for so long.
    pub(crate) fn line(&mut self, wait: Duration) -> Result<Option<String>, Failure> {
        match self.output.recv_timeout(wait) {
            Ok(line) => Ok(Some(line)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(self.died()),
        }
    }

    /// The answer that the child owes now.
    pub(crate) fn answer(&mut self) -> Result<String, Failure> {
        let name = self.name.clone();
        self.line(PATIENCE)?
            .ok_or_else(|| Failure::failed(format!("the {name} gave no answer for {PATIENCE:?}")))
    }

    /// The JSON answer that the child owes now.
    pub(crate) fn json<T: DeserializeOwned>(&mut self) -> Result<T, Failure> {
        let line = self.answer()?;
        self.parse(&line)
    }

    /// A line of the child as JSON.
    pub(crate) fn parse<T: DeserializeOwned>(&self, line: &str) -> Result<T, Failure> {
        serde_json::from_str(line).map_err(|error| {
            Failure::failed(format!("the {} said something unexpected ({error}): {line}", self.name))
        })
    }

    /// What the child has written to its standard error so far.
    pub(crate) fn complaints(&mut self) -> impl Iterator<Item = String> {
        self.complained.extend(self.complaints.try_iter());
        self.complained.drain(..)
    }

    /// The sentence for a child that ended before its time: its own last words if it had any.
    fn died(&mut self) -> Failure {
        let end = self.process.wait().map_or_else(|error| error.to_string(), |status| status.to_string());
        // The pipe is closed, so this ends.
        let words: Vec<String> = self.complained.drain(..).chain(self.complaints.iter()).collect();
        let words =
            words.iter().find(|line| line.contains("error:")).or(words.last()).cloned().unwrap_or_default();
        Failure::failed(format!(
            "the {} ended too early ({end}): {}",
            self.name,
            words.trim_start_matches("error: ")
        ))
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // Closing its input is the polite way; a child that has something better to do is ended all the same.
        self.input = None;
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
