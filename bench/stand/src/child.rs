//! A process that the driver started, spoken with line by line over pipes.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Failure;

/// Time between two looks at a count that may still grow, and how many of them without a change say that the
/// rest was dropped by the socket.
const LOOK: Duration = Duration::from_millis(3);
const LOOKS: u32 = 15;

/// A running child. Dropping it stops the process and waits for its end.
pub struct Child {
    process: std::process::Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Child {
    /// Starts this same program in another role, told to keep to `processor` if there is one.
    pub fn start(words: &[&str], processor: Option<usize>) -> Result<Child, Failure> {
        let place = processor.map(|processor| ["--processor".to_owned(), processor.to_string()]);
        let mut process = Command::new(std::env::current_exe()?)
            .args(words)
            .args(place.into_iter().flatten())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        match (process.stdin.take(), process.stdout.take()) {
            (Some(input), Some(output)) => Ok(Child { process, input, output: BufReader::new(output) }),
            _ => Err("a child has no pipes".into()),
        }
    }

    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Says a line and returns the answer.
    pub fn ask(&mut self, line: &str) -> Result<String, Failure> {
        // A child that is gone shows as the end of its output, with its last words.
        let _ = writeln!(self.input, "{line}");
        self.line()
    }

    /// Gives a sender an order and returns what it did.
    pub fn order<Done: DeserializeOwned>(&mut self, order: &impl Serialize) -> Result<Done, Failure> {
        let answer = self.ask(&serde_json::to_string(order)?)?;
        Ok(serde_json::from_str(&answer)?)
    }

    /// Its next line.
    pub fn line(&mut self) -> Result<String, Failure> {
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

    /// What each thread of a receiver counted so far.
    pub fn counts(&mut self) -> Result<Vec<u64>, Failure> {
        let answer = self.ask("count")?;
        Ok(answer.split(' ').map(str::parse).collect::<Result<_, _>>()?)
    }

    /// A receiver's counts once they sum up to `expected`, or do not grow any more.
    pub fn settled(&mut self, expected: u64) -> Result<Vec<u64>, Failure> {
        let (mut counts, mut unchanged) = (self.counts()?, 0);
        while counts.iter().sum::<u64>() < expected && unchanged < LOOKS {
            std::thread::sleep(LOOK);
            let now = self.counts()?;
            unchanged = if now == counts { unchanged + 1 } else { 0 };
            counts = now;
        }
        Ok(counts)
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
