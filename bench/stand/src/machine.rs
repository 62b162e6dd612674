//! What figures hold for: the machine, and exactly what was built.

use std::fs::read_to_string;

use serde::Serialize;

const LOCK: &str = include_str!("../../Cargo.lock");

/// The machine, as the system tells it.
#[derive(Debug, Serialize)]
pub struct Machine {
    pub kernel: String,
    pub processor: String,
    pub processors: usize,
    /// Others at work before the run, as the system counts them.
    pub load_average: String,
}

impl Machine {
    /// Looks at it.
    pub fn look() -> Machine {
        let first = |path: &str| read_to_string(path).map(|text| text.trim().to_owned()).unwrap_or_default();
        let model = first("/proc/cpuinfo");
        let model = model.lines().find_map(|line| line.strip_prefix("model name")?.split(": ").nth(1));
        Machine {
            kernel: first("/proc/sys/kernel/osrelease"),
            processor: model.unwrap_or("unknown").to_owned(),
            processors: std::thread::available_parallelism().map_or(1, usize::from),
            load_average: first("/proc/loadavg"),
        }
    }

    /// One line of it.
    pub fn print(&self) {
        let Machine { kernel, processor, processors, load_average } = self;
        println!("machine   Linux {kernel}, {processors} x {processor}, load average {load_average}");
    }
}

/// The version of a package in the lock file; the newest, where others need an older one as well.
pub fn version(package: &str) -> String {
    let name = format!("name = \"{package}\"");
    let lines = LOCK.lines().zip(LOCK.lines().skip(1));
    // Sorted, as the file is.
    let versions =
        lines.filter(|(line, _)| *line == name).filter_map(|(_, version)| version.split('"').nth(1));
    versions.last().unwrap_or("unknown").to_owned()
}

#[cfg(test)]
mod tests {
    #[test]
    fn versions_are_found() {
        assert!(super::version("ringport").starts_with("0."));
        assert!(super::version("io-uring").starts_with("0.7."), "not the older one of another peer");
        assert_eq!(super::version("no-such-package"), "unknown");
    }
}
