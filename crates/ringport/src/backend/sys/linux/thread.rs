//! The calling thread: its processors, what it has used, and how late its timers may be.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::time::Duration;

use super::checked;

const WORD_BITS: usize = libc::c_ulong::BITS as usize;
/// The kernel counts processors up to this number in the mask of the C library.
const MOST_PROCESSORS: usize = 1024;
type Mask = [libc::c_ulong; MOST_PROCESSORS / WORD_BITS];

/// Lets the calling thread run on these processors only.
///
/// [`io::ErrorKind::InvalidInput`] when none of them exists, or one is numbered 1024 or above.
pub(crate) fn set_affinity(processors: &[usize]) -> io::Result<()> {
    let mut mask: Mask = [0; MOST_PROCESSORS / WORD_BITS];
    for &processor in processors {
        let word = mask.get_mut(processor / WORD_BITS).ok_or(io::ErrorKind::InvalidInput)?;
        *word |= 1 << (processor % WORD_BITS);
    }
    // SAFETY: `mask` is as long as stated; thread 0 is the calling one.
    checked(unsafe { libc::sched_setaffinity(0, size_of::<Mask>(), mask.as_ptr().cast()) })?;
    Ok(())
}

/// The processors that the calling thread may run on, in ascending order.
#[cfg(test)]
pub(crate) fn affinity() -> io::Result<Vec<usize>> {
    let mut mask: Mask = [0; MOST_PROCESSORS / WORD_BITS];
    // SAFETY: `mask` is valid for writing as many bytes as stated; thread 0 is the calling one.
    checked(unsafe { libc::sched_getaffinity(0, size_of::<Mask>(), mask.as_mut_ptr().cast()) })?;
    let allowed = |processor: &usize| mask[processor / WORD_BITS] >> (processor % WORD_BITS) & 1 == 1;
    Ok((0..MOST_PROCESSORS).filter(allowed).collect())
}

/// What a thread has used since it began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    /// Time on a processor in the program itself.
    pub(crate) user: Duration,
    /// Time on a processor in the kernel.
    pub(crate) system: Duration,
    /// Switches because the thread had to wait.
    pub(crate) voluntary_switches: u64,
    /// Switches because another thread was given its processor.
    pub(crate) involuntary_switches: u64,
}

/// What the calling thread has used.
pub(crate) fn usage() -> io::Result<Usage> {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: `usage` is a valid place for the answer.
    checked(unsafe { libc::getrusage(libc::RUSAGE_THREAD, usage.as_mut_ptr()) })?;
    // SAFETY: all of its fields are integers, for which zero is a value, and the call filled them.
    let usage = unsafe { usage.assume_init() };
    let duration = |time: libc::timeval| {
        Duration::from_secs(time.tv_sec as u64).saturating_add(Duration::from_micros(time.tv_usec as u64))
    };
    Ok(Usage {
        user: duration(usage.ru_utime),
        system: duration(usage.ru_stime),
        voluntary_switches: usage.ru_nvcsw as u64,
        involuntary_switches: usage.ru_nivcsw as u64,
    })
}

/// The calling thread's number, as `/proc/self/task` lists it.
pub(crate) fn number() -> u32 {
    // SAFETY: the call takes nothing and cannot fail.
    let number = unsafe { libc::gettid() };
    number as u32
}

/// What another thread of this process has used so far, as `/proc` tells it: processor time in whole ticks,
/// 10 ms as a rule. `None` once the thread has ended.
pub(crate) fn usage_of(number: u32) -> Option<Usage> {
    let stat = std::fs::read_to_string(format!("/proc/self/task/{number}/stat")).ok()?;
    let status = std::fs::read_to_string(format!("/proc/self/task/{number}/status")).ok()?;
    // The name, in brackets, may hold spaces and brackets. After it comes field 3, the state.
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<u64>().ok();
    let (user, system) = (ticks()?, ticks()?);
    // SAFETY: the call takes a number and returns one.
    let a_second = u64::try_from(unsafe { libc::sysconf(libc::_SC_CLK_TCK) }).unwrap_or(100).max(1);
    let duration = |ticks: u64| Duration::from_micros(ticks.saturating_mul(1_000_000) / a_second);
    let switches = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim_start_matches(':').trim().parse().ok()
    };
    Some(Usage {
        user: duration(user),
        system: duration(system),
        voluntary_switches: switches("voluntary_ctxt_switches")?,
        involuntary_switches: switches("nonvoluntary_ctxt_switches")?,
    })
}

