//! Which thread runs on which processor.

use std::io;

/// Two processors this process may use.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cpus {
    /// Where everything that is measured runs.
    pub(crate) here: usize,
    /// Where senders run that are to be on another one; the same where there is only one.
    pub(crate) other: usize,
}

/// The first two processors of those that this process may use.
pub(crate) fn two_cpus() -> io::Result<Cpus> {
    let mut set = empty();
    // SAFETY: the call writes at most the stated size to `set`.
    if unsafe { libc::sched_getaffinity(0, size_of::<libc::cpu_set_t>(), &mut set) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the macro reads a bit of `set`; every index below its size is inside.
    let allowed = |cpu: &usize| unsafe { libc::CPU_ISSET(*cpu, &set) };
    let mut cpus = (0..libc::CPU_SETSIZE as usize).filter(allowed);
    let here = cpus.next().unwrap_or(0);
    Ok(Cpus { here, other: cpus.next().unwrap_or(here) })
}

/// Binds the calling thread to one processor.
pub(crate) fn pin(cpu: usize) -> io::Result<()> {
    let mut set = empty();
    // SAFETY: `cpu` came from a set of the same size, so its bit is inside.
    unsafe { libc::CPU_SET(cpu, &mut set) };
    // SAFETY: the call reads the stated size of `set`.
    if unsafe { libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &set) } != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

fn empty() -> libc::cpu_set_t {
    // SAFETY: a set of processors is an array of integers; all zeroes is the empty set.
    unsafe { std::mem::zeroed() }
}
