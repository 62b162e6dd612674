//! What a process has in memory, and its threads and descriptors, seen from outside.

use std::fs::{read_dir, read_to_string};

use serde::Serialize;

use crate::Failure;

/// One look at a process.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Look {
    /// Its pages in memory, those that it shares divided by those who share them.
    pub pss_kib: u64,
    /// Its pages in memory.
    pub rss_kib: u64,
    pub threads: usize,
    pub descriptors: usize,
}

impl Look {
    /// Looks at process `pid`, which must be this user's.
    pub fn at(pid: u32) -> Result<Look, Failure> {
        let rollup = read_to_string(format!("/proc/{pid}/smaps_rollup"))?;
        let line = |name: &str| {
            let value = rollup.lines().find_map(|line| line.strip_prefix(name)?.strip_suffix("kB"));
            value.and_then(|value| value.trim().parse().ok()).ok_or("the system does not tell the memory")
        };
        Ok(Look {
            pss_kib: line("Pss:")?,
            rss_kib: line("Rss:")?,
            threads: read_dir(format!("/proc/{pid}/task"))?.count(),
            descriptors: read_dir(format!("/proc/{pid}/fd"))?.count(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_threads_and_descriptors_are_seen() {
        let before = Look::at(std::process::id()).unwrap();
        let file = std::fs::File::open("/proc/self/stat").unwrap();
        let memory = vec![1_u8; 64 << 20];
        let after = Look::at(std::process::id()).unwrap();
        assert!(after.rss_kib >= before.rss_kib + 60_000, "{before:?} {after:?}");
        assert!(after.pss_kib <= after.rss_kib && after.pss_kib > 60_000, "{after:?}");
        assert!(after.descriptors > 3 && after.threads >= 1, "{after:?}");
        drop((file, memory));
        assert!(Look::at(0x3fff_fff0).is_err());
    }
}
