//! Thin safe wrappers over the system calls that the crate needs beside its rings.
//!
//! Each wrapper does one call, turns `-1` into an [`std::io::Error`] and adds no policy: what an error
//! means, and what a user should change, is for the caller to say.

pub(crate) mod address;
pub(crate) mod blocking;
pub(crate) mod clock;
pub(crate) mod epoll;
pub(crate) mod error_queue;
pub(crate) mod event;
pub(crate) mod identity;
pub(crate) mod option;
pub(crate) mod poll;
pub(crate) mod thread;

use std::io;

/// The error of the last call when it returned `-1`, else what it returned.
fn checked(returned: libc::c_int) -> io::Result<libc::c_int> {
    if returned < 0 { Err(io::Error::last_os_error()) } else { Ok(returned) }
}
