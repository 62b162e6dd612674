//! Whether anybody else used the processors while something was measured.
//!
//! ```text
//!   all that the processors did    ├──────────────────────────────┤  /proc/stat, in hundredths of a second
//!   of it: driver, its children    ├───────────────────────┤         getrusage
//!          the sender, still alive                         ├─┤      its clock
//!   somebody else                                            ├──┤
//! ```

use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use ringport_stand::Failure;
use ringport_stand::process::cpu_of;

/// A processor second of `/proc/stat`.
const TICKS: f64 = 100.0;
/// The share of the time that somebody else may have, and what the ticks cannot tell.
const SHARE: f64 = 0.06;
const UNKNOWN: f64 = 0.03;
/// How long nothing may run before something is measured.
const STILL: Duration = Duration::from_millis(120);

/// What was used so far, in processor seconds.
pub(crate) struct Mark {
    at: Instant,
    all: f64,
    own: f64,
}

impl Mark {
    /// As of now; `senders` are the processes of ours that outlive a measurement.
    pub(crate) fn set(senders: &[u32]) -> Result<Mark, Failure> {
        let mut own = 0.0;
        for sender in senders {
            own += cpu_of(*sender)? as f64 / 1e9;
        }
        for who in [UsageWho::RUSAGE_SELF, UsageWho::RUSAGE_CHILDREN] {
            let usage = getrusage(who)?;
            own +=
                (usage.user_time().num_microseconds() + usage.system_time().num_microseconds()) as f64 / 1e6;
        }
        Ok(Mark { at: Instant::now(), all: busy()?, own })
    }

    /// Whether others left the processors to us since then. What a process uses counts when it has ended.
    pub(crate) fn was_left_alone(&self, senders: &[u32]) -> Result<bool, Failure> {
        let now = Mark::set(senders)?;
        let others = (now.all - self.all) - (now.own - self.own);
        Ok(others < SHARE * self.at.elapsed().as_secs_f64() + UNKNOWN)
    }
}

/// Sleeps until nothing runs, until `end` at most.
pub(crate) fn wait_for_silence(end: Instant) -> Result<(), Failure> {
    while Instant::now() < end {
        let before = busy()?;
        std::thread::sleep(STILL);
        if busy()? - before < 2.0 / TICKS {
            break;
        }
    }
    Ok(())
}

/// What all processors did, in seconds.
fn busy() -> Result<f64, Failure> {
    let text = std::fs::read_to_string("/proc/stat")?;
    let line = text.lines().next().unwrap_or_default();
    let numbers = line.split_whitespace().skip(1).map(str::parse).collect::<Result<Vec<f64>, _>>()?;
    match numbers.as_slice() {
        [user, nice, system, _idle, _io, interrupts, soft, stolen, ..] => {
            Ok((user + nice + system + interrupts + soft + stolen) / TICKS)
        }
        _ => Err("/proc/stat does not say what the processors did".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_work_is_no_disturbance() {
        let sender = &[std::process::id()];
        let before = Mark::set(sender).unwrap();
        let used = cpu_of(std::process::id()).unwrap();
        while cpu_of(std::process::id()).unwrap() - used < 20_000_000 {}
        let after = Mark::set(sender).unwrap();
        // Twice, as it stands for the sender as well.
        assert!(after.own - before.own >= 0.03 && after.all >= before.all);
        assert!(before.was_left_alone(sender).is_ok());
    }
}
