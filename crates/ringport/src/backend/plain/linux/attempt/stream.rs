//! Streams: bytes, and how connections come about.

use std::os::fd::{FromRawFd, OwnedFd, RawFd};

use super::{Attempt, advance, received_bytes, transferred};
use crate::backend::datagram::last_error;
use crate::backend::plain::{Outcome, Request};
use crate::backend::sys::address;
use crate::memory::NAME_LEN;

/// Receives what there is.
pub(super) fn receive(descriptor: RawFd, request: &mut Request) -> Attempt {
    let (start, room) = request.buffer.room();
    loop {
        // SAFETY: the request owns `room` bytes from `start`, and is borrowed uniquely until the call returns.
        let returned = unsafe { libc::recv(descriptor, start.cast(), room, libc::MSG_DONTWAIT) };
        match transferred(returned) {
            Err(libc::EINTR) => {}
            Err(error) => return Attempt::failed(error, request),
            Ok(length) => return Attempt::Done(received_bytes(request, length, room)),
        }
    }
}

/// Sends down a stream until all is sent or it is full.
pub(super) fn send_all(descriptor: RawFd, request: &mut Request) -> Attempt {
    loop {
        let rest = request.buffer.bytes().get(request.progress..).unwrap_or_default();
        let flags = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
        // SAFETY: `rest` is valid for reading its bytes.
        let sent = unsafe { libc::send(descriptor, rest.as_ptr().cast(), rest.len(), flags) };
        match transferred(sent) {
            Err(libc::EINTR) => {}
            Err(error) => return Attempt::failed(error, request),
            Ok(length) => {
                if let Some(outcome) = advance(request, length) {
                    return Attempt::Done(outcome);
                }
            }
        }
    }
}

/// Takes a connection. The listener is in non-blocking mode. One that was gone before is nobody's.
pub(super) fn accept(descriptor: RawFd, request: &mut Request) -> Attempt {
    let mut name = [0u8; NAME_LEN];
    loop {
        let mut name_len = NAME_LEN as libc::socklen_t;
        // SAFETY: the name has room for `NAME_LEN` bytes, as stated.
        let taken =
            unsafe { libc::accept4(descriptor, name.as_mut_ptr().cast(), &mut name_len, libc::SOCK_CLOEXEC) };
        if taken >= 0 {
            request.peer = address::decode(name.get(..name_len as usize).unwrap_or_default());
            // SAFETY: the descriptor is new and nobody else owns it.
            request.accepted = Some(unsafe { OwnedFd::from_raw_fd(taken) });
            return Attempt::Done(Outcome::success(0));
        }
        match last_error() {
            libc::EINTR | libc::ECONNABORTED => {}
            error => return Attempt::failed(error, request),
        }
    }
}

/// Begins to connect, or looks how far it got: the same call does both. The socket is in non-blocking mode.
pub(super) fn connect(descriptor: RawFd, request: &mut Request) -> Attempt {
    let Some(peer) = request.peer.as_ref() else {
        return Attempt::failed(libc::EDESTADDRREQ, request);
    };
    let mut name = [0; address::LONGEST];
    let name_len = address::encode(peer, &mut name) as libc::socklen_t;
    // SAFETY: the name is valid for reading as many bytes as stated.
    match unsafe { libc::connect(descriptor, name.as_ptr().cast(), name_len) } {
        0 => Attempt::Done(Outcome::success(0)),
        _ => match last_error() {
            // It was under way, and has arrived.
            libc::EISCONN if request.progress > 0 => Attempt::Done(Outcome::success(0)),
            libc::EINTR => Attempt::Blocked,
            error => {
                request.progress = 1;
                Attempt::failed(error, request)
            }
        },
    }
}
