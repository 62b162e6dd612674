//! Taking the ends of operations: a packet of the system is done, or goes on.

use std::sync::Arc;

use super::super::iocp::Entry;
use super::judge::{Ended, Verdict, judge};
use super::nodes::Nodes;
use super::run::Run;
use crate::backend::plain::{Done, Outcome};

/// What the packet of an operation means; `None` when it goes on, and for a packet that is of none.
pub(in super::super) fn complete(entry: Entry, nodes: &Nodes) -> Option<Done> {
    let node = nodes.find(entry.overlapped).filter(|node| node.claim_ended())?;
    // SAFETY: it was claimed.
    let slot = Arc::clone(unsafe { node.flight() }.slot.as_ref()?);
    // A starter may be looking at the place. It does so under the lock.
    let mut state = slot.lock();
    // SAFETY: as above; the reference above is gone.
    let flight = unsafe { node.flight() };
    let number = flight.request.as_ref()?.number;
    let verdict = match flight.ended.take() {
        Some(outcome) => Verdict::Done(outcome),
        None => judge(flight, Ended::of(node), state.raw()),
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
