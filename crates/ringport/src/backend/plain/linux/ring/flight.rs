//! An operation in the kernel, with the memory that the kernel uses for it.

use std::os::fd::RawFd;

use io_uring::{opcode, squeue, types};

use super::super::attempt::{advance, datagram, header, received_bytes, told_by};
use super::super::table::Place;
use crate::backend::plain::{Direction, Extent, Outcome, Request, What};
use crate::backend::sys::address;
use crate::memory::{CONTROL_OFFSET, NAME_LEN, NAME_OFFSET, Received};

/// The most bytes in one entry: as much as the kernel transfers at once.
const MOST_BYTES: usize = 0x7fff_f000;

/// What the kernel is doing for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// The operation itself.
    Operation,
    /// Waiting until it can be tried again.
    Poll,
}

/// See the module. It stays where it is from its entry to its last completion.
pub(super) struct Flight {
    pub(super) request: Request,
    pub(super) place: Place,
    pub(super) stage: Stage,
    /// A cancellation was submitted.
    pub(super) stopping: bool,
    name: [u8; NAME_LEN],
    vector: libc::iovec,
    message: libc::msghdr,
}

/// What the end of an entry means.
pub(super) enum Progress {
    Done(Outcome),
    /// A part is through: once more, for the rest.
    Again,
}

impl Flight {
    pub(super) fn new(request: Request, place: Place) -> Flight {
        // An operation that was tried already has begun to connect: only its end is to be waited for.
        let stage = if request.what == What::Connect { Stage::Poll } else { Stage::Operation };
        Flight {
            request,
            place,
            stage,
            stopping: false,
            name: [0; NAME_LEN],
            vector: libc::iovec { iov_base: std::ptr::null_mut(), iov_len: 0 },
            // SAFETY: msghdr is a plain C structure of integers and pointers; all zeroes is a valid value.
            message: unsafe { std::mem::zeroed() },
        }
    }

    pub(super) fn direction(&self) -> Direction {
        self.request.what.direction()
    }

    /// The entry of its stage. It points into this object and at the buffer, which both must stay until its last
    /// completion.
    pub(super) fn entry(&mut self, descriptor: RawFd) -> squeue::Entry {
        let descriptor = types::Fd(descriptor);
        if self.stage == Stage::Poll {
            let flags = match self.direction() {
                Direction::In => libc::POLLIN,
                Direction::Out => libc::POLLOUT,
            };
            return opcode::PollAdd::new(descriptor, flags as _).build();
        }
        match self.request.what {
            What::Read(offset) => {
                let (start, room) = self.request.buffer.room();
                opcode::Read::new(descriptor, start, room.min(MOST_BYTES) as u32).offset(offset).build()
            }
            What::Write(offset) => {
                let (start, length) = self.rest();
                let offset = offset.wrapping_add(self.request.progress as u64);
                opcode::Write::new(descriptor, start, length).offset(offset).build()
            }
            What::Receive(extent @ (Extent::Stream | Extent::Payload)) => {
                let (start, room) = self.request.buffer.room();
                let flags = if extent == Extent::Payload { libc::MSG_TRUNC } else { 0 };
                opcode::Recv::new(descriptor, start, room.min(MOST_BYTES) as u32).flags(flags).build()
            }
            What::Receive(extent) => {
                self.prepare_receive(extent);
                opcode::RecvMsg::new(descriptor, &mut self.message).flags(libc::MSG_TRUNC as u32).build()
            }
            What::Send => {
                self.prepare_send();
                opcode::SendMsg::new(descriptor, &self.message).flags(libc::MSG_NOSIGNAL as u32).build()
            }
            What::SendAll => {
                let (start, length) = self.rest();
                opcode::Send::new(descriptor, start, length).flags(libc::MSG_NOSIGNAL).build()
            }
            // The listener does not block, and then the kernel does not wait either.
            What::Accept | What::Connect => {
                self.stage = Stage::Poll;
                self.entry(descriptor.0)
            }
        }
    }

    fn rest(&self) -> (*const u8, u32) {
        let rest = self.request.buffer.bytes().get(self.request.progress..).unwrap_or_default();
        (rest.as_ptr(), rest.len().min(MOST_BYTES) as u32)
    }

    fn prepare_receive(&mut self, extent: Extent) {
        let (start, room) = self.request.buffer.room();
        self.vector = libc::iovec { iov_base: start.cast(), iov_len: room };
        self.message.msg_iov = &mut self.vector;
        self.message.msg_iovlen = 1;
        self.message.msg_namelen = NAME_LEN as _;
        match header(&self.request.buffer) {
            Some((header, headroom)) => {
                self.message.msg_name = header.wrapping_add(NAME_OFFSET).cast();
                if extent == Extent::Message {
                    self.message.msg_control = header.wrapping_add(CONTROL_OFFSET).cast();
                    self.message.msg_controllen = headroom.saturating_sub(CONTROL_OFFSET) as _;
                }
            }
            None => self.message.msg_name = self.name.as_mut_ptr().cast(),
        }
    }

    fn prepare_send(&mut self) {
        let bytes = self.request.buffer.bytes();
        self.vector = libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast(), iov_len: bytes.len() };
        self.message.msg_iov = &mut self.vector;
        self.message.msg_iovlen = 1;
        if let (Some(peer), Some(name)) = (self.request.peer.as_ref(), self.name.first_chunk_mut()) {
            self.message.msg_namelen = address::encode(peer, name) as _;
            self.message.msg_name = self.name.as_mut_ptr().cast();
        }
    }

    /// The operation's own entry transferred so many bytes.
    pub(super) fn transferred(&mut self, length: usize) -> Progress {
        let request = &mut self.request;
        let (_, room) = request.buffer.room();
        match request.what {
            What::Read(_) | What::Receive(Extent::Stream) => {
                Progress::Done(received_bytes(request, length, room))
            }
            What::Receive(extent) => {
                let mut received = match extent {
                    Extent::Payload => Received::default(),
                    _ => told_by(&self.message),
                };
                if extent == Extent::Address {
                    received = Received { name_len: received.name_len, ..Received::default() };
                }
                if received.name_len > 0 && header(&request.buffer).is_none() {
                    let name = self.name.get(..received.name_len.into()).unwrap_or_default();
                    request.peer = address::decode(name);
                }
                // SAFETY: the kernel wrote the first `length` bytes, or all there is room for.
                unsafe { request.buffer.fill(length, received) };
                Progress::Done(datagram(length, room))
            }
            What::Write(_) if length == 0 && request.progress < request.buffer.bytes().len() => {
                Progress::Done(Outcome::failed(libc::EIO, request))
            }
            What::Write(_) | What::SendAll => match advance(request, length) {
                Some(outcome) => Progress::Done(outcome),
                None => Progress::Again,
            },
            What::Send | What::Accept | What::Connect => Progress::Done(Outcome::success(length)),
        }
    }
}
