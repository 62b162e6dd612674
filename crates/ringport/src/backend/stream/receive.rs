//! Receives of a connection.

use std::os::fd::{AsRawFd, BorrowedFd};

use crate::backend::bytes::{end, failed, give_back, hand_out};
use crate::backend::contract::{Attachment, Completion, Ended, ReceiveSide, Source};
use crate::backend::datagram::{EMPTY_VECTOR, Received, last_error};
use crate::memory::{ChainMut, Use};

/// The most slices filled by one call.
const VECTORS: usize = 64;
/// The most receives that one call fills, and that take a slice of their pool for it.
const REQUESTS: usize = 16;

/// Completes up to `want` of the receives posted first, with one call.
pub(crate) fn receive(
    socket: BorrowedFd<'_>,
    key: u32,
    attachment: &mut Attachment,
    want: usize,
    out: &mut Vec<Completion>,
) -> Received {
    let Some(side) = attachment.receive.as_mut() else { return Received::Empty };
    if let Some(ended) = side.ended {
        end(ended, key, attachment, want, out);
        return Received::More;
    }
    // What one receive takes is enough, until a connection is seen to bring more.
    let most = if side.flows { want.min(REQUESTS) } else { 1 };
    if most == 1
        && let Some(result) = receive_one(socket, side)
    {
        return judge(result, key, attachment, want, out);
    }
    let mut vectors = [EMPTY_VECTOR; VECTORS];
    let gathered = gather(side, &mut vectors, most);
    if gathered.vectors == 0 {
        return if side.posted.is_empty() { Received::More } else { Received::Dry };
    }
    // SAFETY: the vectors point at slices that the posted requests own uniquely; none is touched elsewhere before the
    // call returns. `readv` of a socket that does not block is `recvmsg` without an address.
    let result =
        unsafe { libc::readv(socket.as_raw_fd(), vectors.as_ptr(), gathered.vectors as libc::c_int) };
    let outcome = Outcome::of(result, gathered.bytes);
    if !matches!(outcome.result, Ok(1..)) {
        give_back(side, gathered.requests);
    }
    let received = judge(outcome, key, attachment, want, out);
    if let Some(side) = attachment.receive.as_mut() {
        give_back(side, gathered.requests);
    }
    received
}

/// How a call ended, and how many bytes it might have brought.
struct Outcome {
    result: Result<usize, i32>,
    asked: usize,
}

impl Outcome {
    fn of(result: isize, asked: usize) -> Outcome {
        let result = usize::try_from(result).map_err(|_| last_error());
        Outcome { result, asked }
    }
}

/// The usual case: one slice, which a plain `recv` fills. `None` where it is something else.
#[inline]
fn receive_one(socket: BorrowedFd<'_>, side: &mut ReceiveSide) -> Option<Outcome> {
    let filled = side.filled;
    let pool = side.pool.as_ref();
    let request = side.posted.front_mut()?;
    if request.slice.is_none() && request.source == Source::Pool {
        let buffer = pool?.take().ok()?;
        buffer.set_use(Use::Receiving);
        request.slice = Some(buffer);
    }
    let buffer = request.slice.as_ref()?;
    let room = buffer.capacity() - filled.min(buffer.capacity());
    // SAFETY: the first `filled` bytes of the slice are inside it, `room` more follow, and the request owns it
    // uniquely.
    let result = unsafe {
        libc::recv(socket.as_raw_fd(), buffer.payload_ptr().add(filled).cast(), room, libc::MSG_DONTWAIT)
    };
    if result <= 0 && request.source == Source::Pool && filled == 0 {
        // Nothing is there: an idle connection holds no slice, and an end brings none.
        request.slice = None;
    }
    Some(Outcome::of(result, room))
}

/// What the vectors of a call point at.
struct Gathered {
    requests: usize,
    vectors: usize,
    bytes: usize,
}

/// Points vectors at the memory of the receives posted first.
fn gather(side: &mut ReceiveSide, vectors: &mut [libc::iovec], most: usize) -> Gathered {
    let mut gathered = Gathered { requests: 0, vectors: 0, bytes: 0 };
    let mut chains = side.chains.iter();
    let mut skip = side.filled;
    while gathered.requests < most {
        let Some(request) = side.posted.get_mut(gathered.requests) else { break };
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
        gathered.requests += 1;
        for buffer in buffers {
            let from = skip.min(buffer.capacity());
            skip -= from;
            let room = buffer.capacity() - from;
            if room == 0 {
                continue;
            }
            let Some(vector) = vectors.get_mut(gathered.vectors) else { return gathered };
            let start = buffer.payload_ptr().wrapping_add(from);
            *vector = libc::iovec { iov_base: start.cast(), iov_len: room };
            gathered.vectors += 1;
            gathered.bytes += room;
        }
    }
    gathered
}

/// Does what the result of a call says.
fn judge(
    outcome: Outcome,
    key: u32,
    attachment: &mut Attachment,
    want: usize,
    out: &mut Vec<Completion>,
) -> Received {
    let broken = attachment.receive.as_ref().and_then(|side| side.broken);
    let ended = match (outcome.result, broken) {
        // No end that the peer has sent, although the system says so.
        (Ok(0), Some(error)) => failed(error, attachment),
        (Ok(0), None) => Ended::Finished,
        (Ok(bytes), _) => {
            let full = bytes == outcome.asked;
            if let Some(side) = attachment.receive.as_mut() {
                side.flows = full;
            }
            hand_out(bytes, key, attachment, out);
            return if full { Received::More } else { Received::Drained };
        }
        (Err(libc::EAGAIN), _) => return Received::Empty,
        // Receives may be posted before the connection is made.
        (Err(libc::ENOTCONN), _) => return Received::Unconnected,
        (Err(libc::EINTR), _) => return Received::More,
        (Err(error), _) => failed(error, attachment),
    };
    if let Some(side) = attachment.receive.as_mut() {
        side.ended = Some(ended);
    }
    end(ended, key, attachment, want, out);
    Received::More
}
