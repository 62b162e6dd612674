//! Sends by `sendmmsg`, straight from the slices that were posted.

use std::os::fd::{AsRawFd, BorrowedFd};

use super::run::{self, Run};
use super::{BATCH, EMPTY_VECTOR, VECTORS, empty_message, is_unreachable, last_error};
use crate::backend::contract::{Attachment, Completion, SendRequest, SendSide, Status};
use crate::backend::sys::address;
use crate::net::ControlBuffer;

/// Room for the arguments of one `sendmmsg`, allocated once.
#[derive(Debug)]
pub(crate) struct SendBatch {
    messages: Box<[libc::mmsghdr]>,
    vectors: Box<[libc::iovec]>,
    names: Box<[[u8; address::LONGEST]]>,
    /// How many sends each message has, and the control data of those that have several.
    runs: Box<[Run]>,
    controls: Box<[ControlBuffer]>,
    /// Sends of more bytes leave one by one: the device refused to cut larger ones out of a message.
    largest_segment: u32,
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
            runs: vec![Run::default(); BATCH].into_boxed_slice(),
            controls: vec![ControlBuffer::new(); BATCH].into_boxed_slice(),
            largest_segment: u32::MAX,
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
            let prepared = self.prepare(side, due.min(room));
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
                    error if self.is_about_segments(error) => attachment.counters.unsegmented += 1,
                    error => refused(error, key, attachment, out),
                }
                continue;
            }
            for (message, run) in self.messages.iter().zip(&self.runs).take(count as usize) {
                let mut left = message.msg_len;
                for _ in 0..run.requests {
                    let Some(request) = attachment.send.as_mut().and_then(|side| side.posted.pop_front())
                    else {
                        break;
                    };
                    let bytes = if run.requests > 1 { left.min(run.segment) } else { left };
                    left -= bytes;
                    out.push(attachment.sent(key, request, Status::Success, bytes));
                }
            }
        }
    }

    /// Whether the first message was refused because it is to be cut: then its sends, and all as large, leave
    /// one by one from now on.
    fn is_about_segments(&mut self, error: i32) -> bool {
        let Some(run) = self.runs.first().filter(|run| run.requests > 1) else { return false };
        self.largest_segment = match error {
            // Larger than the path takes: smaller ones may do.
            libc::EMSGSIZE | libc::EINVAL => run.segment - 1,
            // What a device says that offers to do it, and cannot.
            libc::EIO | libc::EOPNOTSUPP | libc::ENOPROTOOPT => 0,
            _ => return false,
        };
        true
    }

    /// Points headers at up to `most` of the sends that are due; returns how many messages they make.
    fn prepare(&mut self, side: &SendSide, most: usize) -> usize {
        let mut used = 0;
        let mut prepared = 0;
        let mut last: Option<&SendRequest> = None;
        for request in side.posted.iter_from(0).take(most) {
            let bytes = run::bytes_in_run(request, side, self.largest_segment);
            let (messages, runs) = (&mut self.messages, &mut self.runs);
            let first = used;
            if let (Some(last), Some(bytes)) = (last, bytes)
                && let Some(run) = runs.get_mut(prepared - 1).filter(|run| run.takes(bytes))
                && let Some(message) = messages.get_mut(prepared - 1)
                && run::alike(last, request, side)
            {
                if !gather(request, &mut self.vectors, &mut used) {
                    break;
                }
                run.add(bytes);
                message.msg_hdr.msg_iovlen += 1;
                continue;
            }
            let (Some(message), Some(name)) = (messages.get_mut(prepared), self.names.get_mut(prepared))
            else {
                break;
            };
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
            set_control(fields, run::control_of(request, side));
            if let Some(run) = runs.get_mut(prepared) {
                *run = Run::begin(bytes);
            }
            last = Some(request);
            prepared += 1;
        }
        self.cut(side, prepared);
        prepared
    }

    /// Says of each message with several sends where the kernel is to cut it.
    fn cut(&mut self, side: &SendSide, prepared: usize) {
        let mut position = 0;
        let messages = self.messages.iter_mut().zip(&self.runs).zip(self.controls.iter_mut()).take(prepared);
        for ((message, run), control) in messages {
            if run.requests > 1 {
                let of_each = side.posted.iter_from(position).next();
                let of_each = of_each.and_then(|request| run::control_of(request, side));
                // There is room: only control data without a segment size is in a run, which fits beside it.
                if let Some(cut) = run.control(of_each) {
                    *control = cut;
                    set_control(&mut message.msg_hdr, Some(control));
                }
            }
            position += run.requests as usize;
        }
    }
}

/// Points a header at control data, which only the kernel reads.
fn set_control(fields: &mut libc::msghdr, control: Option<&ControlBuffer>) {
    match control.map(ControlBuffer::as_bytes).filter(|bytes| !bytes.is_empty()) {
        Some(bytes) => {
            fields.msg_control = bytes.as_ptr().cast_mut().cast();
            fields.msg_controllen = bytes.len() as _;
        }
        None => {
            fields.msg_control = std::ptr::null_mut();
            fields.msg_controllen = 0;
        }
    }
}

/// Appends the slices of a request to the vectors; false when there is no room for all of them.
fn gather(request: &SendRequest, vectors: &mut [libc::iovec], used: &mut usize) -> bool {
    request.payload.each_slice(|bytes| match vectors.get_mut(*used) {
        Some(vector) => {
            *vector = libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast(), iov_len: bytes.len() };
            *used += 1;
            true
        }
        None => false,
    })
}

/// The send posted first was refused. An error left by an ICMP message is about an earlier datagram:
/// taking it cleared it, so the send is tried once more before it counts as failed.
fn refused(error: i32, key: u32, attachment: &mut Attachment, out: &mut Vec<Completion>) {
    let Some(side) = attachment.send.as_mut() else { return };
    if is_unreachable(error)
        && let Some(first) = side.posted.front_mut().filter(|first| !first.retried)
    {
        first.retried = true;
        // A datagram that is too large is nobody's absence.
        attachment.counters.unreachable += u64::from(error != libc::EMSGSIZE);
        return;
    }
    if let Some(request) = side.posted.pop_front() {
        out.push(attachment.sent(key, request, Status::Failed(error), 0));
    }
}
