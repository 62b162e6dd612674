//! Sends from any thread, straight to the socket: on Windows there are none.
//!
//! A queue on a port has its sends made by whoever has its backend, for a completion belongs to the queue that asked for
//! it. So each send finds the socket full, and goes there: to the pump's thread, or to the pump's turn, which as a rule is
//! this thread's.

use crate::backend::contract::{Attachment, Completion};
use crate::backend::sys::descriptor::BorrowedFd;
use crate::backend::sys::errno;

/// How far a flush got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flushed {
    /// What is left goes to whoever has the backend.
    Blocked,
}

/// Room for the arguments of calls that send: none is needed.
#[derive(Debug)]
pub(crate) struct SendBatch;

impl SendBatch {
    pub(crate) fn new() -> SendBatch {
        SendBatch
    }

    pub(crate) fn flush(
        &mut self,
        socket: BorrowedFd<'_>,
        key: u32,
        attachment: &mut Attachment,
        out: &mut Vec<Completion>,
        limit: usize,
        calls: &mut u64,
    ) -> Flushed {
        flush(socket, key, attachment, out, limit, calls)
    }
}

/// Sends nothing.
pub(crate) fn flush(
    _socket: BorrowedFd<'_>,
    _key: u32,
    _attachment: &mut Attachment,
    _out: &mut Vec<Completion>,
    _limit: usize,
    _calls: &mut u64,
) -> Flushed {
    Flushed::Blocked
}

/// Sends nothing.
pub(crate) fn send_slice(_socket: BorrowedFd<'_>, _bytes: &[u8]) -> Result<usize, i32> {
    Ok(0)
}

/// Errors that an ICMP message about an earlier datagram leaves on a socket. They say nothing about the datagram at
/// hand, and a server must live on.
pub(crate) fn is_unreachable(error: i32) -> bool {
    matches!(
        error,
        errno::ECONNRESET
            | errno::ECONNREFUSED
            | errno::ENETRESET
            | errno::EHOSTUNREACH
            | errno::ENETUNREACH
            | errno::EHOSTDOWN
            | errno::ENETDOWN
            | errno::EMSGSIZE
    )
}
