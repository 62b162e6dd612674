//! What the end of a call means for its operation.

use std::os::windows::io::RawHandle;

use socket2::SockRef;
use windows_sys::Win32::Foundation::{
    ERROR_BROKEN_PIPE, ERROR_HANDLE_EOF, ERROR_HANDLES_CLOSED, ERROR_MORE_DATA, ERROR_OPERATION_ABORTED,
    ERROR_REQUEST_ABORTED,
};
use windows_sys::Win32::Networking::WinSock::{
    MSG_CTRUNC, MSG_TRUNC, WSAEDESTADDRREQ, WSAEINVAL, WSAENOTCONN, WSAESHUTDOWN,
};

use super::super::status;
use super::connection;
use super::node::{Flight, Node};
use super::socket::header;
use crate::backend::is_unreachable;
use crate::backend::plain::{Extent, Outcome, Request, Status, What};
use crate::backend::sys::{address, errno};
use crate::memory::{NAME_LEN, Received};

/// How a call ended: with this error, or 0, and so many bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ended {
    pub(super) error: i32,
    pub(super) bytes: usize,
}

impl Ended {
    /// As the system says in the place. Where it says that the operation is pending, and has sent its packet, a thread has
    /// ended and taken the operation along, which moved nothing.
    pub(super) fn of(node: Node) -> Ended {
        match node.status() {
            status if status::is_pending(status) => Ended { error: ERROR_OPERATION_ABORTED as i32, bytes: 0 },
            status => Ended { error: status::error_of(status), bytes: node.transferred() },
        }
    }
}

/// What comes next.
pub(super) enum Verdict {
    Done(Outcome),
    /// One more call.
    Again,
}

/// What the end means. `handle` is that of the operation, if it is open still.
pub(super) fn judge(flight: &mut Flight, ended: Ended, handle: Option<RawHandle>) -> Verdict {
    let Some(request) = flight.request.as_ref() else { return Verdict::Again };
    if is_of_cancelling(ended.error) {
        return Verdict::Done(aborted(flight, ended.bytes));
    }
    match request.what {
        What::Read(_) => read(flight, ended),
        What::Write(_) | What::SendAll => written(flight, ended),
        What::Receive(Extent::Stream) => Verdict::Done(received_bytes(flight, ended)),
        What::Receive(extent) => received(flight, ended, extent),
        What::Send => sent(flight, ended),
        What::Accept => accepted(flight, ended, handle),
        What::Connect => Verdict::Done(connected(flight, ended, handle)),
    }
}

/// Wine ends the operations of a socket that is closed with a number of its own, the last.
fn is_of_cancelling(error: i32) -> bool {
    matches!(error as u32, ERROR_OPERATION_ABORTED | ERROR_REQUEST_ABORTED | ERROR_HANDLES_CLOSED)
}

/// What had got through counts still.
fn aborted(flight: &mut Flight, bytes: usize) -> Outcome {
    match flight.request.as_mut() {
        Some(request) => {
            if matches!(request.what, What::SendAll | What::Write(_)) {
                request.progress += bytes;
            }
            Outcome::aborted(request)
        }
        None => Outcome { status: Status::Aborted, bytes: 0 },
    }
}

fn failed(flight: &Flight, error: i32) -> Outcome {
    match flight.request.as_ref() {
        Some(request) => Outcome::failed(error, request),
        None => Outcome { status: Status::Failed(error), bytes: 0 },
    }
}

/// Takes over what was written into the buffer, which the system did from its start.
fn fill(request: &mut Request, length: usize, received: Received) {
    // SAFETY: the calls that `length` comes from wrote so many bytes, or all there is room for.
    unsafe { request.buffer.fill(length, received) };
}

fn read(flight: &mut Flight, ended: Ended) -> Verdict {
    let is_end = matches!(ended.error as u32, ERROR_HANDLE_EOF | ERROR_BROKEN_PIPE);
    if ended.error != 0 && !is_end && ended.error as u32 != ERROR_MORE_DATA {
        return Verdict::Done(failed(flight, ended.error));
    }
    let Some(request) = flight.request.as_mut() else { return Verdict::Again };
    let (_, room) = request.buffer.room();
    let piece = room.saturating_sub(request.progress).min(super::file::PIECE);
    let bytes = if is_end { 0 } else { ended.bytes };
    request.progress += bytes;
    if ended.error == 0 && bytes == piece && request.progress < room {
        return Verdict::Again;
    }
    let length = request.progress;
    fill(request, length, Received::default());
    let status = if length == 0 && room > 0 { Status::End } else { Status::Success };
    Verdict::Done(Outcome { status, bytes: length })
}

fn written(flight: &mut Flight, ended: Ended) -> Verdict {
    if ended.error != 0 {
        return Verdict::Done(failed(flight, ended.error));
    }
    let Some(request) = flight.request.as_mut() else { return Verdict::Again };
    request.progress += ended.bytes;
    let length = request.buffer.bytes().len();
    match request.progress {
        progress if progress >= length => Verdict::Done(Outcome::success(progress)),
        _ if ended.bytes == 0 => Verdict::Done(failed(flight, errno::EIO)),
        _ => Verdict::Again,
    }
}

