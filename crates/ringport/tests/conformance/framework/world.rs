//! What a row is given: its backend, which rule is broken if any, and how long it may wait.

use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::backends::Backend;

/// See the module. Handles of the rig keep a clone each.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) backend: &'static Backend,
    broken: Option<Arc<str>>,
    patience: Duration,
    memory: Arc<Mutex<Memory>>,
}

/// What faults remember from one call to the next, of whatever handle.
#[derive(Default)]
struct Memory {
    notes: HashMap<&'static str, u64>,
    kept: Vec<Box<dyn Any + Send>>,
}

impl World {
    pub(super) fn new(backend: &'static Backend, broken: Option<&str>, patience: Duration) -> World {
        World { backend, broken: broken.map(Arc::from), patience, memory: Arc::default() }
    }

    /// Whether the rule of the row of this name is broken here. Asked by the rig only.
    pub(crate) fn breaks(&self, row: &str) -> bool {
        self.broken.as_deref() == Some(row)
    }

    /// After this a row that waits in vain fails. Nothing is measured by it.
    pub(crate) fn patience(&self) -> Duration {
        self.patience
    }

    /// Looks again and again until there is something to see, and fails when patience is at its end.
    pub(crate) fn until<T>(&self, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
        let start = Instant::now();
        loop {
            if let Some(seen) = look() {
                return seen;
            }
            assert!(start.elapsed() < self.patience, "waited in vain: {what}");
            std::thread::yield_now();
        }
    }

    /// Sets what is remembered under this name. For faults only, as all that follows.
    pub(crate) fn note(&self, name: &'static str, value: u64) {
        self.memory().notes.insert(name, value);
    }

    /// What was remembered under this name; 0 at first.
    pub(crate) fn noted(&self, name: &'static str) -> u64 {
        self.memory().notes.get(name).copied().unwrap_or(0)
    }

    /// Adds to what is remembered under this name, and gives the sum.
    pub(crate) fn count(&self, name: &'static str, more: u64) -> u64 {
        let mut memory = self.memory();
        let value = memory.notes.entry(name).or_default();
        *value += more;
        *value
    }

    /// Keeps something from being dropped until the row has ended.
    pub(crate) fn keep(&self, thing: impl Any + Send) {
        self.memory().kept.push(Box::new(thing));
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
