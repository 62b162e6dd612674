//! How many connections are open, for whoever waits until none is.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Population {
    open: Mutex<u32>,
    is_empty: Condvar,
}

impl Population {
    /// A connection came.
    pub(crate) fn came(&self) {
        *self.open() += 1;
    }

    /// A connection is gone.
    pub(crate) fn went(&self) {
        let mut open = self.open();
        *open = open.saturating_sub(1);
        if *open == 0 {
            self.is_empty.notify_all();
        }
    }

    /// Whether nobody is there.
    pub(crate) fn is_empty(&self) -> bool {
        *self.open() == 0
    }

    /// Waits until nobody is there, so long at most; whether that is so.
    pub(crate) fn wait_until_empty(&self, time: Duration) -> bool {
        let waited = self.is_empty.wait_timeout_while(self.open(), time, |open| *open > 0);
        let (open, _) = waited.unwrap_or_else(PoisonError::into_inner);
        *open == 0
    }

    fn open(&self) -> MutexGuard<'_, u32> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_waits_is_told_by_the_last() {
        let population = Population::default();
        assert!(population.wait_until_empty(Duration::ZERO));
        population.came();
        population.came();
        assert!(!population.is_empty() && !population.wait_until_empty(Duration::from_millis(1)));
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| population.wait_until_empty(Duration::from_secs(60)));
            population.went();
            population.went();
            assert!(waiting.join().unwrap());
        });
    }
}
