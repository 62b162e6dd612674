//! What other threads may tell a completion queue.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::backend::EventDescriptor;
use crate::memory::Replenished;

/// Reasons to look, set by any thread and taken by the queue's own.
pub(super) const COMMIT: u32 = 1;
/// A pool has slices again.
pub(super) const REPLENISHED: u32 = 2;
/// Somebody wants `wait` to return.
pub(super) const WOKEN: u32 = 4;

/// Flags and the event that ends a sleep.
#[derive(Debug)]
pub(super) struct Signals {
    flags: AtomicU32,
    wake: EventDescriptor,
    /// The event that somebody's poll loop watches, if one does, and whether it is armed. The kernel tells
    /// it of `wake` as well, but not reliably: an event that is signalled from within another's signal is
    /// passed on only once by io_uring's event of a ring (seen with Linux 6.18).
    listener: OnceLock<Arc<EventDescriptor>>,
    listening: AtomicBool,
    /// Whose sends are to be committed, so that nobody asks a thousand request queues for one.
    wishes: Mutex<Vec<Arc<CommitFlag>>>,
}

impl Signals {
    pub(super) fn new() -> io::Result<Signals> {
        Ok(Signals {
            flags: AtomicU32::new(0),
            wake: EventDescriptor::new()?,
            listener: OnceLock::new(),
            listening: AtomicBool::new(false),
            wishes: Mutex::default(),
        })
    }

    /// Sets a flag and wakes the queue's thread unless the flag was set already.
    pub(super) fn raise(&self, flag: u32) {
        // Sequentially consistent with `listen`, then `pending`: one of the two threads sees the other.
        if self.flags.fetch_or(flag, Ordering::SeqCst) & flag == 0 {
            // It fails only when its counter is full, and then the sleep has been ended already.
            let _ = self.wake.signal();
            if flag != WOKEN
                && self.listening.load(Ordering::SeqCst)
                && let Some(listener) = self.listener.get()
            {
                let _ = listener.signal();
            }
        }
    }

    /// Sets a flag, and wakes nobody.
    #[cfg(windows)]
    pub(super) fn note(&self, flag: u32) {
        self.flags.fetch_or(flag, Ordering::SeqCst);
    }

    /// Has the sends of a request queue committed.
    pub(super) fn wish(&self, flag: &Arc<CommitFlag>) {
        if !flag.wanted.swap(true, Ordering::SeqCst) {
            self.wishes().push(Arc::clone(flag));
        }
        self.raise(COMMIT);
    }

    /// Swaps the wishes for an empty list.
    pub(super) fn take_wishes(&self, empty: &mut Vec<Arc<CommitFlag>>) {
        std::mem::swap(&mut *self.wishes(), empty);
    }

    fn wishes(&self) -> MutexGuard<'_, Vec<Arc<CommitFlag>>> {
        self.wishes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the event that a poll loop watches. The first call counts.
    pub(super) fn set_listener(&self, event: Arc<EventDescriptor>) {
        let _ = self.listener.set(event);
    }

    /// Whether that event is to be signalled, too. After switching it on, look at
    /// [`pending`](Signals::pending).
    pub(super) fn listen(&self, on: bool) {
        self.listening.store(on, Ordering::SeqCst);
    }

    /// Whether anything but `WOKEN` is set.
    pub(super) fn pending(&self) -> bool {
        self.flags.load(Ordering::SeqCst) & !WOKEN != 0
    }

    /// Whether any flag is set, `WOKEN` included.
    pub(super) fn has_any(&self) -> bool {
        self.flags.load(Ordering::SeqCst) != 0
    }

    /// Takes all flags but `WOKEN`; one load when there are none, which is the usual case.
    #[inline]
    pub(super) fn take(&self) -> u32 {
        if self.flags.load(Ordering::Relaxed) & !WOKEN == 0 {
            return 0;
        }
        self.flags.fetch_and(WOKEN, Ordering::AcqRel) & !WOKEN
    }

    /// Takes the wish to end a wait.
    pub(super) fn take_woken(&self) -> bool {
        if self.flags.load(Ordering::Relaxed) & WOKEN == 0 {
            return false;
        }
        self.flags.fetch_and(!WOKEN, Ordering::AcqRel) & WOKEN != 0
    }

    /// The event to sleep on.
    pub(super) fn event(&self) -> &EventDescriptor {
        &self.wake
    }
}

impl Replenished for Signals {
    fn replenished(&self) {
        self.raise(REPLENISHED);
    }
}

/// Ends the [`wait`](super::CompletionQueue::wait) of a queue from any thread; made by
/// [`waker`](super::CompletionQueue::waker).
///
/// A wake-up is not lost: one that comes while nobody waits ends the next wait at once. Several before it
/// count as one. It costs one atomic operation, and one system call unless one is pending already.
///
/// ```
/// use ringport::{CompletionQueue, WaitOutcome};
///
/// let mut queue = CompletionQueue::builder(16).event()?;
/// let waker = queue.waker()?;
/// queue.notify()?;
/// let other = std::thread::spawn(move || waker.wake());
/// assert_eq!(queue.wait(None)?, WaitOutcome::Woken);
/// other.join().unwrap();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Waker {
    pub(super) signals: Arc<Signals>,
}

impl Waker {
    /// Ends the wait that runs, or the next one.
    pub fn wake(&self) {
        self.signals.raise(WOKEN);
    }
}

/// The wish of a [`Committer`](super::Committer), for one request queue.
#[derive(Debug)]
pub(super) struct CommitFlag {
    /// Of the request queue, until that is closed.
    key: u32,
    /// It is among the [`wishes`](Signals::take_wishes).
    wanted: AtomicBool,
    closed: AtomicBool,
}

impl CommitFlag {
    pub(super) fn new(key: u32) -> CommitFlag {
        CommitFlag { key, wanted: AtomicBool::new(false), closed: AtomicBool::new(false) }
    }

    /// Whose request queue is to be committed, unless it was closed meanwhile.
    pub(super) fn take(&self) -> Option<u32> {
        // Before the commit: whoever wishes after this is heard again.
        self.wanted.store(false, Ordering::SeqCst);
        (!self.closed.load(Ordering::Relaxed)).then_some(self.key)
    }

    /// The request queue is closed: its key may become another's.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }
}
