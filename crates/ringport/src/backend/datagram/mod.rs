//! Datagrams by vectored system calls: `recvmmsg` and `sendmmsg`.
//!
//! Both Linux backends send this way, since a datagram either leaves within the call or finds the socket
//! full, and a call for each batch keeps their order without any bookkeeping. The epoll backend
//! receives this way too, and io_uring where a request cannot be met from provided buffers.

mod messages;
mod receive;
mod send;

pub(crate) use receive::ReceiveBatch;
pub(crate) use send::{Flushed, SendBatch};

use crate::memory;

/// What a call that receives found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Received {
    /// It took less than it could: what comes next makes the socket readable anew. Of a stream whose peer has sent
    /// its last, the end is still to be read.
    Drained,
    /// There was nothing.
    Empty,
    /// There may be more.
    More,
    /// The connection is not made yet.
    Unconnected,
    /// There is something, and no slice for it in its pool.
    Dry,
}

/// The most messages in one call.
const BATCH: usize = 64;

/// The most slices in one call, over all of its messages; the kernel's own limit for one message.
const VECTORS: usize = 1024;

/// An all-zero message header.
fn empty_message() -> libc::mmsghdr {
    // SAFETY: mmsghdr is a plain C structure of integers and pointers; all zeroes is a valid value.
    unsafe { std::mem::zeroed() }
}

/// An empty scatter/gather entry.
pub(crate) const EMPTY_VECTOR: libc::iovec = libc::iovec { iov_base: std::ptr::null_mut(), iov_len: 0 };

/// Errors that an ICMP message about an earlier datagram leaves on a socket. They say nothing about the
/// datagram at hand, and a server must live on. Of a send, `EMSGSIZE` may also be its own: then it comes again when
/// that is tried once more.
pub(crate) fn is_unreachable(error: i32) -> bool {
    matches!(
        error,
        libc::ECONNREFUSED
            | libc::EHOSTUNREACH
            | libc::ENETUNREACH
            | libc::EHOSTDOWN
            | libc::ENETDOWN
            | libc::ENONET
            | libc::EPROTO
            | libc::ENOPROTOOPT
            | libc::EOPNOTSUPP
            | libc::EMSGSIZE
    )
}

/// What the flags of a received message say about its control data, as a slice remembers it.
#[inline]
pub(crate) fn received_flags(message: libc::c_int) -> u8 {
    if message & libc::MSG_CTRUNC != 0 { memory::Received::CONTROL_TRUNCATED } else { 0 }
}

/// The error number of the system call that just failed.
pub(crate) fn last_error() -> i32 {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(libc::EIO)
}
