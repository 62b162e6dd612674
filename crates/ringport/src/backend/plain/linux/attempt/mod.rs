//! Trying an operation with one system call that does not wait.

mod datagram;
mod file;
mod stream;

use std::io;
use std::os::fd::{BorrowedFd, RawFd};

pub(super) use datagram::{datagram, header, told_by};
pub(super) use file::transfer;

use crate::backend::datagram::last_error;
use crate::backend::plain::{Outcome, Request, Status, What};
use crate::memory::Received;

/// How a try ended.
#[derive(Clone, Copy, Debug)]
pub(super) enum Attempt {
    Done(Outcome),
    /// It has to wait for the other side.
    Blocked,
}

/// What a system call returned that transfers bytes.
type Transferred = Result<usize, i32>;

impl Attempt {
    fn failed(error: i32, request: &Request) -> Attempt {
        match error {
            libc::EAGAIN | libc::EINPROGRESS | libc::EALREADY => Attempt::Blocked,
            error => Attempt::Done(Outcome::failed(error, request)),
        }
    }
}

/// Tries it.
#[inline]
pub(super) fn attempt(descriptor: RawFd, request: &mut Request) -> Attempt {
    match request.what {
        What::Receive(extent) => datagram::receive(descriptor, request, extent),
        What::Send => datagram::send(descriptor, request),
        What::SendAll => stream::send_all(descriptor, request),
        What::Accept => stream::accept(descriptor, request),
        What::Connect => stream::connect(descriptor, request),
        What::Read(offset) => file::read_cached(descriptor, request, offset),
        What::Write(offset) => file::may_write(request, offset),
    }
}

fn transferred(returned: isize) -> Transferred {
    usize::try_from(returned).map_err(|_| last_error())
}

/// A stream, or a file, has given this much.
pub(super) fn received_bytes(request: &mut Request, length: usize, room: usize) -> Outcome {
    // SAFETY: the call that `length` comes from wrote so many bytes, from the start.
    unsafe { request.buffer.fill(length, Received::default()) };
    let status = if length == 0 && room > 0 { Status::End } else { Status::Success };
    Outcome { status, bytes: length }
}

/// Notes that so much more went out; the outcome, if that was the rest.
pub(super) fn advance(request: &mut Request, length: usize) -> Option<Outcome> {
    request.progress += length;
    let complete = request.progress >= request.buffer.bytes().len();
    complete.then(|| Outcome::success(request.progress))
}

/// Switches a socket to non-blocking mode.
pub(super) fn set_nonblocking(descriptor: BorrowedFd<'_>) -> io::Result<()> {
    socket2::SockRef::from(&descriptor).set_nonblocking(true)
}
