//! Sends of a connection, what makes it, and what ends it.

use std::os::fd::{AsRawFd, BorrowedFd};

use crate::backend::bytes::{advance, complete_send};
use crate::backend::contract::{
    Attachment, Completion, Ended, Outward, Payload, Progress, SendRequest, SendSide, Status,
};
use crate::backend::datagram::{EMPTY_VECTOR, Flushed, last_error};
use crate::backend::sys::address;

/// The most slices that leave with one call.
const VECTORS: usize = 64;
/// No call waits, and none ends the process for a peer that is gone.
const AT_ONCE: libc::c_int = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;

/// Does what is due on `attachment`, in post order, and pushes the completions until `out` holds `limit`. Counts
/// each system call in `calls`.
pub(crate) fn flush(
    socket: BorrowedFd<'_>,
    key: u32,
    attachment: &mut Attachment,
    out: &mut Vec<Completion>,
    limit: usize,
    calls: &mut u64,
) -> Flushed {
    loop {
        let ended = attachment.receive.as_ref().and_then(|side| side.ended);
        let Some(side) = attachment.send.as_mut() else { return Flushed::Done };
        let due = side.posted.len().saturating_sub(side.deferred);
        let Some(first) = side.posted.front_mut().filter(|_| due > 0) else { return Flushed::Done };
        // A call completes no more than there is room for.
        let due = due.min(limit.saturating_sub(out.len()));
        if due == 0 {
            return Flushed::Limited;
        }
        *calls += 1;
        let what = first.what;
        let done = match what {
            Outward::Connect => connect(socket, first, &mut side.progress, ended),
            Outward::Finish => finish(socket),
            Outward::Data => {
                let result = transmit(socket, side, due);
                match result {
                    Ok(bytes) => {
                        advance(bytes, due, key, attachment, out);
                        continue;
                    }
                    Err(error) => Err(error),
                }
            }
        };
        match done {
            Ok(()) => {
                if let (Outward::Connect, Some(receives)) = (what, attachment.receive.as_mut()) {
                    // Of an earlier attempt.
                    (receives.ended, receives.broken) = (None, None);
                }
                complete_send(Status::Success, key, attachment, out);
            }
            Err(libc::EINTR) => {}
            Err(libc::EAGAIN) => {
                attachment.counters.blocked += 1;
                return Flushed::Blocked;
            }
            Err(error) => {
                if let Some(side) =
                    attachment.receive.as_mut().filter(|_| what == Outward::Data && breaks(error))
                {
                    side.broken = Some(error);
                }
                complete_send(Status::Failed(error), key, attachment, out);
            }
        }
    }
}

/// Whether an error says that the connection is over, other than by the peer's end, after which `EPIPE` comes too.
fn breaks(error: i32) -> bool {
    matches!(
        error,
        libc::ECONNRESET | libc::ECONNABORTED | libc::ETIMEDOUT | libc::EHOSTUNREACH | libc::ENETUNREACH
    )
}

/// Sends bytes of one slice; returns how many the socket took.
#[inline]
pub(crate) fn send_slice(socket: BorrowedFd<'_>, bytes: &[u8]) -> Result<usize, i32> {
    // SAFETY: the caller keeps the bytes, and the kernel only reads them.
    let result = unsafe { libc::send(socket.as_raw_fd(), bytes.as_ptr().cast(), bytes.len(), AT_ONCE) };
    usize::try_from(result).map_err(|_| last_error())
}

/// Sends the bytes of the requests posted first, up to one that is none of data.
#[inline]
fn transmit(socket: BorrowedFd<'_>, side: &SendSide, due: usize) -> Result<usize, i32> {
    let mut requests = side.posted.iter_from(0).take(due);
    if let Some(bytes) = requests.next().filter(|_| due == 1).and_then(single) {
        return send_slice(socket, bytes.get(side.progress.sent..).unwrap_or_default());
    }
    let mut vectors = [EMPTY_VECTOR; VECTORS];
    let used = gather(side, due, &mut vectors);
    // SAFETY: msghdr is a plain C structure of integers and pointers; all zeroes is a valid value.
    let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
    message.msg_iov = vectors.as_mut_ptr();
    message.msg_iovlen = used as _;
    // SAFETY: the vectors point at slices that the posted requests own; the kernel only reads them, and nothing
    // changes them before the call returns.
    let result = unsafe { libc::sendmsg(socket.as_raw_fd(), &message, AT_ONCE) };
    usize::try_from(result).map_err(|_| last_error())
}

/// The bytes of a request that has one slice.
#[inline]
fn single(request: &SendRequest) -> Option<&[u8]> {
    match &request.payload {
        Payload::Unique(buffer) => Some(buffer),
        Payload::Shared(buffer) => Some(buffer),
        _ => None,
    }
}

/// Points vectors at what is left of the requests posted first; returns how many.
fn gather(side: &SendSide, due: usize, vectors: &mut [libc::iovec]) -> usize {
    let mut used = 0;
    let mut skip = side.progress.sent;
    for request in side.posted.iter_from(0).take(due) {
        let fits = request.what == Outward::Data
            && request.payload.each_slice(|bytes| {
                let from = skip.min(bytes.len());
                skip -= from;
                let left = bytes.get(from..).unwrap_or_default();
                if left.is_empty() {
                    return true;
                }
                let Some(vector) = vectors.get_mut(used) else { return false };
                *vector = libc::iovec { iov_base: left.as_ptr().cast_mut().cast(), iov_len: left.len() };
                used += 1;
                true
            });
        if !fits {
            break;
        }
    }
    used
}

/// Makes the connection, or looks whether it was made: the same call does both. `ended`: what a receive found.
fn connect(
    socket: BorrowedFd<'_>,
    request: &SendRequest,
    progress: &mut Progress,
    ended: Option<Ended>,
) -> Result<(), i32> {
    let Some(peer) = request.peer else { return Err(libc::EDESTADDRREQ) };
    let mut name = [0; address::LONGEST];
    let length = address::encode(&peer, &mut name);
    // SAFETY: `name` holds an address of so many bytes, which the kernel only reads.
    let result = unsafe { libc::connect(socket.as_raw_fd(), name.as_ptr().cast(), length as _) };
    if result == 0 {
        return Ok(());
    }
    match (last_error(), ended) {
        (libc::EINPROGRESS | libc::EINTR | libc::EALREADY, _) => {
            progress.connecting = true;
            Err(libc::EAGAIN)
        }
        // A socket tells why it failed once, and a receive was told.
        (libc::ECONNABORTED, Some(Ended::Failed(error))) => Err(error),
        (error, _) => Err(error),
    }
}

/// Ends what is sent.
fn finish(socket: BorrowedFd<'_>) -> Result<(), i32> {
    // SAFETY: the call points at no memory.
    let result = unsafe { libc::shutdown(socket.as_raw_fd(), libc::SHUT_WR) };
    if result == 0 { Ok(()) } else { Err(last_error()) }
}
