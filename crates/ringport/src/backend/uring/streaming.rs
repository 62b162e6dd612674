//! What connections and listeners have in the kernel while they wait: the cheapest request that does what is posted.
//!
//! ```text
//!   posted                                 in the kernel
//!   pooled, pooled, pooled, a slice, ...   one receive for the first three, memory from the group
//!   a slice, a chain, WAITALL, ...         a poll, then calls
//!   accept, accept                         an accept that stays armed
//! ```
//!
//! A receive names how much it may bring: what the posted ones at the front take. So bytes leave the socket only
//! where a receive is posted, and those of one request complete as many receives as they fill, in order.

use std::io;
use std::os::fd::{FromRawFd, OwnedFd};

use io_uring::{cqueue, opcode, squeue, types};

use super::group::Groups;
use super::kernel::Kernel;
use super::socket::{Request, Socket};
use crate::backend::bytes;
use crate::backend::contract::{Attachment, Completion, Ended, ReceiveRequest, ReceiveSide, Source};
use crate::net::SocketHandle;

/// The most receives that one request completes.
const MOST: usize = 16;
/// Where the kernel's request has its length, in bytes.
const LENGTH_AT: usize = 24;

impl Socket {
    /// Queues what waits for the posted requests, unless something does, or the socket is known to be ready.
    pub(super) fn arm_stream(
        &mut self,
        kernel: &mut Kernel,
        groups: &mut Groups,
        side: &ReceiveSide,
    ) -> io::Result<()> {
        if self.armed || self.readable || side.posted.is_empty() {
            return Ok(());
        }
        if self.unconnected {
            return if self.only_receives { self.arm_connection_poll(kernel) } else { Ok(()) };
        }
        if !self.by_calls {
            if self.listens && groups.accepts {
                return self.arm_accept(kernel, side.posted.len() > 1);
            }
            if let Some(count) = self.selectable(kernel, groups, side) {
                return self.arm_receive(kernel, groups, count);
            }
        }
        self.arm_poll(kernel)
    }

    /// One accept is taken by a request that ends with it, and brings no connection that nobody waits for.
    fn arm_accept(&mut self, kernel: &mut Kernel, several: bool) -> io::Result<()> {
        let (descriptor, flags) = (types::Fd(self.descriptor), libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC);
        let entry = if several {
            opcode::AcceptMulti::new(descriptor).flags(flags).build()
        } else {
            opcode::Accept::new(descriptor, std::ptr::null_mut(), std::ptr::null_mut()).flags(flags).build()
        };
        self.request = Request::Accept;
        self.push(kernel, entry)
    }

    /// How many of the receives posted first may take slices of a group.
    fn selectable(&mut self, kernel: &mut Kernel, groups: &mut Groups, side: &ReceiveSide) -> Option<usize> {
        let fits = |request: &&ReceiveRequest| {
            request.source == Source::Pool && request.slice.is_none() && !request.wait_all
        };
        // What one receive takes is enough, until a connection is seen to bring more.
        let most = if side.flows && groups.bundles { MOST } else { 1 };
        let count = side.posted.iter_from(0).take(most).take_while(fits).count();
        if count == 0 || self.listens {
            return None;
        }
        let pool = side.pool.as_ref()?;
        if self.group.is_none_or(|index| groups.get_mut(index).is_none_or(|group| !group.is_of(pool))) {
            if let Some(index) = self.group.take() {
                groups.leave(kernel, index);
            }
            self.group = groups.join(kernel, pool);
            // Where there is none now there will be none.
            self.by_calls = self.group.is_none();
        }
        let group = groups.get_mut(self.group?)?;
        if group.published() < MOST {
            group.top_up();
        }
        Some(count.min(group.published())).filter(|count| *count > 0)
    }

    fn arm_receive(&mut self, kernel: &mut Kernel, groups: &mut Groups, count: usize) -> io::Result<()> {
        let Some(group) = self.group.and_then(|index| groups.get_mut(index)) else { return Ok(()) };
        let size = group.slice_size();
        let descriptor = types::Fd(self.descriptor);
        let entry = if count == 1 {
            let entry = opcode::Recv::new(descriptor, std::ptr::null_mut(), size as u32);
            entry.buf_group(group.id).build().flags(squeue::Flags::BUFFER_SELECT)
        } else {
            bundle(descriptor, group.id, count * size)
        };
        self.request = Request::Receive { slices: count };
        self.push(kernel, entry)?;
        group.armed += 1;
        Ok(())
    }
}

