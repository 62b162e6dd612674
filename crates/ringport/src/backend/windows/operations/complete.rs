//! Taking the ends of operations: a packet of the system is done, or goes on.

use std::sync::Arc;

use super::super::iocp::Entry;
use super::judge::{Ended, Verdict, judge};
use super::node::Node;
use super::run::Run;
use crate::backend::plain::{Done, Outcome};

/// What the packet of an operation means; `None` when it goes on.
///
/// # Safety
/// The packet is of a node of an engine, and comes for the first time.
pub(in super::super) unsafe fn complete(entry: Entry) -> Option<Done> {
    // SAFETY: the caller says that it is of a node, whose operation keeps it alive.
    let node = unsafe { Node::from_overlapped(entry.overlapped) }?;
    // SAFETY: whoever takes the packet has the place.
    let slot = Arc::clone(unsafe { node.flight() }.slot.as_ref()?);
    // A starter may be looking at the place. It does so under the lock.
    let mut state = slot.lock();
    // SAFETY: as above; the reference above is gone.
    let flight = unsafe { node.flight() };
    let number = flight.request.as_ref()?.number;
    let verdict = match flight.ended.take() {
        Some(outcome) => Verdict::Done(outcome),
        None => judge(flight, Ended::of(node, entry.bytes as usize), state.raw()),
    };
    let outcome = match verdict {
        Verdict::Done(outcome) => outcome,
        Verdict::Again => {
            let is_cancelled = state.closing || state.find(number).is_none_or(|running| running.cancelled);
            match state.raw().filter(|_| !is_cancelled) {
                None => flight.request.as_ref().map(Outcome::aborted)?,
                Some(handle) => {
                    let (skips, before) = (state.system_skips, slot.cancellations());
                    let run = Run { slot: &slot, node, number, handle, skips, before };
                    slot.begin_starting();
                    drop(state);
                    // SAFETY: as above; the flight is not used after this where a packet follows.
                    let ended = unsafe { run.go() };
                    slot.end_starting();
                    let outcome = ended?;
                    state = slot.lock();
                    outcome
                }
            }
        }
    };
    // SAFETY: as above.
    let request = unsafe { state.finish(node) }?;
    drop(state);
    Some(request.done(slot.key, outcome))
}
