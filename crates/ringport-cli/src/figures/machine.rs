//! The machine that figures were taken on: without it nobody can use them.

use std::fs;
use std::thread;

use serde::{Deserialize, Serialize};

/// The machine.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Machine {
    pub(crate) kernel: String,
    pub(crate) cpus: usize,
    pub(crate) cpu_model: String,
    /// The most a socket's receive buffer may have (net.core.rmem_max), in bytes.
    pub(crate) rmem_max: Option<u64>,
}

impl Machine {
    pub(crate) fn here() -> Machine {
        Machine {
            kernel: kernel(),
            cpus: thread::available_parallelism().map_or(1, usize::from),
            cpu_model: cpu_model().unwrap_or_else(|| "unknown".into()),
            rmem_max: setting("net/core/rmem_max"),
        }
    }
}

/// The kernel's name and release, as `uname -sr` prints them.
pub(crate) fn kernel() -> String {
    nix::sys::utsname::uname().map_or_else(
        |_| "unknown".into(),
        |name| format!("{} {}", name.sysname().to_string_lossy(), name.release().to_string_lossy()),
    )
}

/// The first number of a file under /proc/sys.
pub(crate) fn setting(path: &str) -> Option<u64> {
    fs::read_to_string(format!("/proc/sys/{path}")).ok()?.split_whitespace().next()?.parse().ok()
}

fn cpu_model() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
