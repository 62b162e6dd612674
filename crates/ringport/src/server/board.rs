//! Where the threads note their figures: written by one, read by any, without a lock.
//!
//! Each thread has cache lines of its own. Only the thread itself writes, so a count is a load and a store of
//! its own line, as cheap as a plain variable; a reader disturbs it only while it reads.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::counters::{QueueCounters, Results, ThreadCounters};
use super::delivery::Handled;
use super::design::ground::Ground;
use super::memory::{Extent, Memory};
use crate::backend::BackendKind;
use crate::backend::sys::thread::{self, Usage};
use crate::queue::RequestCounters;

/// A count that one thread writes.
#[derive(Debug, Default)]
pub(super) struct Count(AtomicU64);

impl Count {
    #[inline]
    pub(super) fn add(&self, more: u64) {
        self.set(self.get().wrapping_add(more));
    }

    #[inline]
    pub(super) fn set(&self, value: u64) {
        self.0.store(value, Relaxed);
    }

    #[inline]
    pub(super) fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }

    /// Adds where several threads write.
    #[inline]
    pub(super) fn add_among_others(&self, more: u64) {
        self.0.fetch_add(more, Relaxed);
    }
}

/// The notes of all threads, and what they share.
#[derive(Debug)]
pub(super) struct Board {
    threads: Box<[Notes]>,
    common: Mutex<Common>,
}

/// What the threads of a server stand on: the thing itself while it is there, its last figures after.
#[derive(Default)]
enum Common {
    #[default]
    None,
    Here(Ground),
    Gone(Box<(ThreadCounters, Vec<QueueCounters>)>),
}

impl std::fmt::Debug for Common {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Common").finish_non_exhaustive()
    }
}

impl Board {
    pub(super) fn new(threads: usize) -> Board {
        let threads = (0..threads).map(|_| Notes::default()).collect();
        Board { threads, common: Mutex::default() }
    }

    pub(super) fn threads(&self) -> impl Iterator<Item = &Notes> {
        self.threads.iter()
    }

    pub(super) fn of(&self, thread: usize) -> Option<&Notes> {
        self.threads.get(thread)
    }

    fn common(&self) -> MutexGuard<'_, Common> {
        self.common.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The threads stand on `ground`.
    pub(super) fn share(&self, ground: Ground) {
        *self.common() = Common::Here(ground);
    }

    /// The threads have ended: what they shared is let go, its figures stay.
    pub(super) fn unshare(&self) {
        let mut common = self.common();
        if let Common::Here(ground) = &*common {
            ground.settle(self);
            *common = Common::Gone(ground.figures().into());
        }
    }

    /// What was counted by none of the threads.
    pub(super) fn read_common(&self) -> (ThreadCounters, Vec<QueueCounters>) {
        match &*self.common() {
            Common::None => Default::default(),
            Common::Here(ground) => ground.figures(),
            Common::Gone(figures) => figures.as_ref().clone(),
        }
    }
}

/// The notes of one thread. Aligned so that no two threads share a line, nor the pair of lines that a
/// processor fetches together.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(super) struct Notes {
    pub(super) datagrams: Count,
    pub(super) bytes: Count,
    dequeues: Count,
    least: Count,
    most: Count,
    pub(super) empty_dequeues: Count,
    pub(super) notifications: Count,
    truncated: Count,
    runs: Count,
    pub(super) failed: Count,
    pub(super) unreachable: Count,
    unsegmented: Count,
    pub(super) rearmed: Count,
    pub(super) blocked: Count,
    pub(super) promised: Count,
    pub(super) sent: Count,
    pub(super) dropped: Count,
    pub(super) copies: Count,
    pub(super) copies_dropped: Count,
    pub(super) pool_waits: Count,
    pub(super) system_calls: Count,
    histogram: [Count; Results::BUCKETS],
    /// The system's number of the thread; 0 before it runs.
    number: AtomicU32,
    ended: AtomicBool,
    cold: Mutex<Cold>,
}

/// What is noted at the beginning and the end only.
#[derive(Debug, Default)]
struct Cold {
    memory: Option<Memory>,
    backend: Option<BackendKind>,
    /// Of memory that was let go.
    extent: Extent,
    usage: Usage,
}

impl Notes {
    fn cold(&self) -> MutexGuard<'_, Cold> {
        self.cold.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The calling thread begins to serve, with this memory if it has some of its own.
    pub(super) fn begin(&self, memory: Option<&Memory>) {
        self.cold().memory = memory.cloned();
        self.number.store(thread::number(), Relaxed);
    }

    /// The queues of the thread are carried by this backend.
    pub(super) fn runs_on(&self, backend: BackendKind) {
        self.cold().backend = Some(backend);
    }

