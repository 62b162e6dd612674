//! Sends of a connection, what makes it and what ends it: one operation at a time, of those that were posted first.

use std::os::windows::io::RawSocket;

use windows_sys::Win32::Networking::WinSock::{
    SD_SEND, SOCKET, WSAECONNABORTED, WSAECONNRESET, WSAEDESTADDRREQ, WSAEHOSTUNREACH, WSAENETUNREACH,
    WSAETIMEDOUT, WSAGetLastError, shutdown,
};

use super::super::carrier::{Begun, Carrier, Outcome, Ticket, Way, Work};
use super::parts::{Parts, place_of};
use super::{Run, Windows, ticket};
use crate::backend::bytes::{advance, complete_send};
use crate::backend::contract::{Attachment, Completion, Outward, SendRequest, SendSide, Status};
use crate::backend::sys::descriptor::AsRawFd;
use crate::backend::sys::errno;

/// The most slices that leave with one operation.
const VECTORS: usize = 64;

impl<C: Carrier> Windows<C> {
    /// Does what is due, in post order, until something is under way.
    pub(super) fn flush_stream(&mut self, key: u32, attachment: &mut Attachment, out: &mut Vec<Completion>) {
        loop {
            let Some(socket) = self.sockets.get_mut(key as usize).and_then(Option::as_mut) else { return };
            let Some(side) = attachment.send.as_mut() else { return };
            side.blocked = !socket.sends.is_empty();
            let due = side.posted.len().saturating_sub(side.deferred);
            if socket.quiescing || side.blocked || due == 0 {
                return;
            }
            let Some(place) = socket.sends.depart(Run::default()) else { return };
            let most = socket.means.parts.min(VECTORS);
            let raw = attachment.socket.as_raw_fd();
            match self.begin_out(ticket(key, Way::Out, place), raw, side, due, most) {
                Begun::Pending => {
                    attachment.counters.blocked += 1;
                    side.blocked = true;
                    self.carrier.commit(key);
                    return;
                }
                Begun::Done(outcome) => {
                    if let Some(socket) = self.socket_mut(key) {
                        socket.sends.note(place, outcome);
                    }
                    self.departed(key, attachment, out);
                }
            }
        }
    }

    /// The operation has ended; what is due follows.
    pub(super) fn departed_bytes(
        &mut self,
        key: u32,
        attachment: &mut Attachment,
        out: &mut Vec<Completion>,
    ) {
        if self.socket_mut(key).is_some_and(|socket| !socket.quiescing) {
            self.departed(key, attachment, out);
            self.flush_stream(key, attachment, out);
        }
    }

    fn begin_out(
        &mut self,
        ticket: Ticket,
        socket: RawSocket,
        side: &mut SendSide,
        due: usize,
        most: usize,
    ) -> Begun {
        let failed = |error| Begun::Done(Outcome::of(Status::Failed(error)));
        let Windows { carrier, sockets, parts, .. } = self;
        let SendSide { posted, progress, .. } = side;
        let Some(first) = posted.get(0) else { return failed(errno::EINVAL) };
        let work = match first.what {
            Outward::Finish => {
                *carrier.calls() += 1;
                if let Some(socket) = sockets.get_mut(ticket.key as usize).and_then(Option::as_mut) {
                    socket.finished = true;
                }
                return Begun::Done(Outcome::of(finish(socket)));
            }
            Outward::Connect => {
                let Some(peer) = first.peer.as_ref() else { return failed(WSAEDESTADDRREQ) };
                progress.connecting = true;
                Work::Connect { peer }
            }
            Outward::Data => {
                gather(posted.iter_from(0).take(due), progress.sent, parts, most);
                let Some(place) = place_of(&first.payload, progress.sent) else {
                    return failed(errno::EINVAL);
                };
                Work::Send { parts: parts.as_slice(), place, peer: None, control: &[], quiet: false }
            }
        };
        // SAFETY: the attachment keeps the socket open. The slices are the requests', which stay in their side until this
        // operation has ended, and nobody writes to them while they are posted.
        unsafe { carrier.begin(ticket, work) }
    }

    fn departed(&mut self, key: u32, attachment: &mut Attachment, out: &mut Vec<Completion>) {
        let Some((outcome, _)) = self.socket_mut(key).and_then(|socket| socket.sends.arrive()) else {
            return;
        };
        if settle(outcome, key, attachment, out) {
            // Receives that were posted before the connection was made can begin.
            if let Some(socket) = self.socket_mut(key) {
                (socket.unconnected, socket.was_connected) = (false, true);
            }
            self.publish_stream(key, attachment);
        }
    }
}

/// Does what the end of the operation says; whether a connection was made.
pub(super) fn settle(
    outcome: Outcome,
    key: u32,
    attachment: &mut Attachment,
    out: &mut Vec<Completion>,
) -> bool {
    let Some(side) = attachment.send.as_mut() else { return false };
    let Some(what) = side.posted.get(0).map(|first| first.what) else { return false };
    side.progress.connecting = false;
    let due = side.posted.len();
    match (what, outcome.status) {
        (Outward::Data, Status::Success | Status::Truncated) => {
            advance(outcome.bytes as usize, due, key, attachment, out);
        }
        (_, status) => {
            left(outcome.bytes, key, attachment, out);
            if let Some(receives) = attachment.receive.as_mut() {
                match (what, status) {
                    // Of an earlier attempt.
                    (Outward::Connect, Status::Success) => (receives.ended, receives.broken) = (None, None),
                    (Outward::Data, Status::Failed(error)) if breaks(error) => receives.broken = Some(error),
                    _ => {}
                }
            }
            complete_send(status, key, attachment, out);
            return (what, status) == (Outward::Connect, Status::Success);
        }
    }
    false
}

/// What has left of an operation has left, also where that was cancelled or failed half way: it is neither sent again
/// nor told as unsent.
pub(super) fn left(bytes: u32, key: u32, attachment: &mut Attachment, out: &mut Vec<Completion>) {
    let due = attachment.send.as_ref().map_or(0, |side| side.posted.len());
    if bytes > 0 {
        advance(bytes as usize, due, key, attachment, out);
    }
}

/// Whether an error says that the connection is over, other than by the peer's end.
fn breaks(error: i32) -> bool {
    matches!(error, WSAECONNRESET | WSAECONNABORTED | WSAETIMEDOUT | WSAEHOSTUNREACH | WSAENETUNREACH)
}

/// Collects what is left of the data posted first.
fn gather<'side>(
    requests: impl Iterator<Item = &'side SendRequest>,
    sent: usize,
    parts: &mut Parts,
    most: usize,
) {
    parts.clear();
    let mut skip = sent;
    for request in requests {
        let rest = request.payload.len();
        let fits = request.what == Outward::Data && parts.push_bytes(&request.payload, skip, rest, most);
        if !fits {
            return;
        }
        skip = 0;
    }
}

/// Ends what is sent.
fn finish(socket: RawSocket) -> Status {
    // SAFETY: the call points at no memory.
    if unsafe { shutdown(socket as SOCKET, SD_SEND) } == 0 {
        return Status::Success;
    }
    // SAFETY: the call takes nothing.
    Status::Failed(unsafe { WSAGetLastError() })
}
