//! From entries of the kernel's completion queue to completions of requests.

use std::mem::MaybeUninit;

use io_uring::cqueue;

use super::kernel::CHUNK;
use super::socket::{Mode, Request, Socket};
use super::tag::{Tag, operation_of};
use super::{Uring, streaming};
use crate::backend::contract::{Attachment, Completion, Origin, Outcome, Status, Table};
use crate::backend::datagram::{is_unreachable, received_flags};
use crate::memory;

impl Uring {
    /// Takes entries from shared memory until `out` holds `limit` or there are none; no system call.
    pub(super) fn drain(&mut self, table: &mut Table, out: &mut Vec<Completion>, limit: usize) {
        let spilled = self.spilled.len().min(limit.saturating_sub(out.len()));
        out.extend(self.spilled.drain(..spilled));
        let mut chunk = [const { MaybeUninit::<cqueue::Entry>::uninit() }; CHUNK];
        while out.len() < limit {
            let room = (limit - out.len()).min(CHUNK);
            let Some(part) = chunk.get_mut(..room) else { return };
            let entries = self.kernel.take(part);
            if entries.is_empty() {
                break;
            }
            for entry in entries.iter() {
                let (key, tag) = operation_of(entry.user_data());
                if tag == Tag::Wake && !cqueue::more(entry.flags()) {
                    self.rearm_wake();
                }
                let Some(attachment) = table.get_mut(key) else { continue };
                match tag {
                    Tag::Receive => self.on_receive(key, attachment, entry, out),
                    Tag::PollWrite => self.on_writable(key),
                    Tag::CancelReceive | Tag::CancelPollWrite => {
                        self.on_cancelled(key, tag, entry.result());
                    }
                    Tag::Wake => {}
                }
            }
            if out.len() > limit {
                self.spilled.extend(out.drain(limit..));
            }
        }
        if !self.writable.is_empty() {
            self.send_blocked(table, out, limit);
        }
    }

    fn on_receive(
        &mut self,
        key: u32,
        attachment: &mut Attachment,
        entry: &cqueue::Entry,
        out: &mut Vec<Completion>,
    ) {
        let Some(socket) = self.sockets.get_mut(key as usize).and_then(Option::as_mut) else { return };
        let flags = entry.flags();
        let ended = !cqueue::more(flags);
        if socket.mode == Mode::Calls {
            match socket.request {
                Request::Poll | Request::Connection => socket.readable |= entry.result() > 0,
                Request::Receive { slices } => {
                    streaming::received(socket, &mut self.groups, slices, attachment, entry, out);
                }
                Request::Accept => streaming::accepted(socket, &mut self.kernel, attachment, entry, out),
            }
            if socket.readable {
                self.readable.add(key);
            }
        } else if cqueue::buffer_select(flags).is_some() {
            let buffers = socket.buffers.as_mut();
            buffers.into_iter().for_each(|buffers| buffers.consumed());
            if entry.result() >= 0 {
                complete(socket, key, attachment, entry.result() as u32, out);
            } else {
                // The kernel took a slice and gave no datagram: the ring no longer mirrors the order.
                on_error(key, attachment, entry.result(), out);
                socket.buffers.iter_mut().for_each(|buffers| buffers.retract());
            }
        } else if entry.result() == 0 && ended {
            // Plain `recv` of a datagram without bytes: no buffer was taken for it.
            socket.met_empty = true;
            socket.buffers.iter_mut().for_each(|buffers| buffers.retract());
            complete(socket, key, attachment, 0, out);
        } else if entry.result() < 0 {
            on_error(key, attachment, entry.result(), out);
        }
        if ended {
            socket.armed = false;
            socket.stopping = false;
            attachment.counters.rearmed += 1;
            if let Some(side) = attachment.receive.as_mut() {
                // A failure to queue the entry has set the fault, which the next wait reports.
                let _ = socket.publish(&mut self.kernel, &mut self.groups, side);
            }
        }
    }

    /// The sends follow once all entries at hand are served, and as many as there is room for.
    fn on_writable(&mut self, key: u32) {
        let Some(socket) = self.socket_mut(key) else { return };
        socket.watching_write = false;
        self.writable.add(key);
    }
}

/// Completes the receive posted first: its slice was filled by the kernel.
#[inline]
fn complete(socket: &Socket, key: u32, attachment: &mut Attachment, result: u32, out: &mut Vec<Completion>) {
    let Some(request) = attachment.receive.as_mut().and_then(|side| side.posted.pop_front()) else { return };
    let Some(mut buffer) = request.slice else { return };
    let capacity = buffer.capacity() as u32;
    let (bytes, received, truncated) = if socket.mode == Mode::Message {
        let header = Header::read(buffer.kernel_header());
        let received = if request.addresses {
            memory::Received {
                name_len: header.name.min(memory::NAME_LEN as u32) as u8,
                control_len: header.control.min(socket.headroom) as u16,
                flags: received_flags(header.flags as i32),
            }
        } else {
            memory::Received::default()
        };
        let bytes = result.saturating_sub(socket.headroom).min(capacity);
        (bytes, received, header.flags & libc::MSG_TRUNC as u32 != 0)
    } else {
        (result.min(capacity), memory::Received::default(), result > capacity)
    };
    buffer.set_received(bytes, received);
    buffer.set_use(memory::Use::Held);
    let outcome = if truncated {
        attachment.counters.truncated += 1;
        Outcome::Truncated
    } else {
        Outcome::Success
    };
    let (token, notifies) = (request.token, request.notifies);
    let origin = Origin { key, socket_context: attachment.context, token, notifies };
    Completion::push_slice(out, buffer, bytes, outcome, origin);
}

/// A receive ended with an error. One about an earlier datagram, or for lack of buffers, leaves the posted
/// receives as they are; any other completes the first of them, so that none can fail for ever.
fn on_error(key: u32, attachment: &mut Attachment, result: i32, out: &mut Vec<Completion>) {
    match -result {
        libc::ENOBUFS | libc::ECANCELED | libc::EINTR | libc::EAGAIN => {}
        error if is_unreachable(error) => attachment.counters.unreachable += 1,
        error => {
            attachment.counters.failed += 1;
            if let Some(taken) = attachment.receive.as_mut().and_then(|side| side.take_first()) {
                out.push(attachment.received(key, taken, Status::Failed(error), 0));
            }
        }
    }
}

/// `struct io_uring_recvmsg_out`, which the kernel writes before the source address.
struct Header {
    name: u32,
    control: u32,
    flags: u32,
}

impl Header {
    fn read(bytes: &[u8]) -> Header {
        let word = |at: usize| {
            let bytes = bytes.get(at..at + 4).and_then(|part| part.try_into().ok());
            bytes.map_or(0, u32::from_ne_bytes)
        };
        // Between them at 8: the payload's length, which the result tells as well.
        Header { name: word(0), control: word(4), flags: word(12) }
    }
}