/// A receive into several slices of a group: full ones, of so many bytes in all and no more.
///
/// The byte more is a part of a slice. Of such a one the kernel makes no use behind others, and it does not go on
/// with whatever else the socket has, as it would after a receive that came out even.
pub(super) fn bundle(descriptor: types::Fd, group: u16, bytes: usize) -> squeue::Entry {
    let mut entry = opcode::RecvBundle::new(descriptor, group).build();
    let length = (bytes + 1) as u32;
    // SAFETY: an entry is the kernel's `io_uring_sqe`, 64 bytes of plain integers, whose `len` are the four bytes at
    // this place, aligned as they must be.
    unsafe { (&raw mut entry).cast::<u8>().add(LENGTH_AT).cast::<u32>().write(length) };
    entry
}

/// A receive from a group has ended.
pub(super) fn received(
    socket: &mut Socket,
    groups: &mut Groups,
    slices: usize,
    attachment: &mut Attachment,
    entry: &cqueue::Entry,
    out: &mut Vec<Completion>,
) {
    let Some(group) = socket.group.and_then(|index| groups.get_mut(index)) else { return };
    group.armed = group.armed.saturating_sub(1);
    let (result, first) = (entry.result(), cqueue::buffer_select(entry.flags()));
    let (Ok(bytes), Some(first)) = (usize::try_from(result), first.filter(|_| result > 0)) else {
        return failed(socket, result, attachment);
    };
    let size = group.slice_size();
    for step in 0..bytes.div_ceil(size.max(1)) {
        let slice = group.take(first, step);
        let Some(mut request) = attachment.receive.as_mut().and_then(|side| side.posted.pop_front()) else {
            debug_assert!(false, "more came than was posted");
            continue;
        };
        request.slice = slice;
        let here = size.min(bytes - step * size) as u32;
        bytes::complete(attachment, socket.key, request, here, out);
    }
    group.top_up();
    if let Some(side) = attachment.receive.as_mut() {
        side.flows = bytes == slices * size;
    }
}

/// It brought nothing: what is posted goes on by calls, which find out all that there is to know.
fn failed(socket: &mut Socket, result: i32, attachment: &mut Attachment) {
    match -result {
        libc::ECANCELED | libc::EINTR => return,
        // Receives may be posted before the connection is made.
        libc::ENOTCONN => {
            socket.unconnected = true;
            return;
        }
        libc::ENOBUFS => {}
        // A kernel that does not wait for a socket that is not to block.
        libc::EAGAIN => socket.by_calls = true,
        error => {
            let ended = if error == 0 { Ended::Finished } else { Ended::Failed(error) };
            attachment.counters.failed += u64::from(error != 0);
            if let Some(side) = attachment.receive.as_mut() {
                side.ended = Some(ended);
            }
        }
    }
    socket.readable = true;
}

/// An accept has brought a connection, or why there is none.
pub(super) fn accepted(
    socket: &mut Socket,
    kernel: &mut Kernel,
    attachment: &mut Attachment,
    entry: &cqueue::Entry,
    out: &mut Vec<Completion>,
) {
    let result = entry.result();
    if result >= 0 {
        // SAFETY: the kernel has just given us this descriptor, and nobody else knows of it.
        socket.connections.push_back(unsafe { OwnedFd::from_raw_fd(result) });
        hand_out(socket, attachment, usize::MAX, out);
    } else {
        match -result {
            libc::ECANCELED | libc::EINTR | libc::ECONNABORTED => {}
            libc::EAGAIN => socket.by_calls = true,
            error => bytes::refused(error, socket.key, attachment, out),
        }
    }
    socket.readable = !socket.connections.is_empty();
    if cqueue::more(entry.flags()) && attachment.receive.as_ref().is_none_or(|side| side.posted.is_empty()) {
        // Nobody waits for more. What comes until it has ended is kept. A failure has set the fault.
        let _ = socket.stop(kernel);
    }
}

/// Completes accepts with connections that are there, until `out` holds `limit`.
pub(super) fn hand_out(
    socket: &mut Socket,
    attachment: &mut Attachment,
    limit: usize,
    out: &mut Vec<Completion>,
) {
    debug_assert!(matches!(attachment.socket, SocketHandle::Listener(_)), "only listeners have some");
    while out.len() < limit && attachment.receive.as_ref().is_some_and(|side| !side.posted.is_empty()) {
        let Some(connection) = socket.connections.pop_front() else { return };
        bytes::accepted(connection, socket.key, attachment, out);
    }
}
