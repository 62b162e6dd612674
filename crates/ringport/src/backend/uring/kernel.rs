//! Calls into the kernel for one ring: the only place that enters it.

use std::io;
use std::mem::MaybeUninit;
use std::time::Duration;

use io_uring::{IoUring, cqueue, squeue, types};

/// `IORING_ENTER_GETEVENTS`: also run the work that the kernel deferred to us.
const GET_EVENTS: u32 = 1;

/// How many completion entries are looked at together.
pub(super) const CHUNK: usize = 64;

/// What a multishot receive takes in one go before it lets others run.
const PASS: usize = 32;

/// A call that brings fewer completions has found the end of what was there: the next would only run after
/// single datagrams as they come.
pub(super) const SHORT: usize = PASS / 2;

/// A ring, its system calls counted.
pub(super) struct Kernel {
    ring: IoUring,
    calls: u64,
    fault: Option<i32>,
    minimum_wait: bool,
}

impl std::fmt::Debug for Kernel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kernel").field("calls", &self.calls).field("fault", &self.fault).finish()
    }
}

impl Kernel {
    pub(super) fn new(ring: IoUring, minimum_wait: bool) -> Kernel {
        Kernel { ring, calls: 0, fault: None, minimum_wait }
    }

    pub(super) fn calls(&self) -> u64 {
        self.calls
    }

    pub(super) fn count_call(&mut self) {
        self.calls += 1;
    }

    pub(super) fn calls_mut(&mut self) -> &mut u64 {
        &mut self.calls
    }

    pub(super) fn fault(&self) -> Option<i32> {
        self.fault
    }

    pub(super) fn ring(&mut self) -> &mut IoUring {
        &mut self.ring
    }

    /// Queues one entry, submitting what is queued when there is no room.
    ///
    /// # Safety
    /// Everything the entry points at must stay valid until its final completion was reaped.
    pub(super) unsafe fn push(&mut self, entry: &squeue::Entry) -> io::Result<()> {
        // SAFETY: the caller keeps the entry's memory valid.
        while unsafe { self.ring.submission().push(entry) }.is_err() {
            self.enter(0)?;
        }
        Ok(())
    }

    /// Copies completion entries out of shared memory, as many as are there and fit.
    pub(super) fn take<'chunk>(
        &mut self,
        chunk: &'chunk mut [MaybeUninit<cqueue::Entry>],
    ) -> &'chunk mut [cqueue::Entry] {
        self.ring.completion().fill(chunk)
    }

    /// How many completions are in shared memory.
    pub(super) fn completed(&mut self) -> usize {
        self.ring.completion().len()
    }

    /// Whether a call would bring something: entries to submit, deferred work, or overflown completions.
    /// A look at shared memory only.
    pub(super) fn has_work(&mut self) -> bool {
        let queue = self.ring.submission();
        !queue.is_empty() || queue.taskrun() || queue.cq_overflow()
    }

    /// Submits what is queued and runs deferred work. Sleeps until `want` completions are there; with
    /// `want` 0 it never sleeps.
    pub(super) fn enter(&mut self, want: u32) -> io::Result<()> {
        let queued = self.ring.submission().len() as u32;
        self.calls += 1;
        // SAFETY: flags and counts are those of the documented call and no argument is passed.
        let result = unsafe { self.ring.submitter().enter::<libc::sigset_t>(queued, want, GET_EVENTS, None) };
        self.judge(result)
    }

    /// Submits what is queued and runs deferred work for about `room` completions, without sleeping.
    ///
    /// One call runs one pass of each waiting request. Asked for N completions when N are there already, it
    /// runs up to N passes and returns at once: so once a full pass shows that there is a backlog, one more
    /// call takes the rest of it.
    pub(super) fn run_deferred(&mut self, room: usize) -> io::Result<()> {
        self.enter(0)?;
        let there = self.completed();
        let passes = (room.saturating_sub(there) / PASS).min(there);
        if there >= PASS && passes > 0 && self.has_work() {
            self.enter(passes as u32)?;
        }
        Ok(())
    }

    /// Sleeps until one completion is there or `time` is over. With `gather`, sleeps on for up to that
    /// long for more.
    pub(super) fn sleep(&mut self, time: Option<Duration>, gather: Duration) -> io::Result<()> {
        // The kernel counts what is there already, and ends the minimum wait when anything is.
        let (minimum, want) = match gather {
            gather if self.minimum_wait && !gather.is_zero() => (gather, CHUNK),
            _ => (Duration::ZERO, 1),
        };
        let timespec = time.map(|time| types::Timespec::new().sec(time.as_secs()).nsec(time.subsec_nanos()));
        let mut arguments = types::SubmitArgs::new().min_wait_usec(minimum.as_micros() as u32);
        if let Some(timespec) = timespec.as_ref() {
            arguments = arguments.timespec(timespec);
        }
        self.calls += 1;
        let result = self.ring.submitter().submit_with_args(want, &arguments);
        self.judge(result)
    }

    /// Tells passing conditions from a broken ring.
    fn judge(&mut self, result: io::Result<usize>) -> io::Result<()> {
        let Err(error) = result else { return Ok(()) };
        match error.raw_os_error() {
            // A signal, the end of the time, or completions that must be taken first.
            Some(libc::EINTR | libc::ETIME | libc::EBUSY | libc::EAGAIN) => Ok(()),
            other => {
                self.fault = other.or(Some(libc::EIO));
                Err(error)
            }
        }
    }
}
