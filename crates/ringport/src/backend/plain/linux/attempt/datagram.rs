//! Datagrams: one a call.

use std::os::fd::RawFd;
use std::ptr;

use super::{Attempt, Transferred, transferred};
use crate::backend::datagram::{is_unreachable, received_flags};
use crate::backend::plain::OperationBuffer;
use crate::backend::plain::{Extent, Outcome, Request, Status};
use crate::backend::sys::address;
use crate::memory::{CONTROL_OFFSET, HasHeader, NAME_LEN, NAME_OFFSET, Received};

/// Receives. An error that an earlier datagram left on a datagram socket is none of this operation's.
pub(super) fn receive(descriptor: RawFd, request: &mut Request, extent: Extent) -> Attempt {
    loop {
        let received = match (extent, &request.buffer) {
            (Extent::Stream, _) => return super::stream::receive(descriptor, request),
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
pub(in super::super) fn told_by(message: &libc::msghdr) -> Received {
    Received {
        name_len: (message.msg_namelen as usize).min(NAME_LEN) as u8,
        control_len: message.msg_controllen as u16,
        flags: received_flags(message.msg_flags),
    }
}

/// The headroom of a slice, and its length.
pub(in super::super) fn header(buffer: &OperationBuffer) -> Option<(*mut u8, usize)> {
    match buffer {
        OperationBuffer::Unique(buffer) => {
            buffer.header_ptr().map(|(header, length)| (header, length as usize))
        }
        _ => None,
    }
}

/// A datagram of this length where there is so much room.
pub(in super::super) fn datagram(length: usize, room: usize) -> Outcome {
    match length > room {
        true => Outcome { status: Status::Truncated, bytes: room },
        false => Outcome::success(length),
    }
}

/// Sends a datagram. An error that an earlier one left on the socket is taken, and the send tried once more.
pub(super) fn send(descriptor: RawFd, request: &mut Request) -> Attempt {
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
