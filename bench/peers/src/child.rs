//! A process that the driver started, spoken with line by line over pipes.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};

use crate::Failure;

/// A running child. Dropping it stops the process and waits for its end.
pub(crate) struct Child {
    process: std::process::Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Child {
    /// Starts this same program in another role.
    pub(crate) fn start(arguments: &[String]) -> Result<Child, Failure> {
        let mut process = Command::new(std::env::current_exe()?)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        match (process.stdin.take(), process.stdout.take()) {
            (Some(input), Some(output)) => Ok(Child { process, input, output: BufReader::new(output) }),
            _ => Err("a child has no pipes".into()),
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Says a line and returns the answer.
    pub(crate) fn ask(&mut self, line: &str) -> Result<String, Failure> {
        // A child that is gone shows as the end of its output, with its last words.
        let _ = writeln!(self.input, "{line}");
        self.line()
    }

    /// Its next line.
    pub(crate) fn line(&mut self) -> Result<String, Failure> {
        let mut line = String::new();
        if self.output.read_line(&mut line)? == 0 {
            let mut words = String::new();
            if let Some(errors) = self.process.stderr.as_mut() {
                errors.read_to_string(&mut words)?;
            }
            return Err(format!("a child process ended too early: {}", words.trim()).into());
        }
        Ok(line.trim_end().to_owned())
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
