//! What the kernel lets go of only when its socket is closed.
//!
//! ```text
//!   end ─► cancelled, and nothing moves ─► lingers ─► the owners close the socket ─► each operation ends
//!                                             │                                             ▼ in post order
//!                                             │                                     its requests complete
//!                                             └─ nothing begins any more                    ▼ the last one
//!                                                                                   so do those never begun
//! ```
//!
//! An operation that ends otherwise meanwhile, by a datagram that came, completes with what it has.

use super::super::carrier::{Carrier, Outcome};
use super::{Socket, Windows, accepts, datagrams_in, datagrams_out, stream_in, stream_out};
use crate::backend::contract::{Attachment, Completion, Status};
use crate::backend::is_unreachable;
use crate::net::SocketHandle;

impl<C: Carrier> Windows<C> {
    /// Something of a socket that lingers has ended.
    #[cold]
    pub(super) fn arrived_late(&mut self, key: u32, attachment: &mut Attachment, out: &mut Vec<Completion>) {
        let Some(socket) = self.socket_mut(key) else { return };
        complete(key, socket, attachment, out);
        if !socket.is_busy() {
            abort(key, attachment, out);
            self.settled.push(key);
        }
    }
}

/// Completes what has ended, in post order.
pub(super) fn complete(
    key: u32,
    socket: &mut Socket,
    attachment: &mut Attachment,
    out: &mut Vec<Completion>,
) {
    while let Some((outcome, _)) = socket.receives.arrive() {
        match (&attachment.socket, outcome.status) {
            (SocketHandle::Listener(_), _) => accepts::settle(outcome, key, attachment, out),
            (SocketHandle::Stream(_), _) => stream_in::settle(outcome, key, socket, attachment, out),
            // It would begin again, and that is over.
            (SocketHandle::Datagram(_), Status::Failed(error)) if is_unreachable(error) => {
                let outcome = Outcome::of(Status::Aborted);
                datagrams_in::complete(outcome, key, socket, attachment, out);
            }
            (SocketHandle::Datagram(_), _) => datagrams_in::complete(outcome, key, socket, attachment, out),
        }
    }
    while let Some((outcome, run)) = socket.sends.arrive() {
        match attachment.socket {
            SocketHandle::Datagram(_) => {
                datagrams_out::departed(outcome, run, key, socket, attachment, out);
            }
            _ => _ = stream_out::settle(outcome, key, attachment, out),
        }
    }
}

/// Completes what the kernel never had.
fn abort(key: u32, attachment: &mut Attachment, out: &mut Vec<Completion>) {
    while let Some(taken) = attachment.receive.as_mut().and_then(|side| side.take_first()) {
        let bytes = taken.bytes;
        out.push(attachment.received(key, taken, Status::Aborted, bytes));
    }
    while let Some((request, bytes)) = attachment.send.as_mut().and_then(|side| side.take_first()) {
        out.push(attachment.sent(key, request, Status::Aborted, bytes));
    }
}
