//! Accepts: each that is posted has a socket in the kernel that a connection may come into.
//!
//! All are alike, so a connection completes the one posted first, whichever of them has brought it.

use super::super::carrier::{Carrier, Outcome, Way, Work};
use super::super::status::is_lost_connection;
use super::{Run, Windows, begin, ticket};
use crate::backend::bytes;
use crate::backend::contract::{Attachment, Completion, Status};

impl<C: Carrier> Windows<C> {
    /// Begins accepts that were posted.
    pub(super) fn publish_accepts(&mut self, key: u32, attachment: &mut Attachment) {
        let Windows { carrier, sockets, ended, .. } = self;
        let Some(socket) = sockets.get_mut(key as usize).and_then(Option::as_mut) else { return };
        let Some(side) = attachment.receive.as_ref().filter(|_| !socket.quiescing) else { return };
        while socket.receives.len() < side.posted.len() {
            let Some(place) = socket.receives.depart(Run::default()) else { break };
            // SAFETY: the attachment keeps the socket open; there is no memory.
            unsafe { begin(carrier, ended, ticket(key, Way::In, place), Work::Accept) };
        }
    }

    /// Completes accepts with what has come.
    pub(super) fn arrived_connections(
        &mut self,
        key: u32,
        attachment: &mut Attachment,
        out: &mut Vec<Completion>,
    ) {
        let Some(socket) = self.sockets.get_mut(key as usize).and_then(Option::as_mut) else { return };
        if socket.quiescing {
            return;
        }
        while let Some(outcome) = socket.receives.arrive_any() {
            settle(outcome, key, attachment, out);
        }
        self.publish_accepts(key, attachment);
    }
}

/// Does what the end of an accept says.
pub(super) fn settle(outcome: Outcome, key: u32, attachment: &mut Attachment, out: &mut Vec<Completion>) {
    match (outcome.status, outcome.connection) {
        (Status::Success, Some(connection)) => bytes::accepted(connection, key, attachment, out),
        // The connection was gone before it was taken: the request waits for the next.
        (Status::Success | Status::Truncated, _) => {}
        (Status::Failed(error), _) if is_lost_connection(error) => {}
        (Status::Failed(error), _) => bytes::refused(error, key, attachment, out),
        (Status::Aborted, _) => {
            if let Some(taken) = attachment.receive.as_mut().and_then(|side| side.take_first()) {
                out.push(attachment.received(key, taken, Status::Aborted, 0));
            }
        }
    }
}
