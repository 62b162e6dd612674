//! Trying an operation with one system call that does not wait.

use std::io;
use std::os::fd::{BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::ptr;

use super::buffer::OperationBuffer;
use super::request::{Extent, Outcome, Request, Status, What};
use crate::backend::datagram::{is_unreachable, last_error, received_flags};
use crate::backend::sys::address;
use crate::memory::{CONTROL_OFFSET, NAME_LEN, NAME_OFFSET, Received};

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
        What::Receive(extent) => receive(descriptor, request, extent),
        What::Send => send(descriptor, request),
        What::SendAll => send_all(descriptor, request),
        What::Accept => accept(descriptor, request),
        What::Connect => connect(descriptor, request),
        What::Read(offset) => read_cached(descriptor, request, offset),
        What::Write(_) => Attempt::Blocked,
    }
}

fn transferred(returned: isize) -> Transferred {
    usize::try_from(returned).map_err(|_| last_error())
}

/// Receives. An error that an earlier datagram left on a datagram socket is none of this operation's.
fn receive(descriptor: RawFd, request: &mut Request, extent: Extent) -> Attempt {
    loop {
        let received = match (extent, &request.buffer) {
            (Extent::Stream, _) => return receive_stream(descriptor, request),
            (Extent::Payload, _) => receive_payload(descriptor, request),
            (Extent::Message, OperationBuffer::Unique(_)) => receive_message(descriptor, request),
            _ => receive_address(descriptor, request),
        };
        match received {
            Ok(outcome) => return Attempt::Done(outcome),
            Err(error) if error == libc::EINTR || is_unreachable(error) => {}
            Err(error) => return Attempt::failed(error, request),
        }
    }
}

fn receive_payload(descriptor: RawFd, request: &mut Request) -> Result<Outcome, i32> {
    let (start, room) = request.buffer.room();
    // SAFETY: the request owns `room` bytes from `start`, and is borrowed uniquely until the call returns.
    // MSG_TRUNC makes it return the datagram's length.
    let returned =
        unsafe { libc::recv(descriptor, start.cast(), room, libc::MSG_DONTWAIT | libc::MSG_TRUNC) };
    let length = transferred(returned)?;
    // SAFETY: the call wrote the first `length` bytes, or all there is room for.
    unsafe { request.buffer.fill(length, Received::default()) };
    Ok(datagram(length, room))
}

/// A slice keeps the address where the queues keep it, anything else has it beside it.
fn receive_address(descriptor: RawFd, request: &mut Request) -> Result<Outcome, i32> {
    let (start, room) = request.buffer.room();
    let mut name = [0u8; NAME_LEN];
    let header = header(&request.buffer);
    let name_ptr = header.map_or(name.as_mut_ptr(), |(header, _)| header.wrapping_add(NAME_OFFSET));
    let mut name_len = NAME_LEN as libc::socklen_t;
    // SAFETY: as above; the name has room for `NAME_LEN` bytes, in the headroom of the slice or here.
    let returned = unsafe {
        libc::recvfrom(
            descriptor,
            start.cast(),
            room,
            libc::MSG_DONTWAIT | libc::MSG_TRUNC,
            name_ptr.cast(),
            &mut name_len,
        )
    };
    let length = transferred(returned)?;
    let name_len = (name_len as usize).min(NAME_LEN);
    if header.is_none() {
        request.peer = address::decode(name.get(..name_len).unwrap_or_default());
    }
    let received = Received { name_len: name_len as u8, ..Received::default() };
    // SAFETY: as above.
    unsafe { request.buffer.fill(length, received) };
    Ok(datagram(length, room))
}

fn receive_message(descriptor: RawFd, request: &mut Request) -> Result<Outcome, i32> {
    let (start, room) = request.buffer.room();
    let Some((header, headroom)) = header(&request.buffer) else {
        return receive_address(descriptor, request);
    };
    let mut vector = libc::iovec { iov_base: start.cast(), iov_len: room };
    // SAFETY: msghdr is a plain C structure of integers and pointers; all zeroes is a valid value.
    let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
    message.msg_name = header.wrapping_add(NAME_OFFSET).cast();
    message.msg_namelen = NAME_LEN as _;
    message.msg_iov = &mut vector;
    message.msg_iovlen = 1;
    message.msg_control = header.wrapping_add(CONTROL_OFFSET).cast();
    message.msg_controllen = headroom.saturating_sub(CONTROL_OFFSET) as _;
    // SAFETY: the header points at the payload and the headroom of the slice, which the request owns and is
    // borrowed uniquely for, with the lengths of both.
    let returned = unsafe { libc::recvmsg(descriptor, &mut message, libc::MSG_DONTWAIT | libc::MSG_TRUNC) };
    let length = transferred(returned)?;
    // SAFETY: as above.
    unsafe { request.buffer.fill(length, told_by(&message)) };
    Ok(datagram(length, room))
}

