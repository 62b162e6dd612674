//! Sends by `sendmmsg`, straight from the slices that were posted.

use std::os::fd::{AsRawFd, BorrowedFd};

use super::{BATCH, EMPTY_VECTOR, VECTORS, empty_message, is_unreachable, last_error};
use crate::backend::contract::{Attachment, Completion, Payload, SendRequest, SendSide, Status};
use crate::backend::sys::address;

/// Room for the arguments of one `sendmmsg`, allocated once.
#[derive(Debug)]
pub(crate) struct SendBatch {
    messages: Box<[libc::mmsghdr]>,
    vectors: Box<[libc::iovec]>,
    names: Box<[[u8; address::LONGEST]]>,
}

// SAFETY: the pointers in the headers are written anew by each flush before the kernel reads them, and point at
// this object's own arrays, which move with their boxes, and at what that flush was given.
unsafe impl Send for SendBatch {}

/// How a flush ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flushed {
    /// Everything that was due is on the wire.
    Done,
    /// The socket is full; the rest keeps its order and waits.
    Blocked,
    /// As many completed as were asked for; the rest keeps its order and is due.
    Limited,
}

impl SendBatch {
    /// Allocates the room.
    pub(crate) fn new() -> SendBatch {
        SendBatch {
            messages: (0..BATCH).map(|_| empty_message()).collect(),
            vectors: vec![EMPTY_VECTOR; VECTORS].into_boxed_slice(),
            names: vec![[0; address::LONGEST]; BATCH].into_boxed_slice(),
        }
    }

    /// Sends what is due on `attachment`, in post order, and pushes the completions until `out` holds
    /// `limit`. Counts each system call in `calls`.
    pub(crate) fn flush(
        &mut self,
        socket: BorrowedFd<'_>,
        key: u32,
        attachment: &mut Attachment,
        out: &mut Vec<Completion>,
        limit: usize,
        calls: &mut u64,
    ) -> Flushed {
        loop {
            let Some(side) = attachment.send.as_ref() else { return Flushed::Done };
            let due = side.posted.len().saturating_sub(side.deferred);
            let room = limit.saturating_sub(out.len());
            if due > 0 && room == 0 {
                return Flushed::Limited;
            }
            let prepared = self.prepare(side, due.min(room).min(BATCH));
            if prepared == 0 {
                return Flushed::Done;
            }
            *calls += 1;
            // SAFETY: the first `prepared` headers point at names and vectors of this object, at control
            // data of the send side, and at slices that the posted requests own; the kernel only reads
            // them and nothing changes them before the call returns.
            let count = unsafe {
                libc::sendmmsg(
                    socket.as_raw_fd(),
                    self.messages.as_mut_ptr(),
                    prepared as libc::c_uint,
                    (libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL) as _,
                )
            };
            if count < 0 {
                match last_error() {
                    libc::EINTR => continue,
                    libc::EAGAIN => {
                        attachment.counters.blocked += 1;
                        return Flushed::Blocked;
                    }
                    error => refused(error, key, attachment, out),
                }
                continue;
            }
            for message in self.messages.iter().take(count as usize) {
                if let Some(request) = attachment.send.as_mut().and_then(|side| side.posted.pop_front()) {
                    out.push(attachment.sent(key, request, Status::Success, message.msg_len));
                }
            }
        }
    }

    /// Points headers at up to `most` of the sends that are due; returns how many.
    fn prepare(&mut self, side: &SendSide, most: usize) -> usize {
        let mut used = 0;
        let mut prepared = 0;
        let requests = side.posted.iter_from(0).take(most);
        for ((request, message), name) in requests.zip(self.messages.iter_mut()).zip(self.names.iter_mut()) {
            let first = used;
            if !gather(request, &mut self.vectors, &mut used) {
                break;
            }
            let fields = &mut message.msg_hdr;
            fields.msg_iov = self.vectors.as_mut_ptr().wrapping_add(first);
            fields.msg_iovlen = (used - first) as _;
            match &request.peer {
                Some(peer) => {
                    fields.msg_namelen = address::encode(peer, name) as _;
                    fields.msg_name = name.as_mut_ptr().cast();
                }
                None => {
                    fields.msg_namelen = 0;
                    fields.msg_name = std::ptr::null_mut();
                }
            }
            let control = request.control.and_then(|index| side.controls.get(index));
            match control.map(|control| control.as_bytes()).filter(|bytes| !bytes.is_empty()) {
                Some(bytes) => {
                    fields.msg_control = bytes.as_ptr().cast_mut().cast();
                    fields.msg_controllen = bytes.len() as _;
                }
                None => {
                    fields.msg_control = std::ptr::null_mut();
                    fields.msg_controllen = 0;
                }
            }
            prepared += 1;
        }
        prepared
    }
}

/// Appends the slices of a request to the vectors; false when there is no room for all of them.
fn gather(request: &SendRequest, vectors: &mut [libc::iovec], used: &mut usize) -> bool {
    let mut add = |bytes: &[u8]| match vectors.get_mut(*used) {
        Some(vector) => {
            *vector = libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast(), iov_len: bytes.len() };
            *used += 1;
            true
        }
        None => false,
    };
    match &request.payload {
        Payload::Unique(buffer) => add(buffer),
        Payload::Shared(buffer) => add(buffer),
        Payload::ChainMut(chain) => chain.buffers().iter().all(|buffer| add(buffer)),
        Payload::Chain(chain) => chain.buffers().iter().all(|buffer| add(buffer)),
        Payload::None => true,
    }
}

/// The send posted first was refused. An error left by an ICMP message is about an earlier datagram:
/// taking it cleared it, so the send is tried once more before it counts as failed.
fn refused(error: i32, key: u32, attachment: &mut Attachment, out: &mut Vec<Completion>) {
    let Some(side) = attachment.send.as_mut() else { return };
    if is_unreachable(error)
        && let Some(first) = side.posted.front_mut().filter(|first| !first.retried)
    {
        first.retried = true;
        attachment.counters.unreachable += 1;
        return;
    }
    if let Some(request) = side.posted.pop_front() {
        out.push(attachment.sent(key, request, Status::Failed(error), 0));
    }
}
