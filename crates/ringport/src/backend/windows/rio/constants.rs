//! What the bindings leave out of the registered I/O headers: the invalid names and the layout of control data.

use std::io;

use windows_sys::Win32::Networking::WinSock::{RIO_BUFFERID, RIO_CQ, RIO_RQ, WSAGetLastError};

use crate::backend::windows::status;

/// `RIO_INVALID_BUFFERID`: the lower 32 bits set, whatever the width of a pointer.
pub(crate) const INVALID_BUFFER: RIO_BUFFERID = 0xFFFF_FFFF_u32 as RIO_BUFFERID;
/// `RIO_INVALID_CQ`.
pub(crate) const INVALID_COMPLETION_QUEUE: RIO_CQ = 0;
/// `RIO_INVALID_RQ`.
pub(crate) const INVALID_REQUEST_QUEUE: RIO_RQ = 0;

/// Bytes of `RIO_CMSG_BUFFER` before its first control message: a length of 4, and padding to the alignment of
/// `WSACMSGHDR`.
///
/// ```text
///   0          4          8
///   | total    | padding  | WSACMSGHDR, data, padding | WSACMSGHDR ...
///   |<------------------------ total ------------------------------->|
/// ```
pub(crate) const CONTROL_HEAD: usize = 8;

/// The error that the calling thread's last socket call left.
pub(super) fn last_error() -> io::Error {
    // SAFETY: the call reads a value of this thread.
    io::Error::from_raw_os_error(unsafe { WSAGetLastError() })
}

/// The error number of a `RIORESULT`'s status, as the socket calls have it; 0 for success. Documented are these numbers;
/// those of Win32 and of the kernel, which are negative, are understood too.
#[inline]
pub(super) fn error_of(result: i32) -> i32 {
    match result {
        0 => 0,
        1.. => status::winsock(result),
        _ => status::error_of(result),
    }
}
