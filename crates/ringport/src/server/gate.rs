//! The gate before the threads: nobody serves until all are set up, or nobody serves at all.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Where the threads of a server wait for each other.
#[derive(Debug)]
pub(super) struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    missing: usize,
    failed: bool,
}

/// The right of one thread to arrive, once. Dropping it without arriving means that the thread failed.
pub(super) struct Arrival<'gate> {
    gate: &'gate Gate,
    arrived: bool,
}

impl Gate {
    pub(super) fn new(threads: usize) -> Gate {
        Gate { state: Mutex::new(State { missing: threads, failed: false }), changed: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn arrival(&self) -> Arrival<'_> {
        Arrival { gate: self, arrived: false }
    }

    /// Waits for all threads; whether all are ready.
    pub(super) fn all_ready(&self) -> bool {
        let waiting = |state: &mut State| state.missing > 0 && !state.failed;
        let state = self.changed.wait_while(self.state(), waiting).unwrap_or_else(PoisonError::into_inner);
        !state.failed
    }
}

impl Arrival<'_> {
    /// The thread is set up. Waits for the others; whether to serve.
    pub(super) fn ready(mut self) -> bool {
        self.arrived = true;
        self.gate.state().missing -= 1;
        self.gate.changed.notify_all();
        self.gate.all_ready()
    }
}

impl Drop for Arrival<'_> {
    fn drop(&mut self) {
        if !self.arrived {
            self.gate.state().failed = true;
            self.gate.changed.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn all_pass_or_none_does() {
        for failing in [false, true] {
            let gate = Gate::new(3);
            let passed = thread::scope(|scope| {
                let threads: Vec<_> = (0..3)
                    .map(|number| {
                        let arrival = gate.arrival();
                        scope.spawn(move || !(failing && number == 1) && arrival.ready())
                    })
                    .collect();
                assert_eq!(gate.all_ready(), !failing);
                threads.into_iter().filter(|_| true).map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
            });
            assert_eq!(passed, [!failing; 3]);
        }
    }
}
