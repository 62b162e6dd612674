//! Ending operations before their time: one, all of a handle, all there are.

use std::ptr;
use std::sync::{Arc, Weak};

use windows_sys::Win32::System::IO::CancelIoEx;

use super::Aborted;
use super::engine::{Engine, Place};
use super::slot::{Slot, State};
use crate::notice;

impl Engine {
    /// Cancels one operation; false when it is not under way.
    pub(crate) fn cancel(&self, place: &Place, number: u64, _: Aborted<'_>) -> bool {
        let slot = &place.0;
        let mut state = slot.lock();
        let Some(handle) = state.raw() else { return false };
        let Some(running) = state.find(number).filter(|running| running.node.is_pending()) else {
            return false;
        };
        running.cancelled = true;
        let node = running.node;
        slot.note_cancellation();
        // SAFETY: the handle is open under this lock, and the place is alive while its operation is in the list. If
        // the system does not have the operation yet, its starter sees that it was cancelled.
        let found = unsafe { CancelIoEx(handle, node.overlapped()) };
        found != 0 || node.is_pending()
    }

    /// Cancels all operations of a handle; returns how many.
    pub(crate) fn cancel_all(&self, place: &Place, _: Aborted<'_>) -> usize {
        let slot = &place.0;
        let mut state = slot.lock();
        let count = state.outstanding();
        if count > 0 {
            stop_all(slot, &mut state);
        }
        count
    }

    /// Ends a handle: cancels what is outstanding, waits until the system has let go of it, and lets go of the
    /// descriptor. The packets are the system's and come when they are taken.
    pub(crate) fn detach(&self, place: &Place, _: Aborted<'_>) {
        end(&place.0);
    }

    /// Ends all handles. Their packets are still to be taken: [`left`](Engine::left).
    pub(crate) fn close(&self, _: Aborted<'_>) {
        self.handles().closed = true;
        self.slots().iter().for_each(|slot| end(slot));
    }

    /// Packets of operations that are to come still.
    pub(crate) fn left(&self) -> usize {
        self.slots().iter().map(|slot| slot.lock().running.len()).sum()
    }

    fn slots(&self) -> Vec<Arc<Slot>> {
        self.handles().slots.iter().filter_map(Weak::upgrade).collect()
    }
}

fn end(slot: &Slot) {
    let mut state = slot.lock();
    state.closing = true;
    stop_all(slot, &mut state);
    drop(state);
    let (mut state, is_over) = slot.wait_until(|state| state.outstanding() == 0);
    if !is_over {
        notice::say(
            "the system did not end the operations of a handle that was closed; their memory is kept, on purpose, until \
             the process ends",
        );
    }
    // A call that does not come back has the handle still.
    let holding = if slot.is_starting() { None } else { state.holding.take() };
    drop(state);
    // Outside of the lock: whoever waits for the socket may use it at once.
    drop(holding);
}

fn stop_all(slot: &Slot, state: &mut State) {
    slot.note_cancellation();
    state.running.iter_mut().for_each(|running| running.cancelled = true);
    if let Some(handle) = state.raw() {
        // SAFETY: the handle is open under this lock.
        unsafe { CancelIoEx(handle, ptr::null()) };
    }
}
