//! Files: what is in memory already is read at once; for the rest the caller has to wait.

use std::os::fd::RawFd;

use super::{Attempt, advance, received_bytes, transferred};
use crate::backend::plain::{Outcome, Request, What};

/// Reads what the system has in memory already, if that is all of it; else it is read where it may wait.
pub(super) fn read_cached(descriptor: RawFd, request: &mut Request, offset: u64) -> Attempt {
    let (start, room) = request.buffer.room();
    let Ok(offset) = libc::off64_t::try_from(offset) else {
        return Attempt::failed(libc::EINVAL, request);
    };
    let mut read = 0;
    loop {
        let left = libc::iovec { iov_base: start.wrapping_add(read).cast(), iov_len: room - read };
        let at = offset.saturating_add(read as libc::off64_t);
        // SAFETY: the one vector points at what is left of the `room` bytes that the request owns and is borrowed
        // uniquely for.
        let returned = unsafe { libc::preadv2(descriptor, &left, 1, at, libc::RWF_NOWAIT) };
        match transferred(returned) {
            // A file that ends inside the buffer says so only when it is asked once more.
            Ok(length) if length == 0 || length == room - read => {
                return Attempt::Done(received_bytes(request, read + length, room));
            }
            Ok(length) => read += length,
            Err(_) => return Attempt::Blocked,
        }
    }
}

/// Nothing is written without waiting. An offset that no file has is refused here: io_uring takes the last of them
/// for the position that the file is at.
pub(super) fn may_write(request: &Request, offset: u64) -> Attempt {
    match libc::off64_t::try_from(offset) {
        Ok(_) => Attempt::Blocked,
        Err(_) => Attempt::failed(libc::EINVAL, request),
    }
}

/// Reads or writes, and waits for it: for a thread that may.
pub(in super::super) fn transfer(descriptor: RawFd, request: &mut Request) -> Outcome {
    match request.what {
        What::Read(offset) => read(descriptor, request, offset),
        What::Write(offset) => write(descriptor, request, offset),
        _ => Outcome::failed(libc::EINVAL, request),
    }
}

fn read(descriptor: RawFd, request: &mut Request, offset: u64) -> Outcome {
    let (start, room) = request.buffer.room();
    loop {
        // SAFETY: the request owns `room` bytes from `start`, and is borrowed uniquely until the call returns.
        let returned = unsafe { libc::pread64(descriptor, start.cast(), room, offset as libc::off64_t) };
        match transferred(returned) {
            Err(libc::EINTR) => {}
            Err(error) => return Outcome::failed(error, request),
            Ok(length) => return received_bytes(request, length, room),
        }
    }
}

fn write(descriptor: RawFd, request: &mut Request, offset: u64) -> Outcome {
    loop {
        let rest = request.buffer.bytes().get(request.progress..).unwrap_or_default();
        let at = offset.wrapping_add(request.progress as u64) as libc::off64_t;
        // SAFETY: `rest` is valid for reading its bytes.
        let written = unsafe { libc::pwrite64(descriptor, rest.as_ptr().cast(), rest.len(), at) };
        match transferred(written) {
            Err(libc::EINTR) => {}
            Err(error) => return Outcome::failed(error, request),
            Ok(0) if !rest.is_empty() => return Outcome::failed(libc::EIO, request),
            Ok(length) => {
                if let Some(outcome) = advance(request, length) {
                    return outcome;
                }
            }
        }
    }
}
