//! Connections taken from a listener.

use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

use crate::backend::bytes::{accepted, refused};
use crate::backend::contract::{Attachment, Completion};
use crate::backend::datagram::{Received, last_error};

/// Completes up to `want` of the accepts posted first, a call for each.
pub(crate) fn accept(
    socket: BorrowedFd<'_>,
    key: u32,
    attachment: &mut Attachment,
    want: usize,
    out: &mut Vec<Completion>,
) -> Received {
    for _ in 0..want {
        if attachment.receive.as_ref().is_none_or(|side| side.posted.is_empty()) {
            break;
        }
        // SAFETY: no address is asked for, so the call points at no memory.
        let descriptor = unsafe {
            libc::accept4(
                socket.as_raw_fd(),
                std::ptr::null_mut(),
                std::ptr::null_mut(),
                libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC,
            )
        };
        if descriptor >= 0 {
            // SAFETY: the kernel has just given us this descriptor, and nobody else knows of it.
            let connection = unsafe { OwnedFd::from_raw_fd(descriptor) };
            accepted(connection, key, attachment, out);
            continue;
        }
        match last_error() {
            libc::EAGAIN => return Received::Empty,
            // The connection was gone before it was taken.
            libc::EINTR | libc::ECONNABORTED => {}
            error => {
                refused(error, key, attachment, out);
                return Received::More;
            }
        }
    }
    Received::More
}
