//! What a whole process has used: all its threads, those included that a library started for itself.

use std::io;

use ringport::backend::tool;
use winsafe::HPROCESS;
use winsafe::co::{ERROR, PROCESS};
use winsafe::guard::CloseHandleGuard;

use crate::clock;
use crate::figures::process::{Memory, Sample, ThreadUse};

/// Names a thread of this process.
pub(crate) type Thread = u32;

/// The calling thread.
pub(crate) fn this_thread() -> Thread {
    tool::thread_number()
}

/// Looks at a thread of this process now; None if it is gone. Its switches are not told.
pub(crate) fn thread(thread: Thread) -> Option<ThreadUse> {
    let (user, system) = tool::thread_times(thread)?;
    Some(ThreadUse {
        cpu_user_ns: user.as_nanos() as u64,
        cpu_system_ns: system.as_nanos() as u64,
        ..ThreadUse::default()
    })
}

/// Opens a process to ask what it has used.
pub(super) fn open(pid: u32) -> io::Result<CloseHandleGuard<HPROCESS>> {
    HPROCESS::OpenProcess(PROCESS::QUERY_LIMITED_INFORMATION, false, pid).map_err(failed)
}

/// The system's error.
pub(super) fn failed(error: ERROR) -> io::Error {
    io::Error::from_raw_os_error(error.raw() as i32)
}

/// Looks at process `pid` now. Windows tells CPU time in units of 100 ns, and grants it in ticks of about 16 ms.
pub(crate) fn sample(pid: u32) -> io::Result<Sample> {
    let cpu = clock::cpu_of_process(pid)?;
    Ok(Sample { at: clock::now(), cpu, switches: None })
}

/// The memory of process `pid` now.
pub(crate) fn memory(pid: u32) -> io::Result<Memory> {
    let counters = open(pid)?.GetProcessMemoryInfo().map_err(failed)?;
    Ok(Memory { locked: None, resident: counters.WorkingSetSize as u64 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resident_memory_is_in_bytes() {
        let memory = memory(std::process::id()).unwrap();
        assert!(memory.resident > 100_000, "{memory:?}");
    }

    #[test]
    fn a_process_that_is_gone_is_not_told_of() {
        assert!(sample(0x3fff_fff0).is_err() && memory(0x3fff_fff0).is_err());
    }
}