/// A stream has given this much.
fn received_bytes(flight: &mut Flight, ended: Ended) -> Outcome {
    let is_shut = ended.error == WSAESHUTDOWN;
    if ended.error != 0 && !is_shut {
        return failed(flight, ended.error);
    }
    let bytes = if is_shut { 0 } else { ended.bytes };
    let Some(request) = flight.request.as_mut() else { return Outcome::success(0) };
    let (_, room) = request.buffer.room();
    fill(request, bytes, Received::default());
    let status = if bytes == 0 && room > 0 { Status::End } else { Status::Success };
    Outcome { status, bytes }
}

/// A datagram. An error that an earlier one left on the socket is none of this operation's.
fn received(flight: &mut Flight, ended: Ended, extent: Extent) -> Verdict {
    let is_message = extent == Extent::Message && has_header(flight);
    let is_short = ended.error as u32 == ERROR_MORE_DATA || ended.error == errno::EMSGSIZE;
    match ended.error {
        0 => {}
        _ if is_short => {}
        WSAESHUTDOWN => return Verdict::Done(Outcome { status: Status::End, bytes: 0 }),
        error if is_unreachable(error) => return Verdict::Again,
        error => return Verdict::Done(failed(flight, error)),
    }
    let told = match extent {
        Extent::Message if is_message => told_by(flight),
        Extent::Address | Extent::Message => Received {
            name_len: (flight.name_len.max(0) as usize).min(NAME_LEN) as u8,
            ..Received::default()
        },
        _ => Received::default(),
    };
    // A message is short, too, where only what the system says about it did not fit.
    let is_short = match flight.message.dwFlags & (MSG_TRUNC | MSG_CTRUNC) {
        flags if is_message && flags != 0 => flags & MSG_TRUNC != 0,
        _ => is_short,
    };
    let (name, has_header) = (flight.name, has_header(flight));
    let Some(request) = flight.request.as_mut() else { return Verdict::Again };
    let (_, room) = request.buffer.room();
    // What did not fit has filled it.
    let length = if is_short { room } else { ended.bytes.min(room) };
    if !has_header && extent != Extent::Payload {
        request.peer = address::decode(name.get(..usize::from(told.name_len)).unwrap_or_default());
    }
    fill(request, length, told);
    let status = if is_short { Status::Truncated } else { Status::Success };
    Verdict::Done(Outcome { status, bytes: length })
}

fn has_header(flight: &Flight) -> bool {
    flight.request.as_ref().is_some_and(|request| header(&request.buffer).is_some())
}

/// What a message says about the headroom after the call.
fn told_by(flight: &Flight) -> Received {
    let message = &flight.message;
    Received {
        name_len: (message.namelen.max(0) as usize).min(NAME_LEN) as u8,
        control_len: message.Control.len.min(u32::from(u16::MAX)) as u16,
        flags: if message.dwFlags & MSG_CTRUNC != 0 { Received::CONTROL_TRUNCATED } else { 0 },
    }
}

/// A datagram left, or did not. An error that an earlier one left is taken, and the send tried once more.
fn sent(flight: &mut Flight, ended: Ended) -> Verdict {
    match ended.error {
        0 => Verdict::Done(Outcome::success(ended.bytes)),
        // Windows says that it is not connected, Wine that an argument is wrong.
        WSAENOTCONN | WSAEINVAL if flight.request.as_ref().is_some_and(|request| request.peer.is_none()) => {
            Verdict::Done(failed(flight, WSAEDESTADDRREQ))
        }
        // In the kernel it is the same number whichever way a datagram does not fit.
        error if error as u32 == ERROR_MORE_DATA => Verdict::Done(failed(flight, errno::EMSGSIZE)),
        error if error != errno::EMSGSIZE && is_unreachable(error) && !flight.retried => {
            flight.retried = true;
            Verdict::Again
        }
        error => Verdict::Done(failed(flight, error)),
    }
}

/// A connection, or none: one that was gone before is nobody's.
fn accepted(flight: &mut Flight, ended: Ended, listener: Option<RawHandle>) -> Verdict {
    let accepted = flight.accepted.take();
    match ended.error {
        0 => {}
        error if status::is_lost_connection(error) => return Verdict::Again,
        error => return Verdict::Done(failed(flight, error)),
    }
    let (Some(accepted), Some(listener)) = (accepted, listener) else {
        return Verdict::Done(aborted(flight, 0));
    };
    // Without it the socket has no addresses; one that is gone has none either.
    let peer = connection::inherit(&accepted, listener).and_then(|()| SockRef::from(&accepted).peer_addr());
    let Some(request) = flight.request.as_mut() else { return Verdict::Again };
    request.peer = peer.ok().and_then(|peer| peer.as_socket());
    request.accepted = Some(accepted);
    Verdict::Done(Outcome::success(0))
}

fn connected(flight: &mut Flight, ended: Ended, handle: Option<RawHandle>) -> Outcome {
    if ended.error != 0 {
        return failed(flight, ended.error);
    }
    // SAFETY: a handle that is given is open.
    match handle.map(|handle| unsafe { connection::note_connected(handle) }) {
        Some(Err(error)) => failed(flight, error.raw_os_error().unwrap_or(errno::EIO)),
        _ => Outcome::success(0),
    }
}
