//! Receives of datagrams: each that is posted is in the kernel, as far as that takes them.
//!
//! ```text
//!   posted   [ r0 r1 r2 │ r3 r4 ]        the first three in the kernel, the next follow as those end
//!              ▲
//!              └ an ICMP message ended it: counted, and behind r2 it begins again
//! ```

use super::super::carrier::{Beside, Carrier, End, Outcome, Way, Work};
use super::moving::{move_chain, move_request};
use super::parts::place_in;
use super::{Run, Socket, TURN, Windows, begin, ticket};
use crate::backend::contract::{
    Attachment, Completion, Origin, Outcome as Ended, Payload, ReceiveRequest, ReceiveSide, Status,
    TakenReceive, spread,
};
use crate::backend::is_unreachable;
use crate::backend::sys::descriptor::AsFd;
use crate::backend::sys::errno;
use crate::memory::{BufferMut, HasHeader, Placed, Use};
use crate::net::SocketHandle;

/// Receives that may fail in a row by what became of others, before one is tried now and then only.
const MOST_FRUITLESS: u32 = 64;

impl<C: Carrier> Windows<C> {
    /// Begins receives that were posted.
    pub(super) fn publish_datagrams(&mut self, key: u32, attachment: &mut Attachment) {
        let Windows { carrier, sockets, parts, ended, .. } = self;
        let Some(socket) = sockets.get_mut(key as usize).and_then(Option::as_mut) else { return };
        let Some(side) = attachment.receive.as_ref().filter(|_| !socket.quiescing && !socket.unconnected)
        else {
            return;
        };
        let mut begun = false;
        while socket.ahead < TURN
            && let Some(request) = side.posted.get(socket.receives.len())
        {
            let buffers =
                match (&request.slice, request.slice.is_none().then(|| side.chains.get(socket.chains))) {
                    (Some(buffer), _) => std::slice::from_ref(buffer),
                    (None, Some(Some(chain))) => chain.buffers(),
                    _ => break,
                };
            let Some(first) = buffers.first() else { break };
            let Some(place) = socket.receives.depart(Run::default()) else { break };
            socket.chains += usize::from(request.slice.is_none());
            parts.clear();
            for buffer in buffers {
                parts.push_room(buffer, 0);
            }
            let ticket = ticket(key, Way::In, place);
            if parts.len() > socket.means.parts {
                // The system takes no more in one operation, and a datagram cannot be received in two.
                let outcome = Outcome::of(Status::Failed(errno::EOPNOTSUPP));
                ended.push_back(End { ticket, outcome });
                socket.ahead += 1;
                continue;
            }
            let work = Work::Receive {
                parts: parts.as_slice(),
                place: place_in(first, 0),
                beside: beside(first, request.addresses),
                whole: false,
                // Where not all that is posted is in the kernel, the others wait for the end of this one.
                quiet: !request.notifies && u32::from(socket.means.receives) >= side.limit,
            };
            // SAFETY: the attachment keeps the socket open. The slices are the request's alone, which stays in its side
            // until this operation has ended: it is removed only by its completion, and where the kernel does not let go
            // of it, the side is never freed.
            socket.ahead += usize::from(unsafe { begin(carrier, ended, ticket, work) });
            begun = true;
        }
        if begun {
            carrier.commit(key);
        }
    }

    /// Completes receives that have ended, in post order.
    pub(super) fn arrived_datagrams(
        &mut self,
        key: u32,
        attachment: &mut Attachment,
        out: &mut Vec<Completion>,
    ) {
        let Windows { sockets, unmade, .. } = self;
        let Some(socket) = sockets.get_mut(key as usize).and_then(Option::as_mut) else { return };
        if socket.quiescing {
            return;
        }
        socket.ahead = socket.ahead.saturating_sub(1);
        while let Some((outcome, _)) = socket.receives.arrive() {
            match outcome.status {
                Status::Failed(error) if is_unreachable(error) => {
                    attachment.counters.unreachable += 1;
                    if let Some(side) = attachment.receive.as_mut() {
                        put_behind(side, socket);
                    }
                    // That of an ICMP message is said once. One that is said again and again, as of a network that is
                    // down, would have this thread do nothing else.
                    socket.fruitless = socket.fruitless.saturating_add(1);
                    if socket.fruitless >= MOST_FRUITLESS {
                        rest(key, socket, unmade);
                    }
                }
                // It may be bound later, by a send as well.
                Status::Failed(errno::EINVAL | errno::EOPNOTSUPP) if is_unbound(&attachment.socket) => {
                    if let Some(side) = attachment.receive.as_mut() {
                        put_behind(side, socket);
                    }
                    rest(key, socket, unmade);
                }
                _ => {
                    socket.fruitless = 0;
                    complete(outcome, key, socket, attachment, out);
                }
            }
        }
        let waits = |side: &ReceiveSide| side.posted.len() > socket.receives.len();
        if attachment.receive.as_ref().is_some_and(waits) {
            self.publish_datagrams(key, attachment);
        }
    }
}