/// What a header says about the headroom after the call.
pub(super) fn told_by(message: &libc::msghdr) -> Received {
    Received {
        name_len: (message.msg_namelen as usize).min(NAME_LEN) as u8,
        control_len: message.msg_controllen as u16,
        flags: received_flags(message.msg_flags),
    }
}

/// The headroom of a slice, and its length.
pub(super) fn header(buffer: &OperationBuffer) -> Option<(*mut u8, usize)> {
    match buffer {
        OperationBuffer::Unique(buffer) => {
            buffer.header_ptr().map(|(header, length)| (header, length as usize))
        }
        _ => None,
    }
}

/// A datagram of this length where there is so much room.
pub(super) fn datagram(length: usize, room: usize) -> Outcome {
    match length > room {
        true => Outcome { status: Status::Truncated, bytes: room },
        false => Outcome::success(length),
    }
}

fn receive_stream(descriptor: RawFd, request: &mut Request) -> Attempt {
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

/// A stream, or a file, has given this much.
pub(super) fn received_bytes(request: &mut Request, length: usize, room: usize) -> Outcome {
    // SAFETY: the call that `length` comes from wrote so many bytes, from the start.
    unsafe { request.buffer.fill(length, Received::default()) };
    let status = if length == 0 && room > 0 { Status::End } else { Status::Success };
    Outcome { status, bytes: length }
}

/// Sends a datagram. An error that an earlier one left on the socket is taken, and the send tried once more.
fn send(descriptor: RawFd, request: &mut Request) -> Attempt {
    let mut retried = false;
    loop {
        match send_once(descriptor, request) {
            Ok(length) => return Attempt::Done(Outcome::success(length)),
            Err(libc::EINTR) => {}
            Err(error) if is_unreachable(error) && !retried => retried = true,
            Err(error) => return Attempt::failed(error, request),
        }
    }
}

fn send_once(descriptor: RawFd, request: &Request) -> Transferred {
    let bytes = request.buffer.bytes();
    let mut name = [0; address::LONGEST];
    let name_len = request.peer.as_ref().map_or(0, |peer| address::encode(peer, &mut name));
    let name_ptr = if name_len == 0 { ptr::null() } else { name.as_ptr() };
    // SAFETY: `bytes` and `name` are valid for reading as many bytes as stated.
    transferred(unsafe {
        libc::sendto(
            descriptor,
            bytes.as_ptr().cast(),
            bytes.len(),
            libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL,
            name_ptr.cast(),
            name_len as libc::socklen_t,
        )
    })
}

/// Sends down a stream until all is sent or it is full.
fn send_all(descriptor: RawFd, request: &mut Request) -> Attempt {
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

/// Notes that so much more went out; the outcome, if that was the rest.
pub(super) fn advance(request: &mut Request, length: usize) -> Option<Outcome> {
    request.progress += length;
    let complete = request.progress >= request.buffer.bytes().len();
    complete.then(|| Outcome::success(request.progress))
}

/// Takes a connection. The listener is in non-blocking mode. One that was gone before is nobody's.
fn accept(descriptor: RawFd, request: &mut Request) -> Attempt {
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
fn connect(descriptor: RawFd, request: &mut Request) -> Attempt {
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

/// Reads what the system has in memory already, if that is all of it; else it is read where it may wait.
fn read_cached(descriptor: RawFd, request: &mut Request, offset: u64) -> Attempt {
    let (start, room) = request.buffer.room();
    let vector = libc::iovec { iov_base: start.cast(), iov_len: room };
    let Ok(offset) = libc::off64_t::try_from(offset) else {
        return Attempt::failed(libc::EINVAL, request);
    };
    // SAFETY: the one vector points at `room` bytes that the request owns and is borrowed uniquely for.
    let returned = unsafe { libc::preadv2(descriptor, &vector, 1, offset, libc::RWF_NOWAIT) };
    match transferred(returned) {
        Ok(length) if length == room => Attempt::Done(received_bytes(request, length, room)),
        _ => Attempt::Blocked,
    }
}

/// Reads or writes, and waits for it: for a thread that may.
pub(super) fn transfer(descriptor: RawFd, request: &mut Request) -> Outcome {
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

/// Switches a socket to non-blocking mode.
pub(super) fn set_nonblocking(descriptor: BorrowedFd<'_>) -> io::Result<()> {
    socket2::SockRef::from(&descriptor).set_nonblocking(true)
}
