//! Receives by `recvmmsg`, straight into the slices that were posted.

use std::os::fd::{AsRawFd, BorrowedFd};

use super::{
    BATCH, EMPTY_VECTOR, Received, VECTORS, empty_message, is_unreachable, last_error, received_flags,
};
use crate::backend::contract::spread;
use crate::backend::contract::{Attachment, Completion, Operation, Origin, Outcome, Payload, Status};
use crate::memory::{self, BufferMut, HasHeader};

/// Room for the arguments of one `recvmmsg`, allocated once.
///
/// ```text
///  messages[i] ──► vectors[first..]  ──► payload of each slice
///              ──► name, control     ──► headroom of the first slice
/// ```
#[derive(Debug)]
pub(crate) struct ReceiveBatch {
    messages: Box<[libc::mmsghdr]>,
    vectors: Box<[libc::iovec]>,
    /// How many the next call prepares for: preparing 64 for the one that comes would cost more than the
    /// call saves.
    expected: usize,
}

/// The least a call prepares for.
const FEWEST: usize = 4;

impl ReceiveBatch {
    /// Allocates the room.
    pub(crate) fn new() -> ReceiveBatch {
        ReceiveBatch {
            messages: (0..BATCH).map(|_| empty_message()).collect(),
            vectors: vec![EMPTY_VECTOR; VECTORS].into_boxed_slice(),
            expected: FEWEST,
        }
    }

    /// Completes up to `want` of the receives posted first, with one call that does not wait.
    pub(crate) fn receive(
        &mut self,
        socket: BorrowedFd<'_>,
        key: u32,
        attachment: &mut Attachment,
        want: usize,
        out: &mut Vec<Completion>,
    ) -> Received {
        let prepared = self.prepare(attachment, want.min(self.expected));
        if prepared == 0 {
            return Received::More;
        }
        // SAFETY: the first `prepared` headers point at vectors of this object and at slices that the
        // posted requests own uniquely; none of them is touched elsewhere until the call returns.
        let count = unsafe {
            libc::recvmmsg(
                socket.as_raw_fd(),
                self.messages.as_mut_ptr(),
                prepared as libc::c_uint,
                libc::MSG_DONTWAIT as _,
                std::ptr::null_mut(),
            )
        };
        if count < 0 {
            return self.refused(last_error(), key, attachment, out);
        }
        let count = count as usize;
        // Behind a call that was filled there is more, how much more nobody knows.
        let growth = if count < prepared { 2 } else { 4 };
        self.expected = (count * growth).clamp(FEWEST, BATCH);
        for message in self.messages.iter().take(count) {
            complete(message, key, attachment, out);
        }
        if count < prepared { Received::Drained } else { Received::More }
    }

    /// Points headers at the requests posted first; returns how many.
    fn prepare(&mut self, attachment: &Attachment, want: usize) -> usize {
        let Some(side) = attachment.receive.as_ref() else { return 0 };
        let mut used = 0;
        let mut prepared = 0;
        let mut chains = side.chains.iter();
        for (request, message) in side.posted.iter_from(0).zip(self.messages.iter_mut()).take(want) {
            let first = used;
            let header = match (&request.slice, request.slice.is_none().then(|| chains.next()).flatten()) {
                (Some(buffer), _) => {
                    let Some(vector) = self.vectors.get_mut(used) else { break };
                    *vector = whole(buffer);
                    used += 1;
                    buffer.header_ptr()
                }
                (None, Some(chain)) => {
                    let buffers = chain.buffers();
                    let Some(vectors) = self.vectors.get_mut(used..used + buffers.len()) else { break };
                    vectors.iter_mut().zip(buffers).for_each(|(vector, buffer)| *vector = whole(buffer));
                    used += buffers.len();
                    buffers.first().and_then(HasHeader::header_ptr)
                }
                (None, None) => break,
            };
            let fields = &mut message.msg_hdr;
            fields.msg_iov = self.vectors.as_mut_ptr().wrapping_add(first);
            fields.msg_iovlen = (used - first) as _;
            match header.filter(|_| request.addresses) {
                Some((header, length)) => {
                    fields.msg_name = header.wrapping_add(memory::NAME_OFFSET).cast();
                    fields.msg_namelen = memory::NAME_LEN as _;
                    fields.msg_control = header.wrapping_add(memory::CONTROL_OFFSET).cast();
                    fields.msg_controllen = (length as usize).saturating_sub(memory::CONTROL_OFFSET) as _;
                }
                None => {
                    fields.msg_name = std::ptr::null_mut();
                    fields.msg_namelen = 0;
                    fields.msg_control = std::ptr::null_mut();
                    fields.msg_controllen = 0;
                }
            }
            prepared += 1;
        }
        prepared
    }

    /// The call took nothing. An error about an earlier datagram leaves the receives posted; one about
    /// the request itself completes the first of them, so that no request can block its queue for ever.
    fn refused(
        &self,
        error: i32,
        key: u32,
        attachment: &mut Attachment,
        out: &mut Vec<Completion>,
    ) -> Received {
        match error {
            libc::EAGAIN => Received::Empty,
            libc::EINTR => Received::More,
            error if is_unreachable(error) => {
                attachment.counters.unreachable += 1;
                Received::More
            }
            error => {
                attachment.counters.failed += 1;
                if let Some(taken) = attachment.receive.as_mut().and_then(|side| side.take_first()) {
                    out.push(attachment.received(key, taken, Status::Failed(error), 0));
                }
                Received::More
            }
        }
    }
}

/// The whole capacity of a slice, for the kernel to fill.
fn whole(buffer: &BufferMut) -> libc::iovec {
    libc::iovec { iov_base: buffer.payload_ptr().cast(), iov_len: buffer.capacity() }
}

/// Completes the receive posted first with what the kernel wrote.
fn complete(message: &libc::mmsghdr, key: u32, attachment: &mut Attachment, out: &mut Vec<Completion>) {
    let outcome = if message.msg_hdr.msg_flags & libc::MSG_TRUNC != 0 {
        attachment.counters.truncated += 1;
        Outcome::Truncated
    } else {
        Outcome::Success
    };
    let Attachment { receive: Some(side), context, .. } = attachment else { return };
    let Some(request) = side.posted.pop_front() else { return };
    let received = if request.addresses {
        memory::Received {
            name_len: message.msg_hdr.msg_namelen.min(memory::NAME_LEN as _) as u8,
            control_len: message.msg_hdr.msg_controllen as u16,
            flags: received_flags(message.msg_hdr.msg_flags),
        }
    } else {
        // What was not asked for is not missing, although the kernel says so of control data.
        memory::Received::default()
    };
    let (token, notifies) = (request.token, request.notifies);
    let origin = Origin { key, socket_context: *context, token, notifies };
    if let Some(mut buffer) = request.slice {
        let bytes = message.msg_len.min(buffer.capacity() as u32);
        buffer.set_received(bytes, received);
        buffer.set_use(memory::Use::Held);
        Completion::push_slice(out, buffer, bytes, outcome, origin);
    } else if let Some(mut chain) = side.chains.pop_front() {
        let bytes = spread(&mut chain, message.msg_len, received);
        let payload = Payload::ChainMut(chain);
        payload.mark(memory::Use::Held);
        out.push(Completion {
            payload,
            token,
            socket_context: *context,
            bytes,
            key,
            error: 0,
            outcome,
            operation: Operation::Receive,
            notifies,
        });
    }
}
