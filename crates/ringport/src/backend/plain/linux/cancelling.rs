//! Ending operations before their time: one, all of a handle, all there are.

use super::engine::Engine;
use super::slot::State;
use super::table::Place;
use crate::backend::plain::{Direction, Done, Outcome};

/// What the calls here end at once goes to this; the packets of others follow when they are over.
pub(crate) type Aborted<'a> = &'a mut dyn FnMut(Done);

impl Engine {
    /// Cancels one operation; false when it is not under way.
    pub(crate) fn cancel(&self, &place: &Place, number: u64, aborted: Aborted<'_>) -> bool {
        let Some((_, mut state)) = self.table.lock(place) else { return false };
        let key = state.key();
        for direction in [Direction::In, Direction::Out] {
            let lane = state.lane(direction);
            if let Some(index) = lane.pending.iter().position(|request| request.number == number) {
                let Some(request) = lane.pending.remove(index) else { return false };
                drop(state);
                let outcome = Outcome::aborted(&request);
                aborted(request.done(key, outcome));
                return true;
            }
            if let Some(running) = lane.running.iter_mut().find(|running| running.number == number) {
                running.cancelled = true;
                drop(state);
                self.drive.stop(place, number);
                return true;
            }
        }
        false
    }

    /// Cancels all operations of a handle; returns how many.
    pub(crate) fn cancel_all(&self, &place: &Place, aborted: Aborted<'_>) -> usize {
        let Some((_, mut state)) = self.table.lock(place) else { return 0 };
        let count = state.outstanding();
        self.end_all(place, &mut state, aborted);
        count
    }

    /// Ends a handle: cancels what is outstanding, waits until the system has let go of it, and lets go of the
    /// descriptor.
    pub(crate) fn detach(&self, &place: &Place, aborted: Aborted<'_>) {
        let Some((slot, mut state)) = self.table.lock(place) else { return };
        state.closing = true;
        self.end_all(place, &mut state, aborted);
        if state.is_running() {
            slot.wait_until_vacated(state, place.generation);
        } else {
            self.settle(place, slot, state);
        }
    }

    /// Ends all handles, and then the threads of the drive.
    pub(crate) fn close(&self, aborted: Aborted<'_>) {
        for index in 0..self.table.close() {
            let Some(slot) = self.table.slot(index) else { continue };
            let generation = slot.lock().generation;
            self.detach(&Place { index, generation }, aborted);
        }
        self.drive.close();
    }

    /// Ends what is pending, and stops what is running.
    fn end_all(&self, place: Place, state: &mut State, aborted: Aborted<'_>) {
        state.end_pending(Outcome::aborted, aborted);
        for direction in [Direction::In, Direction::Out] {
            for running in &mut state.lane(direction).running {
                running.cancelled = true;
                self.drive.stop(place, running.number);
            }
        }
    }
}
