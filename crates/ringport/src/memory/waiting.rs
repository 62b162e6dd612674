//! Those who wait for a slice: exhaustion re-arms when buffers return, not by a timer.
//!
//! ```text
//!   waiter:   take fails -> announce: put on this list, then the WAITING bit in every dry free list -> sleeps
//!   returner: push takes the bit away in the same step that brings the slot home -> calls all on this list
//! ```
//!
//! A return that nobody waits for pays one test of a bit it has loaded anyway. The list keeps its room, so waiting
//! again and again allocates nothing; and it does not keep a waiter alive, so one that is closed while its pool
//! stays dry leaves nothing open.

use std::fmt;
use std::sync::{Arc, Weak};

/// Told, on the returning thread, that a pool has free slices again. It should only leave a note (set a flag, write
/// an event); taking from the pool in here is allowed.
pub(crate) trait Replenished: Send + Sync {
    fn replenished(&self);
}

struct Entry {
    /// Rises with every entry, so that a walk ends although those it wakes announce themselves again.
    serial: u64,
    waker: Weak<dyn Replenished>,
}

/// In the order of their serials.
#[derive(Default)]
pub(crate) struct Waiting {
    entries: Vec<Entry>,
    last_serial: u64,
}

impl fmt::Debug for Waiting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Waiting").field("entries", &self.entries.len()).finish_non_exhaustive()
    }
}

impl Waiting {
    /// Puts a waker on the list, once.
    pub(crate) fn announce(&mut self, waker: &Arc<dyn Replenished>) {
        let waker = Arc::downgrade(waker);
        self.entries.retain(|entry| entry.waker.strong_count() > 0);
        if !self.entries.iter().any(|entry| entry.waker.ptr_eq(&waker)) {
            self.last_serial += 1;
            self.entries.push(Entry { serial: self.last_serial, waker });
        }
    }

    /// Takes a waker off the list.
    pub(crate) fn withdraw(&mut self, waker: &Arc<dyn Replenished>) {
        self.entries.retain(|entry| !std::ptr::addr_eq(entry.waker.as_ptr(), Arc::as_ptr(waker)));
    }

    /// The end of a walk that begins now.
    pub(crate) fn last_serial(&self) -> u64 {
        self.last_serial
    }

    /// Takes the next waker of a walk off the list.
    pub(crate) fn next(&mut self, until: u64) -> Option<Arc<dyn Replenished>> {
        while self.entries.first().is_some_and(|entry| entry.serial <= until) {
            if let Some(waker) = self.entries.remove(0).waker.upgrade() {
                return Some(waker);
            }
        }
        None
    }
}
