//! What a whole process has used: all its threads, those included that a library started for itself.

/// CPU time and context switches of a process at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Sample {
    /// Nanoseconds of the monotonic clock.
    pub(crate) at: u64,
    /// Nanoseconds of CPU time, user and system, of all threads, ended ones included.
    pub(crate) cpu: u64,
    /// Voluntary and involuntary, of the threads that are there; None where the system does not count them.
    pub(crate) switches: Option<u64>,
}

/// Memory of a process, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Memory {
    /// What cannot be swapped out (VmLck on Linux); None where the system does not tell.
    pub(crate) locked: Option<u64>,
    /// What is in memory (VmRSS on Linux, the working set on Windows).
    pub(crate) resident: u64,
}

/// What one thread has used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ThreadUse {
    /// In steps of a tick: 10 ms as a rule on Linux, about 16 ms on Windows.
    pub(crate) cpu_user_ns: u64,
    pub(crate) cpu_system_ns: u64,
    pub(crate) voluntary_switches: u64,
    pub(crate) involuntary_switches: u64,
}
