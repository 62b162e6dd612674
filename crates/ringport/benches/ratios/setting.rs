//! What the figures hold for: machine, kernel and options.

use std::fs::read_to_string;

use crate::affinity::Cpus;
use crate::filler::SOCKET_BUFFER;
use crate::options::Options;

/// Everything that a reader needs to compare runs.
pub(crate) fn describe(options: &Options, cpus: Cpus) -> Vec<(&'static str, String)> {
    let first = |path: &str| read_to_string(path).map(|text| text.trim().to_owned()).unwrap_or_default();
    let processors = read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processors.lines().find_map(|line| line.strip_prefix("model name")?.split(": ").nth(1));
    // SAFETY: the call takes no memory. This thread is bound to one of them, so the standard library says 1.
    let count = unsafe { libc::sysconf(libc::_SC_NPROCESSORS_ONLN) };
    let uring = match ringport::backend::explain(ringport::BackendChoice::Uring) {
        Ok(_) => "allowed".to_owned(),
        Err(error) => format!("not measured: {error}"),
    };
    vec![
        ("kernel", first("/proc/sys/kernel/osrelease")),
        ("processor", format!("{} x {}", count, model.unwrap_or("unknown"))),
        ("cpus", format!("measured on {}, other senders on {}", cpus.here, cpus.other)),
        ("load", first("/proc/loadavg")),
        ("io_uring", uring),
        ("socket buffer", format!("{SOCKET_BUFFER} bytes asked for")),
        ("rounds", options.rounds.to_string()),
        ("posted", format!("{} receives over io_uring, {} at a time", options.pending, options.batch)),
    ]
}
