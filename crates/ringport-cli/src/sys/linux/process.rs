//! What a whole process has used: all its threads, those included that a library started for itself.

use std::fs;
use std::io;

use nix::unistd::{Pid, SysconfVar, gettid, sysconf};

use crate::clock;
use crate::figures::process::{Memory, Sample, ThreadUse};

use super::text::number;

/// Names a thread of this process.
pub(crate) type Thread = Pid;

/// The calling thread.
pub(crate) fn this_thread() -> Thread {
    gettid()
}

/// Looks at a thread of this process now; None if it is gone.
pub(crate) fn thread(thread: Pid) -> Option<ThreadUse> {
    let folder = format!("/proc/self/task/{thread}");
    let stat = fs::read_to_string(format!("{folder}/stat")).ok()?;
    let status = fs::read_to_string(format!("{folder}/status")).ok()?;
    // The name stands in brackets and may hold anything; of what follows it, the ticks are the 12th and 13th.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let tick = u64::try_from(sysconf(SysconfVar::CLK_TCK).ok()??).ok()?;
    let mut nanoseconds = || Some(fields.next()?.parse::<u64>().ok()? * (1_000_000_000 / tick.max(1)));
    Some(ThreadUse {
        cpu_user_ns: nanoseconds()?,
        cpu_system_ns: nanoseconds()?,
        voluntary_switches: number(&status, "voluntary_ctxt_switches:")?,
        involuntary_switches: number(&status, "nonvoluntary_ctxt_switches:")?,
    })
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
    Ok(Sample { at, cpu, switches: Some(switches) })
}

/// The memory of process `pid` now.
pub(crate) fn memory(pid: u32) -> io::Result<Memory> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let bytes = |name| number(&status, name).unwrap_or(0) * 1024;
    Ok(Memory { locked: Some(bytes("VmLck:")), resident: bytes("VmRSS:") })
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
    fn a_thread_that_works_is_seen_to() {
        let me = this_thread();
        let before = thread(me).unwrap();
        let mut now = before;
        while now.cpu_user_ns + now.cpu_system_ns == before.cpu_user_ns + before.cpu_system_ns {
            now = thread(me).unwrap();
        }
        assert!(now.cpu_user_ns >= before.cpu_user_ns && now.cpu_system_ns >= before.cpu_system_ns);
        assert_eq!(thread(Pid::from_raw(0x3fff_fff0)), None);
    }

    #[test]
    fn resident_memory_is_in_bytes() {
        let memory = memory(std::process::id()).unwrap();
        assert!(memory.resident > 100_000, "{memory:?}");
    }
}
