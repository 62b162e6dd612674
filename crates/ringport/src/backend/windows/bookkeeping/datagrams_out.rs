//! Sends of datagrams, each message an operation of its own.
//!
//! ```text
//!   posted   [ a a a │ b │ c c ]      covered: those that the kernel has as a whole
//!   flights    3       1              each completes as many as end in it
//! ```
//!
//! The system takes them in the order of the calls, and most are done at once. Behind one that was refused nothing
//! begins before that is settled, for it may have to be tried once more, in its place.

use windows_sys::Win32::Networking::WinSock::WSAEMSGSIZE;

use super::super::carrier::{Begun, Carrier, Outcome, Way, Work};
use super::destination;
use super::parts::{Parts, place_of};
use super::{Run, Socket, Windows, ticket};
use crate::backend::contract::{Attachment, Completion, SendRequest, SendSide, Status};
use crate::backend::is_unreachable;
use crate::backend::run;
use crate::backend::sys::errno;
use crate::net::ControlBuffer;

impl<C: Carrier> Windows<C> {
    /// Completes what has left, and begins what is due.
    pub(super) fn flush_datagrams(
        &mut self,
        key: u32,
        attachment: &mut Attachment,
        out: &mut Vec<Completion>,
    ) {
        let mut begun = false;
        loop {
            let Windows { carrier, sockets, parts, control, .. } = self;
            let Some(socket) = sockets.get_mut(key as usize).and_then(Option::as_mut) else { return };
            if socket.quiescing {
                return;
            }
            while let Some((outcome, run)) = socket.sends.arrive() {
                departed(outcome, run, key, socket, attachment, out);
            }
            let Some(side) = attachment.send.as_mut() else { return };
            side.blocked = !socket.sends.is_empty();
            if !may_follow(&socket.sends) {
                break;
            }
            let Some((run, first)) = next(side, socket, parts) else { break };
            let of_each = run::control_of(first, side);
            let control = if run.datagrams > 1 {
                run.write_control(of_each, control);
                Some(&*control)
            } else {
                of_each
            };
            let narrowed = control
                .filter(|control| !control.is_empty())
                .map(|control| destination::for_way(control, first.peer, socket.is_v6, &attachment.socket));
            let peer = first.peer.map(|peer| destination::in_form(peer, socket.is_v6));
            let Some(place) = socket.sends.depart(run) else { break };
            let outcome = match place_of(&first.payload, socket.offset) {
                _ if parts.len() > socket.means.parts => {
                    Begun::Done(Outcome::of(Status::Failed(errno::EOPNOTSUPP)))
                }
                Some(at) => {
                    let work = Work::Send {
                        parts: parts.as_slice(),
                        place: at,
                        peer: peer.as_ref(),
                        control: narrowed.as_ref().map_or(&[], ControlBuffer::as_bytes),
                        quiet: !first.notifies && u32::from(socket.means.sends) >= side.limit,
                    };
                    // SAFETY: the attachment keeps the socket open. The slices are the request's, which stays in its
                    // side until this operation has ended, and nobody writes to them while it is posted.
                    unsafe { carrier.begin(ticket(key, Way::Out, place), work) }
                }
                None => Begun::Done(Outcome::of(Status::Failed(errno::EINVAL))),
            };
            begun = true;
            cover(socket, run);
            match outcome {
                Begun::Pending => attachment.counters.blocked += 1,
                Begun::Done(outcome) => socket.sends.note(place, outcome),
            }
        }
        if begun {
            self.carrier.commit(key);
            if self.socket_mut(key).is_some_and(|socket| std::mem::take(&mut socket.unconnected)) {
                // The first send has bound the socket.
                self.unmade.retain(|unmade| *unmade != key);
                self.publish_datagrams(key, attachment);
            }
        }
    }
}

/// Whether another may begin behind those under way.
fn may_follow(sends: &super::lane::Lane) -> bool {
    let ends_well = |flight: &super::lane::Flight| {
        let failed = flight.outcome.as_ref().is_some_and(|outcome| outcome.status != Status::Success);
        // Of a send that goes on in the next message, nothing is to follow a part that may still fail.
        !failed && (flight.run.open == 0 || flight.outcome.is_some())
    };
    sends.has_room() && sends.newest().is_none_or(ends_well)
}

