//! What the figures hold for.

use std::fs::read_to_string;

use serde::Serialize;

use crate::Failure;
use crate::load::PAYLOAD;
use crate::options::Options;
use crate::part;
use crate::receive::{MAX_RESULTS, PENDING};

/// Exactly what was built.
const LOCK: &str = include_str!("../../Cargo.lock");

/// Machine, versions and options.
#[derive(Debug, Serialize)]
pub(crate) struct Setting {
    pub(crate) kernel: String,
    pub(crate) processor: String,
    pub(crate) processors: usize,
    /// Others at work before the run, as the system counts them.
    pub(crate) load_average: String,
    pub(crate) ringport: String,
    pub(crate) tokio: String,
    pub(crate) sender_and_receiver_on: Option<(usize, usize)>,
    pub(crate) payload: usize,
    /// As granted; the system counts its own overhead in it.
    pub(crate) socket_buffer: usize,
    pub(crate) pending: u32,
    pub(crate) max_results: usize,
    pub(crate) rounds: u32,
    pub(crate) window_ms: u64,
    pub(crate) warm_up_ms: u64,
}

/// Looks at the machine.
pub(crate) fn setting(options: &Options, processors: Option<(usize, usize)>) -> Result<Setting, Failure> {
    let first = |path: &str| read_to_string(path).map(|text| text.trim().to_owned()).unwrap_or_default();
    let model = first("/proc/cpuinfo");
    let model = model.lines().find_map(|line| line.strip_prefix("model name")?.split(": ").nth(1));
    let socket = part::socket(options.socket_buffer)?;
    Ok(Setting {
        kernel: first("/proc/sys/kernel/osrelease"),
        processor: model.unwrap_or("unknown").to_owned(),
        processors: std::thread::available_parallelism().map_or(1, usize::from),
        load_average: first("/proc/loadavg"),
        ringport: version("ringport"),
        tokio: version("tokio"),
        sender_and_receiver_on: processors,
        payload: PAYLOAD,
        socket_buffer: socket2::SockRef::from(&socket).recv_buffer_size()?,
        pending: PENDING,
        max_results: MAX_RESULTS,
        rounds: options.rounds(),
        window_ms: options.window(),
        warm_up_ms: options.warm_up(),
    })
}

/// The version of a package in the lock file.
fn version(package: &str) -> String {
    let mut lines = LOCK.lines().skip_while(|line| *line != format!("name = \"{package}\""));
    let version = lines.nth(1).and_then(|line| line.split('"').nth(1));
    version.unwrap_or("unknown").to_owned()
}

#[cfg(test)]
mod tests {
    #[test]
    fn versions_are_found() {
        assert!(super::version("tokio").starts_with("1."));
        assert_eq!(super::version("no-such-package"), "unknown");
    }
}
