//! The wish of a thread that goes to sleep to be woken for what is posted.
//!
//! Whoever posts pays for one look at a flag, and for a wake-up only when the sleeper wants one.

use crate::memory::atomic::{AtomicBool, Ordering, fence};

/// See the module.
#[derive(Debug)]
pub(crate) struct Wish(AtomicBool);

impl Wish {
    pub(crate) fn new() -> Wish {
        Wish(AtomicBool::new(false))
    }

    /// States the wish; false, and there is none, when something was posted already.
    pub(crate) fn state(&self, posted: impl FnOnce() -> bool) -> bool {
        self.0.store(true, Ordering::Relaxed);
        // Whoever posts after this sees the wish; what was posted before it is seen here.
        fence(Ordering::SeqCst);
        if posted() {
            self.withdraw();
            return false;
        }
        true
    }

    /// The sleep is over.
    pub(crate) fn withdraw(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    /// After posting: whether the sleeper is to be woken, by this thread alone. `wanted` says whether it is one of the
    /// posts that are wished for, which was settled before the wish was stated.
    #[inline]
    pub(crate) fn take(&self, wanted: impl FnOnce() -> bool) -> bool {
        // The sleeper states its wish before it looks: one of the two sees the other.
        fence(Ordering::SeqCst);
        self.0.load(Ordering::Relaxed) && wanted() && self.0.swap(false, Ordering::Relaxed)
    }
}
