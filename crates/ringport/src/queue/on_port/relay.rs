//! One thread works for all that call.
//!
//! ```text
//!   thread A ──► calls = 0 ─► 1: A works
//!   thread B ──► calls = 1 ─► 2: B leaves; A sees the count and works once more
//!                                A sets it back to 0 when nobody has called since it last began
//! ```

use crate::memory::atomic::{AtomicU32, Ordering};

/// See the module.
#[derive(Debug)]
pub(crate) struct Relay(AtomicU32);

impl Relay {
    pub(crate) fn new() -> Relay {
        Relay(AtomicU32::new(0))
    }

    /// Works, at least once after this call began: in this thread, or in one that is at it.
    #[inline]
    pub(crate) fn call(&self, mut work: impl FnMut()) {
        if self.0.fetch_add(1, Ordering::AcqRel) > 0 {
            return;
        }
        loop {
            let seen = self.0.load(Ordering::Acquire);
            work();
            if self.0.compare_exchange(seen, 0, Ordering::AcqRel, Ordering::Acquire).is_ok() {
                return;
            }
        }
    }
}
