//! What a request queue may have outstanding, counted by many threads.
//!
//! ```text
//!   word  [ limit : 32 | outstanding : 32 ]     one step changes and judges both
//! ```

use crate::memory::atomic::{AtomicU32, AtomicU64, Ordering};

/// One direction of a request queue.
#[derive(Debug)]
pub(crate) struct Quota {
    word: AtomicU64,
    buffers: AtomicU32,
}

impl Quota {
    pub(crate) fn new(limit: u32, buffers: u32) -> Quota {
        Quota { word: AtomicU64::new(word(limit, 0)), buffers: AtomicU32::new(buffers) }
    }

    pub(crate) fn limit(&self) -> u32 {
        limit(self.word.load(Ordering::Relaxed))
    }

    pub(crate) fn buffers(&self) -> u32 {
        self.buffers.load(Ordering::Relaxed)
    }

    pub(crate) fn outstanding(&self) -> u32 {
        outstanding(self.word.load(Ordering::Relaxed))
    }

    /// Charges a request, if the limit allows it. One that is refused leaves no trace, not for a moment: another
    /// thread could be refused for it. Ordered after whoever freed the place.
    #[inline]
    pub(crate) fn charge(&self) -> bool {
        self.charge_all(1)
    }

    /// Charges so many at a time, or none.
    #[inline]
    pub(crate) fn charge_all(&self, count: u32) -> bool {
        let mut seen = self.word.load(Ordering::Relaxed);
        while count <= limit(seen).saturating_sub(outstanding(seen)) {
            let more = seen + u64::from(count);
            match self.word.compare_exchange_weak(seen, more, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => return true,
                Err(now) => seen = now,
            }
        }
        false
    }

    /// Requests were dequeued. Ordered before whoever takes their places.
    #[inline]
    pub(crate) fn release(&self, count: u32) {
        self.word.fetch_sub(count.into(), Ordering::AcqRel);
    }

    /// Whether nothing is outstanding. Of two threads of which one closes and one releases, and that both ask
    /// afterwards, one at least finds it so: to ask is a step in the order of the word's changes.
    pub(crate) fn is_free(&self) -> bool {
        outstanding(self.word.fetch_add(0, Ordering::AcqRel)) == 0
    }

    /// Changes the limits; `false`, and nothing is changed, when more is outstanding.
    pub(crate) fn resize(&self, limit: u32, buffers: u32) -> bool {
        let mut seen = self.word.load(Ordering::Relaxed);
        while outstanding(seen) <= limit {
            let next = word(limit, outstanding(seen));
            match self.word.compare_exchange_weak(seen, next, Ordering::AcqRel, Ordering::Relaxed) {
                Ok(_) => {
                    self.buffers.store(buffers, Ordering::Relaxed);
                    return true;
                }
                Err(now) => seen = now,
            }
        }
        false
    }
}

fn word(limit: u32, outstanding: u32) -> u64 {
    u64::from(limit) << 32 | u64::from(outstanding)
}

fn limit(word: u64) -> u32 {
    (word >> 32) as u32
}

fn outstanding(word: u64) -> u32 {
    word as u32
}
