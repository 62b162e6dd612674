//! What the end of an entry means for its operation.

use super::super::attempt::{Attempt, attempt};
use super::flight::{Flight, Progress, Stage};
use crate::backend::datagram::is_unreachable;
use crate::backend::plain::{Extent, Outcome, What};

/// What comes next for a flight whose entry is over.
pub(super) enum Next {
    Done(Outcome),
    /// Another entry, in this stage.
    Submit(Stage),
}

/// Whether an operation ended in this way because it was cancelled.
pub(super) fn is_of_cancelling(result: i32) -> bool {
    matches!(-result, libc::ECANCELED | libc::EINTR)
}

/// What the result of an entry means.
pub(super) fn judge(flight: &mut Flight, result: i32, descriptor: i32) -> Next {
    if is_of_cancelling(result) {
        return match -result {
            libc::EINTR => Next::Submit(flight.stage),
            error => Next::Done(Outcome::failed(error, &flight.request)),
        };
    }
    if flight.stage == Stage::Poll && flight.request.what.is_on_file() {
        // A file that was opened not to block has no other try than its entry.
        return Next::Submit(Stage::Operation);
    }
    if flight.stage == Stage::Poll {
        return match attempt(descriptor, &mut flight.request) {
            Attempt::Done(outcome) => Next::Done(outcome),
            Attempt::Blocked => Next::Submit(Stage::Poll),
        };
    }
    let Ok(length) = usize::try_from(result) else {
        return match -result {
            // The socket was told not to block, and so does not wait in the kernel.
            libc::EAGAIN => Next::Submit(Stage::Poll),
            // An earlier datagram's error. It is gone, and this operation can be tried.
            error if is_unreachable(error) && is_of_datagram(flight.request.what) => {
                Next::Submit(Stage::Poll)
            }
            error => Next::Done(Outcome::failed(error, &flight.request)),
        };
    };
    match flight.transferred(length) {
        Progress::Done(outcome) => Next::Done(outcome),
        Progress::Again => Next::Submit(Stage::Operation),
    }
}

fn is_of_datagram(what: What) -> bool {
    what == What::Send || matches!(what, What::Receive(extent) if extent != Extent::Stream)
}