    /// The calling thread ends. What it used is noted by itself, exactly; its memory is let go.
    pub(super) fn end(&self) {
        let usage = thread::usage().unwrap_or_default();
        let extent = self.extent();
        let mut cold = self.cold();
        (cold.memory, cold.extent, cold.usage) = (None, extent, usage);
        drop(cold);
        self.ended.store(true, Relaxed);
    }

    /// One dequeue that brought datagrams.
    #[inline]
    pub(super) fn batch(&self, Handled { datagrams, bytes, truncated, runs }: Handled) {
        self.datagrams.add(datagrams);
        if truncated > 0 {
            self.truncated.add(truncated);
        }
        if runs > 0 {
            self.runs.add(runs);
        }
        self.bytes.add(bytes);
        if self.dequeues.get() == 0 || datagrams < self.least.get() {
            self.least.set(datagrams);
        }
        if datagrams > self.most.get() {
            self.most.set(datagrams);
        }
        self.dequeues.add(1);
        if let Some(bucket) = self.histogram.get(Results::bucket(datagrams)) {
            bucket.add(1);
        }
    }

    /// What the request queue counted.
    pub(super) fn follow(&self, counters: &RequestCounters, system_calls: u64) {
        self.failed.set(counters.failed);
        self.unreachable.set(counters.unreachable);
        self.rearmed.set(counters.rearmed);
        self.blocked.set(counters.blocked);
        self.unsegmented.set(counters.unsegmented);
        self.system_calls.set(system_calls);
    }

    /// At the end: replies that have not left by now never will.
    pub(super) fn drop_unsent(&self) {
        self.dropped.set(self.promised.get().saturating_sub(self.sent.get()));
    }

    pub(super) fn extent(&self) -> Extent {
        let cold = self.cold();
        cold.memory.as_ref().map_or(cold.extent, Memory::extent)
    }

    /// What the thread used: as it noted itself at its end, as the system tells before.
    fn usage(&self) -> Usage {
        let number = self.number.load(Relaxed);
        if number == 0 || self.ended.load(Relaxed) {
            return self.cold().usage;
        }
        thread::usage_of(number).unwrap_or_else(|| self.cold().usage)
    }

    /// The figures as they stand.
    pub(super) fn read(&self, thread: usize) -> ThreadCounters {
        let mut histogram = [0; Results::BUCKETS];
        histogram.iter_mut().zip(&self.histogram).for_each(|(to, from)| *to = from.get());
        let usage = self.usage();
        ThreadCounters {
            thread,
            backend: self.cold().backend,
            datagrams: self.datagrams.get(),
            bytes: self.bytes.get(),
            results: Results {
                dequeues: self.dequeues.get(),
                min: self.least.get(),
                max: self.most.get(),
                total: self.datagrams.get(),
                histogram,
            },
            empty_dequeues: self.empty_dequeues.get(),
            notifications: self.notifications.get(),
            truncated: self.truncated.get(),
            runs: self.runs.get(),
            failed: self.failed.get(),
            unreachable: self.unreachable.get(),
            unsegmented: self.unsegmented.get(),
            rearmed: self.rearmed.get(),
            sends_blocked: self.blocked.get(),
            replies_promised: self.promised.get(),
            replies_sent: self.sent.get(),
            replies_dropped: self.dropped.get(),
            copies: self.copies.get(),
            copies_dropped: self.copies_dropped.get(),
            pool_waits: self.pool_waits.get(),
            system_calls: self.system_calls.get(),
            cpu_user: usage.user,
            cpu_system: usage.system,
            voluntary_switches: usage.voluntary_switches,
            involuntary_switches: usage.involuntary_switches,
        }
    }
}

/// What senders of other threads did. Several write, so these are added atomically; each stands beside a
/// system call, which costs a hundred times as much.
#[derive(Debug, Default)]
pub(super) struct PushCounts {
    sent: AtomicU64,
    failed: AtomicU64,
    waits: AtomicU64,
    waited: AtomicU64,
}

impl PushCounts {
    pub(super) fn sent(&self, datagrams: usize) {
        self.sent.fetch_add(datagrams as u64, Relaxed);
    }

    pub(super) fn failed(&self) {
        self.failed.fetch_add(1, Relaxed);
    }

    pub(super) fn waited(&self, time: Duration) {
        self.waits.fetch_add(1, Relaxed);
        self.waited.fetch_add(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX), Relaxed);
    }

    pub(super) fn read(&self) -> super::counters::PushCounters {
        super::counters::PushCounters {
            sent: self.sent.load(Relaxed),
            failed: self.failed.load(Relaxed),
            waits: self.waits.load(Relaxed),
            waited: Duration::from_nanos(self.waited.load(Relaxed)),
        }
    }
}
