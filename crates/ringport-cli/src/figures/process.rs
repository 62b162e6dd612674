//! What a whole process has used: all its threads, those included that a library started for itself.

use std::fs;
use std::io;

use crate::clock;

use super::text::number;

/// CPU time and context switches of a process at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Sample {
    /// Nanoseconds of the monotonic clock.
    pub(crate) at: u64,
    /// Nanoseconds of CPU time, user and system, of all threads, ended ones included.
    pub(crate) cpu: u64,
    /// Voluntary and involuntary, of the threads that are there.
    pub(crate) switches: u64,
}

/// Memory of a process, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Memory {
    /// What cannot be swapped out (VmLck).
    pub(crate) locked: u64,
    /// What is in memory (VmRSS).
    pub(crate) resident: u64,
}

/// Looks at process `pid` now.
///
/// CPU time comes from the process's CPU clock, which counts in nanoseconds; utime and stime in /proc/PID/stat are
/// cut to ticks of 10 ms, and /proc/PID/schedstat is the first thread alone.
pub(crate) fn sample(pid: u32) -> io::Result<Sample> {
    let cpu = clock::cpu_of_process(pid)?;
    let at = clock::now();
    let mut switches = 0;
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        // A thread that ended since the directory was read is no error; its switches are gone.
        let Ok(status) = fs::read_to_string(task?.path().join("status")) else { continue };
        switches += number(&status, "voluntary_ctxt_switches:").unwrap_or(0);
        switches += number(&status, "nonvoluntary_ctxt_switches:").unwrap_or(0);
    }
    Ok(Sample { at, cpu, switches })
}

/// The memory of process `pid` now.
pub(crate) fn memory(pid: u32) -> io::Result<Memory> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let bytes = |name| number(&status, name).unwrap_or(0) * 1024;
    Ok(Memory { locked: bytes("VmLck:"), resident: bytes("VmRSS:") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_threads_are_counted() {
        let pid = std::process::id();
        let before = sample(pid).unwrap();
        let (sender, receiver) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            // Each hand-over from a rendezvous makes this thread wait.
            let mut received = 0;
            while receiver.recv().is_ok() {
                received += 1;
            }
            received
        });
        // The thread's switches count while it lives, and show no matter which thread asks.
        let mut now = before;
        while now.switches == before.switches || now.cpu == before.cpu {
            sender.send(()).unwrap();
            std::thread::yield_now();
            now = sample(pid).unwrap();
        }
        drop(sender);
        assert!(thread.join().unwrap() > 0);
        assert!(now.at > before.at);
    }

    #[test]
    fn resident_memory_is_in_bytes() {
        let memory = memory(std::process::id()).unwrap();
        assert!(memory.resident > 100_000, "{memory:?}");
    }
}