/// No receive begins for a while.
#[cold]
fn rest(key: u32, socket: &mut Socket, unmade: &mut Vec<u32>) {
    if !std::mem::replace(&mut socket.unconnected, true) {
        unmade.push(key);
    }
}

/// Whether a socket has no address to receive at. The system has none to tell then.
#[cold]
fn is_unbound(socket: &SocketHandle) -> bool {
    socket2::SockRef::from(&socket.as_fd()).local_addr().is_err()
}

/// Where address and control data go, if they are wanted.
#[inline]
fn beside(buffer: &BufferMut, wanted: bool) -> Option<Beside<'_>> {
    let (start, length) = buffer.header_ptr().filter(|_| wanted)?;
    Some(Beside { start, length, place: buffer.header_place() })
}

/// Completes the receive posted first.
#[inline]
pub(super) fn complete(
    outcome: Outcome,
    key: u32,
    socket: &mut Socket,
    attachment: &mut Attachment,
    out: &mut Vec<Completion>,
) {
    let Outcome { status, bytes, received, .. } = outcome;
    let outcome = match status {
        Status::Success => Ended::Success,
        Status::Truncated => Ended::Truncated,
        Status::Aborted | Status::Failed(_) => return complete_without(status, key, socket, attachment, out),
    };
    attachment.counters.truncated += u64::from(outcome == Ended::Truncated);
    let Attachment { receive: Some(side), context, .. } = attachment else { return };
    let Some(request) = side.posted.pop_front() else { return };
    let received = if request.addresses { received } else { Default::default() };
    let ReceiveRequest { slice, token, notifies, .. } = request;
    if let Some(mut buffer) = slice {
        let bytes = bytes.min(buffer.capacity() as u32);
        buffer.set_received(bytes, received);
        buffer.set_use(Use::Held);
        let origin = Origin { key, socket_context: *context, token, notifies };
        Completion::push_slice(out, buffer, bytes, outcome, origin);
    } else if let Some(mut chain) = side.chains.pop_front() {
        socket.chains = socket.chains.saturating_sub(1);
        let bytes = spread(&mut chain, bytes, received);
        let payload = Payload::ChainMut(chain);
        payload.mark(Use::Held);
        let taken = TakenReceive { payload, token, notifies, bytes };
        out.push(attachment.received(key, taken, status, bytes));
    }
}

/// Completes it without a datagram.
#[cold]
fn complete_without(
    status: Status,
    key: u32,
    socket: &mut Socket,
    attachment: &mut Attachment,
    out: &mut Vec<Completion>,
) {
    attachment.counters.failed += u64::from(status != Status::Aborted);
    let Some(side) = attachment.receive.as_mut() else { return };
    if side.posted.get(0).is_some_and(|first| first.slice.is_none()) {
        socket.chains = socket.chains.saturating_sub(1);
    }
    if let Some(taken) = side.take_first() {
        out.push(attachment.received(key, taken, status, 0));
    }
}

/// Moves the receive posted first behind those that are in the kernel: those get the datagrams that come before its own,
/// and so datagrams stay in order.
#[cold]
fn put_behind(side: &mut ReceiveSide, socket: &mut Socket) {
    let is_chain = side.posted.get(0).is_some_and(|first| first.slice.is_none());
    if is_chain {
        // It is no longer among them.
        socket.chains = socket.chains.saturating_sub(1);
        move_chain(&mut side.chains, 0, socket.chains);
    }
    move_request(&mut side.posted, 0, socket.receives.len());
}
