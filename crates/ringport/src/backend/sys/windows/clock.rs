//! The clock, and waiting on it.

use std::io;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// Now, in nanoseconds. Only differences mean anything.
pub(crate) fn now() -> u64 {
    static BEGIN: OnceLock<Instant> = OnceLock::new();
    BEGIN.get_or_init(Instant::now).elapsed().as_nanos() as u64
}

/// Processor time that this thread has used so far, in nanoseconds.
pub(crate) fn thread_time() -> u64 {
    super::thread::usage().map_or(0, |usage| (usage.user + usage.system).as_nanos() as u64)
}

/// Sleeps.
pub(crate) fn sleep(duration: Duration) -> io::Result<()> {
    std::thread::sleep(duration);
    Ok(())
}