/// Whether a thread of this process sleeps at this moment, as `/proc` tells it: it waits for something, or for a
/// disk. One that could run and has no processor does not sleep.
///
/// An error when there is no such thread, or no `/proc`.
pub(crate) fn is_asleep(number: u32) -> io::Result<bool> {
    // Without an allocation, for a monitor does it again and again.
    let mut path = [0; 48];
    let mut rest = path.as_mut_slice();
    write!(rest, "/proc/self/task/{number}/stat")?;
    let room = rest.len();
    let path = path.get(..path.len() - room).unwrap_or_default();
    let mut begin = [0; 64];
    let length = File::open(OsStr::from_bytes(path))?.read(&mut begin)?;
    let stat = begin.get(..length).unwrap_or_default();
    // The name, in brackets and no longer than 15 bytes, may be anything. After it come a space and the state.
    let state = stat.iter().rposition(|&byte| byte == b')').and_then(|end| stat.get(end + 2));
    match state {
        Some(b'S' | b'D') => Ok(true),
        Some(_) => Ok(false),
        None => Err(io::ErrorKind::InvalidData.into()),
    }
}

/// How much later than asked the timers of the calling thread may fire: 50 us when nobody says otherwise.
/// Zero, which the kernel reads as "back to the default", becomes one nanosecond.
pub(crate) fn set_timer_slack(slack: Duration) -> io::Result<()> {
    let nanoseconds = libc::c_ulong::try_from(slack.as_nanos()).unwrap_or(libc::c_ulong::MAX).max(1);
    // SAFETY: this request takes a number and no pointer.
    checked(unsafe { libc::prctl(libc::PR_SET_TIMERSLACK, nanoseconds, 0, 0, 0) })?;
    Ok(())
}

/// The timer slack of the calling thread.
#[cfg(test)]
pub(crate) fn timer_slack() -> io::Result<Duration> {
    // SAFETY: this request takes no pointer.
    let nanoseconds = checked(unsafe { libc::prctl(libc::PR_GET_TIMERSLACK, 0, 0, 0, 0) })?;
    Ok(Duration::from_nanos(nanoseconds as u64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn waiting_counts_as_a_voluntary_switch() {
        let before = usage().unwrap();
        // A thread whose processor is taken away for so long as it is about to sleep has not to wait any more.
        while usage().unwrap().voluntary_switches <= before.voluntary_switches {
            super::super::clock::sleep(Duration::from_micros(100)).unwrap();
        }
    }

    #[test]
    fn a_thread_is_seen_to_sleep_and_to_run() {
        assert!(!is_asleep(number()).unwrap());
        let (told, tell) = std::sync::mpsc::channel();
        let (end, ended) = std::sync::mpsc::channel::<()>();
        let other = thread::Builder::new().name("a) S (c".into()).spawn(move || {
            told.send(number()).unwrap();
            let _ = ended.recv();
        });
        let asleep = tell.recv().unwrap();
        while !is_asleep(asleep).unwrap() {
            thread::yield_now();
        }
        drop(end);
        other.unwrap().join().unwrap();
        while is_asleep(asleep).is_ok() {
            thread::yield_now();
        }
    }

    #[test]
    fn the_slack_is_that_of_the_thread() {
        let slack = thread::spawn(|| {
            set_timer_slack(Duration::from_micros(1)).unwrap();
            let one = timer_slack().unwrap();
            set_timer_slack(Duration::ZERO).unwrap();
            (one, timer_slack().unwrap())
        });
        assert_eq!(slack.join().unwrap(), (Duration::from_micros(1), Duration::from_nanos(1)));
    }
}
