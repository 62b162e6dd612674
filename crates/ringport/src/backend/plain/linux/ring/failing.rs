//! A ring that broke: whoever waits for it is told.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::Command;
use super::driver::Driver;
use crate::backend::plain::OperationBuffer;
use crate::backend::plain::{Outcome, Request};

impl Driver {
    /// The ring is broken. What is in the kernel keeps its memory for good, and all that waits fails.
    pub(super) fn give_up(mut self, error: i32) {
        let shared = Arc::clone(&self.shared);
        shared.broken.store(error, Ordering::SeqCst);
        for flight in self.flights.drain(..).flatten() {
            let flight = Box::leak(flight);
            let Some((slot, mut state)) = shared.table.lock(flight.place) else { continue };
            let request = copied(&flight.request);
            state.lane(flight.direction()).finish(request.number);
            let (key, outcome) = (state.key(), Outcome::failed(error, &request));
            shared.outlet.deliver(request.done(key, outcome));
            shared.fail_pending(&mut state, error);
            if state.closing && !state.is_running() {
                shared.table.vacate(flight.place.index, slot, state);
            }
        }
        let commands = std::mem::take(&mut *shared.inbox());
        for command in self.commands.drain(..).chain(commands) {
            if let Command::Want(place, _) = command
                && let Some((_, mut state)) = shared.table.lock(place)
            {
                shared.fail_pending(&mut state, error);
            }
        }
    }
}

/// A request without what it owns.
pub(super) fn copied(request: &Request) -> Request {
    let Request { number, context, what, progress, peer, .. } = *request;
    Request { number, context, what, progress, buffer: OperationBuffer::None, peer, accepted: None }
}