/// Collects the next message; its first send, if there is one.
fn next<'side>(
    side: &'side SendSide,
    socket: &Socket,
    parts: &mut Parts,
) -> Option<(Run, &'side SendRequest)> {
    parts.clear();
    let due = side.posted.len().saturating_sub(side.deferred).saturating_sub(socket.covered);
    let largest = if socket.cuts { side.segmentation.largest() } else { 0 };
    let mut requests = side.posted.iter_from(socket.covered).take(due);
    let first = requests.next()?;
    let length = to_u32(first.payload.len());
    let rest = length.saturating_sub(to_u32(socket.offset));
    let mut run = Run::begin(run::unit(first, length), rest, largest);
    // With too many parts it is refused as a whole, by whoever counts them.
    parts.push_bytes(&first.payload, socket.offset, run.bytes() as usize, usize::MAX);
    if run.bytes() < rest {
        run.open = run.bytes();
        return Some((run, first));
    }
    run.ends = 1;
    let takes = |request| run::control_of(request, side).is_none_or(ControlBuffer::takes_segment_size);
    for request in requests {
        let length = to_u32(request.payload.len());
        let bytes = run.room(run::unit(request, length), length);
        if bytes == 0 || !run::alike(first, request, side) || run.datagrams == 1 && !takes(request) {
            break;
        }
        let had = parts.len();
        if !parts.push_bytes(&request.payload, 0, bytes as usize, socket.means.parts) {
            parts.truncate(had);
            break;
        }
        run.add(bytes);
        if bytes < length {
            run.open = bytes;
            break;
        }
        run.ends += 1;
    }
    Some((run, first))
}

/// The kernel has this message, or had it.
fn cover(socket: &mut Socket, run: Run) {
    let before = if run.ends > 0 { 0 } else { socket.offset };
    socket.covered += run.ends as usize;
    socket.offset = if run.open > 0 { before + run.open as usize } else { 0 };
}

/// The first message has ended.
pub(super) fn departed(
    outcome: Outcome,
    run: Run,
    key: u32,
    socket: &mut Socket,
    attachment: &mut Attachment,
    out: &mut Vec<Completion>,
) {
    match outcome.status {
        Status::Success => {
            complete(run, Status::Success, key, attachment, out);
            socket.covered = socket.covered.saturating_sub(run.ends as usize);
            let Some(side) = attachment.send.as_mut() else { return };
            let before = if run.ends > 0 { 0 } else { side.progress.sent };
            side.progress.sent = before + run.open as usize;
            if run.held_back && socket.cuts && side.segmentation.left(1) {
                attachment.counters.unsegmented += 1;
            }
        }
        Status::Aborted => {
            complete(run, Status::Aborted, key, attachment, out);
            socket.covered = socket.covered.saturating_sub(run.ends as usize);
        }
        // Said of a send it is an error as any other.
        Status::Truncated => refused(WSAEMSGSIZE, run, key, socket, attachment, out),
        Status::Failed(error) => refused(error, run, key, socket, attachment, out),
    }
}

/// Completes the sends that end in a message.
fn complete(run: Run, status: Status, key: u32, attachment: &mut Attachment, out: &mut Vec<Completion>) {
    for _ in 0..run.ends {
        let Some(request) = attachment.send.as_mut().and_then(|side| side.posted.pop_front()) else { return };
        let bytes = if status == Status::Success { request.payload.len() as u32 } else { 0 };
        out.push(attachment.sent(key, request, status, bytes));
    }
}

/// The first message was refused. That may be because it is to be cut: then its datagrams, and all as large, leave one by
/// one from now on. An error left by an ICMP message is about an earlier datagram: taking it cleared it, so the send is
/// tried once more before anything follows from it. Both only while nothing is behind it in the kernel.
#[cold]
fn refused(
    error: i32,
    run: Run,
    key: u32,
    socket: &mut Socket,
    attachment: &mut Attachment,
    out: &mut Vec<Completion>,
) {
    let Some(side) = attachment.send.as_mut() else { return };
    let alone = socket.sends.is_empty();
    if alone {
        // What was in it begins anew, but for the send that fails.
        (socket.covered, socket.offset) = (0, side.progress.sent);
        if is_unreachable(error)
            && let Some(first) = side.posted.front_mut().filter(|first| !first.retried)
        {
            first.retried = true;
            // A datagram that is too large is nobody's absence.
            attachment.counters.unreachable += u64::from(error != WSAEMSGSIZE);
            return;
        }
        match run.datagrams {
            2.. if side.segmentation.refused(run.segment, error) => return,
            _ => side.segmentation.refused_alone(error),
        }
        if let Some((request, sent)) = side.take_first() {
            socket.offset = 0;
            out.push(attachment.sent(key, request, Status::Failed(error), sent));
        }
        return;
    }
    complete(run, Status::Failed(error), key, attachment, out);
    socket.covered = socket.covered.saturating_sub(run.ends as usize);
}

/// More than there can be is more than any datagram takes.
#[inline]
fn to_u32(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}
