//! Linux, by the calls of its C library.

pub(crate) mod blocking;
pub(crate) mod clock;
pub(crate) mod descriptor;
pub(crate) mod epoll;
pub(crate) mod errno;
pub(crate) mod error_queue;
pub(crate) mod event;
pub(crate) mod family;
pub(crate) mod identity;
pub(crate) mod kind;
pub(crate) mod movable;
pub(crate) mod option;
pub(crate) mod poll;
pub(crate) mod thread;

use std::io;

/// The error of the last call when it returned `-1`, else what it returned.
fn checked(returned: libc::c_int) -> io::Result<libc::c_int> {
    if returned < 0 { Err(io::Error::last_os_error()) } else { Ok(returned) }
}
