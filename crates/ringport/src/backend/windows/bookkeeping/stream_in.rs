//! Receives of a connection: one operation at a time, for those that were posted first.
//!
//! ```text
//!   a slice, a chain          ──► a receive into them
//!   a slice of the pool       ──► wait without memory ──► bytes ──► a receive into slices taken now
//!                                                       └ no slice: dry, until one comes back
//! ```

use windows_sys::Win32::Networking::WinSock::{WSAECONNRESET, WSAENOTCONN};

use super::super::carrier::{Carrier, Outcome, Way, Work};
use super::parts::{Parts, place_in};
use super::{Run, Socket, Windows, begin, ticket};
use crate::backend::bytes;
use crate::backend::contract::{Attachment, Completion, Ended, ReceiveSide, Source, Status};
use crate::backend::sys::descriptor::AsFd;
use crate::backend::sys::kind;
use crate::memory::{ChainMut, Place, Use};
use crate::net::SocketHandle;

/// The most slices filled by one operation.
const VECTORS: usize = 64;
/// The most receives that one operation fills, and that take a slice of their pool for it.
const REQUESTS: usize = 16;

impl<C: Carrier> Windows<C> {
    /// Begins what the receives posted first need, unless something is under way.
    pub(super) fn publish_stream(&mut self, key: u32, attachment: &mut Attachment) {
        let Windows { carrier, sockets, parts, ended, turns, dry, unmade, .. } = self;
        let Some(socket) = sockets.get_mut(key as usize).and_then(Option::as_mut) else { return };
        let only_receives = attachment.send.is_none();
        let Some(side) = attachment.receive.as_mut().filter(|side| !side.posted.is_empty()) else { return };
        if socket.quiescing || !socket.receives.is_empty() {
            return;
        }
        if side.ended.is_some() {
            return turns.add(key);
        }
        // One that is about to be made tells a receive that it has ended, where it is refused.
        socket.unconnected |= attachment.send.as_ref().is_some_and(|send| send.progress.connecting);
        if socket.unconnected {
            if only_receives && !unmade.contains(&key) {
                unmade.push(key);
            }
            return;
        }
        if socket.dry {
            return;
        }
        if waits_without_memory(side, socket) {
            (socket.reading, socket.asked) = (0, 0);
            let Some(place) = socket.receives.depart(Run::default()) else { return };
            // SAFETY: the attachment keeps the socket open; there is no memory.
            unsafe { begin(carrier, ended, ticket(key, Way::In, place), Work::Await) };
            return;
        }
        let most = socket.means.parts.min(VECTORS);
        (socket.reading, socket.asked) = gather(side, parts, most);
        if socket.reading == 0 {
            socket.dry = true;
            return dry.push(key);
        }
        let Some(place) = socket.receives.depart(Run::default()) else { return };
        let Some(at) = place_of_first(side) else { return };
        let whole = waits_for_all(side);
        let work = Work::Receive { parts: parts.as_slice(), place: at, beside: None, whole, quiet: false };
        // SAFETY: the attachment keeps the socket open. The slices are the requests' alone, which stay in their side with
        // them until this operation has ended.
        unsafe { begin(carrier, ended, ticket(key, Way::In, place), work) };
        carrier.commit(key);
    }

    /// The operation has ended.
    pub(super) fn arrived_bytes(&mut self, key: u32, attachment: &mut Attachment, out: &mut Vec<Completion>) {
        let Some(socket) = self.sockets.get_mut(key as usize).and_then(Option::as_mut) else { return };
        if socket.quiescing {
            return;
        }
        let Some((outcome, _)) = socket.receives.arrive() else { return };
        if outcome.status == Status::Aborted {
            // The socket was closed under it: each that is posted learns of that.
            settle(outcome, key, socket, attachment, out);
            if let Some(taken) = attachment.receive.as_mut().and_then(ReceiveSide::take_first) {
                let bytes = taken.bytes;
                out.push(attachment.received(key, taken, Status::Aborted, bytes));
            }
        } else {
            settle(outcome, key, socket, attachment, out);
        }
        self.publish_stream(key, attachment);
    }

    /// A connection whose turn it is.
    pub(super) fn turn(
        &mut self,
        key: u32,
        attachment: &mut Attachment,
        out: &mut Vec<Completion>,
        limit: usize,
    ) {
        let Some(ended) = attachment.receive.as_ref().and_then(|side| side.ended) else {
            return self.publish_any(key, attachment);
        };
        bytes::end(ended, key, attachment, limit.saturating_sub(out.len()), out);
        // What is left has its turn again.
        self.publish_stream(key, attachment);
    }
}

/// Whether the receive posted first takes its slice when there are bytes, and it is not known that there are.
fn waits_without_memory(side: &ReceiveSide, socket: &Socket) -> bool {
    let bare = side.posted.get(0).is_some_and(|first| first.slice.is_none() && first.source == Source::Pool);
    bare && socket.means.awaits && !socket.has_bytes
}

/// Whether the receive posted first is for all that it has room for.
fn waits_for_all(side: &ReceiveSide) -> bool {
    side.posted.get(0).is_some_and(|first| first.wait_all)
}

