//! What a process costs, seen from outside, and which processor it has.

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::time::ClockId;
use nix::unistd::Pid;

use crate::Failure;

/// Nanoseconds of processor time that process `pid` has used in all its threads, user and system, those that
/// ended included.
pub fn cpu_of(pid: u32) -> Result<u64, Failure> {
    let time = ClockId::pid_cpu_clock_id(Pid::from_raw(i32::try_from(pid)?))?.now()?;
    Ok(u64::try_from(time.tv_sec())? * 1_000_000_000 + u64::try_from(time.tv_nsec())?)
}

/// Context switches of all threads that process `pid` has now, wanted by them or not. Those of threads that ended
/// are not told by the system.
pub fn switches_of(pid: u32) -> Result<u64, Failure> {
    let mut switches = 0;
    for task in std::fs::read_dir(format!("/proc/{pid}/task"))? {
        // A thread may end while its figures are read.
        let status = std::fs::read_to_string(task?.path().join("status")).unwrap_or_default();
        let lines = status.lines().filter_map(|line| line.split_once("voluntary_ctxt_switches:"));
        switches += lines.filter_map(|(_, number)| number.trim().parse::<u64>().ok()).sum::<u64>();
    }
    Ok(switches)
}

/// A processor for the sender and one for the receiver, where two are allowed.
pub fn two_processors() -> Result<Option<(usize, usize)>, Failure> {
    let allowed = sched_getaffinity(Pid::this())?;
    let mut numbers = (0..CpuSet::count()).filter(|&number| allowed.is_set(number).unwrap_or(false));
    Ok(numbers.next().zip(numbers.next()))
}

/// Keeps this thread and those it will start on one processor.
pub fn pin(processor: Option<usize>) -> Result<(), Failure> {
    if let Some(processor) = processor {
        let mut set = CpuSet::new();
        set.set(processor)?;
        sched_setaffinity(Pid::this(), &set)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_working_process_uses_processor_time() {
        let pid = std::process::id();
        let before = cpu_of(pid).unwrap();
        let mut number = 1_u64;
        while cpu_of(pid).unwrap() == before {
            number = std::hint::black_box(number.wrapping_mul(3));
        }
        assert!(cpu_of(0x3fff_fff0).is_err());
    }

    #[test]
    fn a_process_that_sleeps_switches() {
        let pid = std::process::id();
        let before = switches_of(pid).unwrap();
        while switches_of(pid).unwrap() == before {
            std::thread::yield_now();
        }
        assert!(switches_of(0x3fff_fff0).is_err());
    }
}
