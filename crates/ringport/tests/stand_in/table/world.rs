//! All that exists, behind one lock.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use windows_sys::Win32::Networking::WinSock::{RIO_BUFFERID, RIO_CQ, RIO_RQ};

use super::buffers::Memory;
use super::completion_queue::CompletionQueue;
use super::request_queue::RequestQueue;
use super::side::Finished;

#[derive(Default)]
pub(super) struct World {
    /// Names are never given twice.
    last_name: isize,
    pub(super) buffers: HashMap<RIO_BUFFERID, Memory>,
    pub(super) completion_queues: HashMap<RIO_CQ, CompletionQueue>,
    pub(super) request_queues: HashMap<RIO_RQ, RequestQueue>,
    /// Room for what ends while one of them is looked after.
    finished: Vec<Finished>,
}

static WORLD: LazyLock<Mutex<World>> = LazyLock::new(Mutex::default);

/// The world, for the time of one call.
pub(super) fn world() -> MutexGuard<'static, World> {
    WORLD.lock().unwrap_or_else(PoisonError::into_inner)
}

impl World {
    /// A name that nothing had before.
    pub(super) fn name(&mut self) -> isize {
        self.last_name += 1;
        self.last_name
    }

    /// Takes in what the system has done for a request queue, and gives it what comes next. On the engine's thread only.
    pub(super) fn run(&mut self, name: RIO_RQ) {
        let Some(queue) = self.request_queues.get_mut(&name) else { return };
        let mut finished = std::mem::take(&mut self.finished);
        queue.advance(&mut finished);
        for done in finished.drain(..) {
            self.complete(name, done);
        }
        self.finished = finished;
        self.retire_if_over(name);
    }

    fn complete(&mut self, name: RIO_RQ, done: Finished) {
        let Some(queue) = self.request_queues.get_mut(&name) else { return };
        let side = queue.side_mut(done.direction);
        match self.completion_queues.get_mut(&side.completions) {
            Some(completions) => completions.push(name, queue.context, done),
            // It was closed: the completion is dropped.
            None => side.outstanding -= 1,
        }
    }

    /// Forgets a request queue whose socket is closed, once the last of its completions was dequeued.
    pub(super) fn retire_if_over(&mut self, name: RIO_RQ) {
        if self.request_queues.get(&name).is_some_and(RequestQueue::is_over) {
            self.retire(name);
        }
    }

    /// Forgets a request queue, and frees the places it reserved.
    pub(super) fn retire(&mut self, name: RIO_RQ) {
        let Some(queue) = self.request_queues.remove(&name) else { return };
        for side in queue.sides {
            if let Some(completions) = self.completion_queues.get_mut(&side.completions) {
                completions.reserved -= side.limit;
            }
            side.recycle();
        }
        queue.watch.recycle();
    }

    /// Looks after all request queues, so that those whose socket was closed give their places back.
    pub(super) fn sweep(&mut self) {
        let names: Vec<RIO_RQ> = self.request_queues.keys().copied().collect();
        names.into_iter().for_each(|name| self.run(name));
    }
}