/// Collects the memory of the receives posted first; how many they are, and their bytes.
fn gather(side: &mut ReceiveSide, parts: &mut Parts, most: usize) -> (usize, usize) {
    parts.clear();
    // What one receive takes is enough, until a connection is seen to bring more; and none is kept waiting for another's.
    let requests = if side.flows && !waits_for_all(side) { REQUESTS } else { 1 };
    let (mut count, mut asked) = (0, 0);
    let mut chains = side.chains.iter();
    let mut skip = side.filled;
    while count < requests {
        let Some(request) = side.posted.get_mut(count) else { break };
        if request.slice.is_none() && request.source == Source::Pool {
            let Some(Ok(buffer)) = side.pool.as_ref().map(|pool| pool.take()) else { break };
            buffer.set_use(Use::Receiving);
            request.slice = Some(buffer);
        }
        let buffers = match (&request.slice, request.slice.is_none().then(|| chains.next()).flatten()) {
            (Some(buffer), _) => std::slice::from_ref(buffer),
            (None, Some(chain)) => ChainMut::buffers(chain),
            (None, None) => break,
        };
        count += 1;
        for buffer in buffers {
            if parts.len() == most {
                return (count, asked);
            }
            let room = parts.push_room(buffer, skip);
            skip = skip.saturating_sub(buffer.capacity());
            asked += room;
        }
    }
    (count, asked)
}

/// Where the first byte goes that is not there yet.
fn place_of_first(side: &ReceiveSide) -> Option<Place<'_>> {
    let first = side.posted.get(0)?;
    let buffers = match &first.slice {
        Some(buffer) => std::slice::from_ref(buffer),
        None => side.chains.front()?.buffers(),
    };
    let mut skip = side.filled;
    for buffer in buffers {
        if skip < buffer.capacity() {
            return Some(place_in(buffer, skip));
        }
        skip -= buffer.capacity();
    }
    buffers.first().map(|buffer| place_in(buffer, 0))
}

/// Does what the end of the operation says.
pub(super) fn settle(
    outcome: Outcome,
    key: u32,
    socket: &mut Socket,
    attachment: &mut Attachment,
    out: &mut Vec<Completion>,
) {
    let (reading, asked, bytes) = (socket.reading, socket.asked, outcome.bytes as usize);
    if !matches!(outcome.status, Status::Success | Status::Truncated) && reading > 0 {
        // What came before, of one that waits for all.
        bytes::hand_out(bytes, key, attachment, out);
    }
    let error = match outcome.status {
        Status::Failed(WSAENOTCONN) if never_connected(socket, attachment) => {
            // Receives may be posted before the connection is made.
            socket.unconnected = true;
            return let_go(socket, attachment);
        }
        Status::Failed(error) => Some(error),
        Status::Success | Status::Truncated if reading == 0 => {
            socket.has_bytes = true;
            return;
        }
        Status::Aborted => return let_go(socket, attachment),
        Status::Success | Status::Truncated if bytes > 0 || asked == 0 => {
            // Others may have come meanwhile, and an idle connection holds no slice; so it is waited for them.
            (socket.has_bytes, socket.was_connected) = (false, true);
            let Some(side) = attachment.receive.as_mut() else { return };
            side.flows = bytes == asked;
            bytes::hand_out(bytes, key, attachment, out);
            return let_go(socket, attachment);
        }
        // Where both ends have sent their last, nobody is at the other end either, and all is well.
        Status::Success | Status::Truncated if !socket.finished && !has_peer(attachment) => {
            if never_connected(socket, attachment) {
                // There is no end of what never began.
                socket.unconnected = true;
                return let_go(socket, attachment);
            }
            // A socket keeps its peer when that has sent its last, and loses it by a reset.
            Some(WSAECONNRESET)
        }
        // No end that the peer has sent, although the system says so.
        Status::Success | Status::Truncated => attachment.receive.as_ref().and_then(|side| side.broken),
    };
    let_go(socket, attachment);
    let ended = error.map_or(Ended::Finished, |error| bytes::failed(error, attachment));
    if let Some(side) = attachment.receive.as_mut() {
        side.ended = Some(ended);
    }
}

/// Whether the system knows who is at the other end.
pub(super) fn has_peer(attachment: &Attachment) -> bool {
    matches!(&attachment.socket, SocketHandle::Stream(stream) if stream.peer_addr().is_ok())
}

/// Whether there was no connection yet. One that was reset before anybody looked has no peer either, but the system
/// knows for how long it has been there.
fn never_connected(socket: &Socket, attachment: &Attachment) -> bool {
    !socket.was_connected && !kind::has_been_connected(attachment.socket.as_fd())
}

/// Slices that were taken and got nothing go back to their pool.
pub(super) fn let_go(socket: &mut Socket, attachment: &mut Attachment) {
    let reading = std::mem::take(&mut socket.reading);
    if let Some(side) = attachment.receive.as_mut() {
        bytes::give_back(side, reading);
    }
}
