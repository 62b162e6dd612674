//! Files where the system has no other way of reading them beside the caller: a few threads that may block.
//!
//! They are started when the first file comes and when all others are busy, and end with the port.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};

use super::Outlet;
use super::attempt::transfer;
use super::table::{Place, Table};
use crate::backend::plain::Direction;

/// See the module.
pub(super) struct Files {
    most: usize,
    shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

struct Shared {
    table: Arc<Table>,
    outlet: Arc<dyn Outlet>,
    work: Mutex<Work>,
    more: Condvar,
}

#[derive(Default)]
struct Work {
    /// One for each operation that was pending when it was put here.
    queue: VecDeque<(Place, Direction)>,
    idle: usize,
    closed: bool,
}

impl Files {
    pub(super) fn new(most: usize, table: Arc<Table>, outlet: Arc<dyn Outlet>) -> Files {
        let shared = Shared { table, outlet, work: Mutex::default(), more: Condvar::new() };
        Files { most: most.max(1), shared: Arc::new(shared), threads: Mutex::default() }
    }

    /// Makes sure that there is a thread.
    pub(super) fn begin(&self) -> io::Result<()> {
        let mut threads = self.threads();
        if threads.is_empty() {
            threads.push(self.spawn()?);
        }
        Ok(())
    }

    /// Has one more operation done.
    pub(super) fn push(&self, place: Place, direction: Direction) {
        let mut work = self.shared.lock();
        work.queue.push_back((place, direction));
        let is_short = work.queue.len() > work.idle;
        drop(work);
        self.shared.more.notify_one();
        if is_short {
            let mut threads = self.threads();
            if threads.len() < self.most {
                // There is one at least; without another it only takes longer.
                threads.extend(self.spawn());
            }
        }
    }

    /// Ends the threads, once they have done what there is.
    pub(super) fn close(&self) {
        self.shared.lock().closed = true;
        self.shared.more.notify_all();
        for thread in self.threads().drain(..) {
            let _ = thread.join();
        }
    }

    fn spawn(&self) -> io::Result<JoinHandle<()>> {
        let shared = Arc::clone(&self.shared);
        Builder::new().name("ringport-files".to_owned()).spawn(move || shared.run())
    }

    fn threads(&self) -> MutexGuard<'_, Vec<JoinHandle<()>>> {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    fn run(&self) {
        while let Some((place, direction)) = self.next() {
            self.serve(place, direction);
        }
    }

    fn next(&self) -> Option<(Place, Direction)> {
        let mut work = self.lock();
        loop {
            if let Some(next) = work.queue.pop_front() {
                return Some(next);
            }
            if work.closed {
                return None;
            }
            work.idle += 1;
            work = self.more.wait(work).unwrap_or_else(PoisonError::into_inner);
            work.idle -= 1;
        }
    }

    /// Does the next operation of a file, unless it was cancelled.
    fn serve(&self, place: Place, direction: Direction) {
        let Some((slot, mut state)) = self.table.lock(place) else { return };
        let Some(mut request) = state.lane(direction).begin_next() else { return };
        let (descriptor, key) = (state.descriptor(), state.key());
        drop(state);
        let outcome = transfer(descriptor, &mut request);
        let number = request.number;
        let mut state = slot.lock();
        state.lane(direction).finish(number);
        // Under the lock: when the file is closed, its packets are queued.
        self.outlet.deliver(request.done(key, outcome));
        if state.closing && !state.is_running() {
            // Nothing else knows of a file.
            self.table.vacate(place.index, slot, state);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
