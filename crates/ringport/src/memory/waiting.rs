//! Those who wait for a slice: exhaustion re-arms when buffers return, not by a timer.
//!
//! ```text
//!   waiter:   take fails -> announce: entry marked, then the WAITING bit in every dry list -> sleeps
//!   returner: push takes the bit away in the same step that brings the slot home -> calls all marked entries
//! ```
//!
//! A return that nobody waits for pays one test of a bit it has loaded anyway.

use std::fmt;
use std::sync::Arc;

/// Told, on the returning thread, that a pool has free slices again. It should only leave a note (set a flag, write
/// an event); taking from the pool in here is allowed.
pub(crate) trait Replenished: Send + Sync {
    fn replenished(&self);
}

struct Entry {
    /// Rises with every entry, so that a walk survives entries coming and going between its steps.
    serial: u64,
    announced: bool,
    waker: Arc<dyn Replenished>,
}

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
    fn find(&mut self, waker: &Arc<dyn Replenished>) -> Option<&mut Entry> {
        self.entries.iter_mut().find(|entry| Arc::ptr_eq(&entry.waker, waker))
    }

    /// Makes room for a waker ahead of time, so that announcing it allocates nothing.
    pub(crate) fn watch(&mut self, waker: Arc<dyn Replenished>) {
        if self.find(&waker).is_none() {
            self.last_serial += 1;
            self.entries.push(Entry { serial: self.last_serial, announced: false, waker });
        }
    }

    pub(crate) fn unwatch(&mut self, waker: &Arc<dyn Replenished>) {
        self.entries.retain(|entry| !Arc::ptr_eq(&entry.waker, waker));
    }

    pub(crate) fn announce(&mut self, waker: &Arc<dyn Replenished>) {
        self.watch(Arc::clone(waker));
        if let Some(entry) = self.find(waker) {
            entry.announced = true;
        }
    }

    pub(crate) fn withdraw(&mut self, waker: &Arc<dyn Replenished>) {
        if let Some(entry) = self.find(waker) {
            entry.announced = false;
        }
    }

    /// The first announced entry with a serial above `after`; its announcement is used up.
    pub(crate) fn next_announced(&mut self, after: u64) -> Option<(u64, Arc<dyn Replenished>)> {
        let entry = self.entries.iter_mut().find(|entry| entry.announced && entry.serial > after)?;
        entry.announced = false;
        Some((entry.serial, Arc::clone(&entry.waker)))
    }
}
