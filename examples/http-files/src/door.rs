//! Where connections come in, as many as there are slots for.
//!
//! Each accept that is posted has a slot already, which is its token. When all slots are taken no accept is posted,
//! and whoever comes waits in the system's queue.

use std::sync::{Mutex, MutexGuard, PoisonError};

use ringport::{Limits, PortQueue, PortRequestQueue, QueueError, StreamListener};

use crate::limits::ACCEPTS;

/// See the module.
#[derive(Debug)]
pub(crate) struct Door(Mutex<State>);

#[derive(Debug)]
struct State {
    /// `None` once it is closed.
    requests: Option<PortRequestQueue<StreamListener>>,
    free: Vec<u32>,
    posted: u32,
}

impl Door {
    /// Its accepts complete in `queue`, with this context.
    pub(crate) fn new(
        listener: &StreamListener,
        queue: &PortQueue,
        slots: u32,
        context: u64,
    ) -> Result<Door, QueueError> {
        let limits = Limits { receives: ACCEPTS, receive_buffers: 1, sends: 0, send_buffers: 0 };
        let requests = PortRequestQueue::new(listener, queue, queue, limits, context)?;
        Ok(Door(Mutex::new(State { requests: Some(requests), free: (0..slots).rev().collect(), posted: 0 })))
    }

    /// Lets in as many as there is room for.
    pub(crate) fn invite(&self) {
        let mut state = self.state();
        let State { requests, free, posted } = &mut *state;
        let Some(requests) = requests.as_ref() else { return };
        while *posted < ACCEPTS
            && let Some(slot) = free.pop()
        {
            if requests.accept(slot.into()).is_err() {
                free.push(slot);
                break;
            }
            *posted += 1;
        }
    }

    /// An accept completed.
    pub(crate) fn answered(&self) {
        self.state().posted -= 1;
    }

    /// The slot is free again. It is offered with the next invitation.
    pub(crate) fn free(&self, slot: u32) {
        self.state().free.push(slot);
    }

    /// Nobody comes in any more, and the address is free.
    pub(crate) fn close(&self) {
        let requests = self.state().requests.take();
        drop(requests);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
