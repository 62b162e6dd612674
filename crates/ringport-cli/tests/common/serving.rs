//! The tool as a server, started and stopped by a test.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout};

use ringport_testing::interrupt;
use serde_json::Value;

use super::ringport;

/// A server of the tool on a free port.
pub(crate) struct Serving {
    child: Child,
    output: BufReader<ChildStdout>,
    pub(crate) address: String,
    /// What it said when it stood.
    pub(crate) listening: Value,
}

impl Serving {
    /// It serves `protocol` as `more` says.
    pub(crate) fn start(protocol: &str, more: &[&str]) -> Serving {
        let mut arguments = vec!["serve", protocol, "127.0.0.1:0", "--json"];
        arguments.extend(more);
        let mut child = ringport(&arguments).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let listening: Value = serde_json::from_str(&line).unwrap_or_else(|_| {
            let mut told = String::new();
            child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
            Value::String(told)
        });
        let address = listening["address"].as_str().map(str::to_owned);
        let address = address.unwrap_or_else(|| unreachable!("{more:?}: {listening}"));
        Serving { child, output, address, listening }
    }

    /// Stops it as Ctrl-C would, and gives its figures.
    pub(crate) fn stop(mut self) -> Value {
        interrupt(&self.child);
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
        serde_json::from_str(&line).unwrap()
    }
}

/// A test that fails leaves no server behind.
impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
