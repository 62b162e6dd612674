//! What a request queue may have outstanding, counted by many threads.

use std::sync::atomic::{AtomicU32, Ordering};

/// One direction of a request queue.
#[derive(Debug)]
pub(super) struct Quota {
    limit: AtomicU32,
    buffers: AtomicU32,
    outstanding: AtomicU32,
}

impl Quota {
    pub(super) fn new(limit: u32, buffers: u32) -> Quota {
        Quota { limit: limit.into(), buffers: buffers.into(), outstanding: 0.into() }
    }

    pub(super) fn limit(&self) -> u32 {
        self.limit.load(Ordering::Relaxed)
    }

    pub(super) fn buffers(&self) -> u32 {
        self.buffers.load(Ordering::Relaxed)
    }

    pub(super) fn outstanding(&self) -> u32 {
        self.outstanding.load(Ordering::Relaxed)
    }

    /// Charges a request, if the limit allows it.
    #[inline]
    pub(super) fn charge(&self) -> bool {
        if self.outstanding.fetch_add(1, Ordering::Relaxed) < self.limit() {
            return true;
        }
        self.outstanding.fetch_sub(1, Ordering::Relaxed);
        false
    }

    /// Requests were dequeued. Ordered before whoever finds that none is left.
    #[inline]
    pub(super) fn release(&self, count: u32) {
        self.outstanding.fetch_sub(count, Ordering::AcqRel);
    }

    /// Changes the limits; `false`, and nothing is changed, when more is outstanding.
    pub(super) fn resize(&self, limit: u32, buffers: u32) -> bool {
        let old = self.limit.swap(limit, Ordering::AcqRel);
        if self.outstanding.load(Ordering::Acquire) > limit {
            self.limit.store(old, Ordering::Release);
            return false;
        }
        self.buffers.store(buffers, Ordering::Relaxed);
        true
    }
}
