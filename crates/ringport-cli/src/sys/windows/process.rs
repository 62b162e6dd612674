//! What a whole process has used: all its threads, those included that a library started for itself.

use std::io;
use std::os::windows::io::AsRawHandle;

use windows_sys::Win32::Foundation::FILETIME;
use windows_sys::Win32::System::ProcessStatus::{K32GetProcessMemoryInfo, PROCESS_MEMORY_COUNTERS};
use windows_sys::Win32::System::Threading::{
    GetCurrentThreadId, GetThreadTimes, OpenProcess, OpenThread, PROCESS_QUERY_LIMITED_INFORMATION,
    THREAD_QUERY_LIMITED_INFORMATION,
};

use crate::clock;
use crate::figures::process::{Memory, Sample, ThreadUse};

use super::handle::{checked, nanoseconds, owned};

/// Names a thread of this process.
pub(crate) type Thread = u32;

/// The calling thread.
pub(crate) fn this_thread() -> Thread {
    // SAFETY: the call takes nothing and cannot fail.
    unsafe { GetCurrentThreadId() }
}

/// Looks at a thread of this process now; None if it is gone. Its switches are not told.
pub(crate) fn thread(thread: Thread) -> Option<ThreadUse> {
    // SAFETY: the call takes no pointer, and what it returns is null, or open and ours.
    let thread = unsafe { owned(OpenThread(THREAD_QUERY_LIMITED_INFORMATION, 0, thread)) }.ok()?;
    let mut times = [FILETIME::default(); 4];
    let [begun, ended, kernel, user] = &mut times;
    // SAFETY: the handle is open, and the four places for the answers are valid.
    checked(unsafe { GetThreadTimes(thread.as_raw_handle(), begun, ended, kernel, user) }).ok()?;
    let [_, _, kernel, user] = times;
    Some(ThreadUse {
        cpu_user_ns: nanoseconds(user),
        cpu_system_ns: nanoseconds(kernel),
        ..ThreadUse::default()
    })
}

/// Looks at process `pid` now. Windows tells CPU time in units of 100 ns, and grants it in ticks of about 16 ms.
pub(crate) fn sample(pid: u32) -> io::Result<Sample> {
    let cpu = clock::cpu_of_process(pid)?;
    Ok(Sample { at: clock::now(), cpu, switches: None })
}

/// The memory of process `pid` now.
pub(crate) fn memory(pid: u32) -> io::Result<Memory> {
    // SAFETY: the call takes no pointer, and what it returns is null, or open and ours.
    let process = unsafe { owned(OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, 0, pid)) }?;
    let mut counters = PROCESS_MEMORY_COUNTERS::default();
    let size = size_of::<PROCESS_MEMORY_COUNTERS>() as u32;
    // SAFETY: the handle is open, and the place for the answer is as large as stated.
    checked(unsafe { K32GetProcessMemoryInfo(process.as_raw_handle(), &mut counters, size) })?;
    Ok(Memory { locked: None, resident: counters.WorkingSetSize as u64 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_works_is_seen_to() {
        let me = this_thread();
        let used = || thread(me).map(|used| used.cpu_user_ns + used.cpu_system_ns).unwrap();
        let before = used();
        while used() == before {}
        assert_eq!(thread(0x3fff_fff0), None);
    }

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
