//! Sends: calls of the thread that posts them, as long as the socket takes data; then a poll says when to go on.
//!
//! ```text
//!   send ──► call ──► all has left
//!    ▲         └► the socket is full ──► poll ──► writable ─┐
//!    └────────────── as many as there is room for ◄─────────┘
//! ```

use std::os::fd::{AsRawFd, BorrowedFd};

use super::Uring;
use crate::backend::contract::{Attachment, Completion, Table};
use crate::backend::datagram::Flushed;

impl Uring {
    /// Puts on the wire what is due, until `out` holds `limit`, and watches the socket when it is full.
    pub(super) fn send(
        &mut self,
        key: u32,
        attachment: &mut Attachment,
        out: &mut Vec<Completion>,
        limit: usize,
    ) {
        if attachment.send.as_ref().is_none_or(|send| send.blocked) {
            return;
        }
        // SAFETY: the attachment keeps the socket, and so the descriptor, open; it is not replaced meanwhile.
        let socket = unsafe { BorrowedFd::borrow_raw(attachment.socket.as_raw_fd()) };
        let calls = self.kernel.calls_mut();
        let flushed = self.transfer.flush(socket, key, attachment, out, limit, calls);
        if let Some(send) = attachment.send.as_mut() {
            send.blocked = flushed != Flushed::Done;
        }
        // What waits for room now, if anything, may be data: then the connection is made.
        if attachment.send.as_ref().is_some_and(|send| !send.progress.connecting) {
            self.connected(key, attachment);
        }
        match flushed {
            Flushed::Done => {}
            Flushed::Limited => self.writable.add(key),
            Flushed::Blocked => {
                if let Some(socket) = self.sockets.get_mut(key as usize).and_then(Option::as_mut) {
                    let _ = socket.watch_write(&mut self.kernel);
                }
            }
        }
    }

    /// Goes on with sends that had found their socket full.
    #[cold]
    pub(super) fn send_blocked(&mut self, table: &mut Table, out: &mut Vec<Completion>, limit: usize) {
        for _ in 0..self.writable.len() {
            if out.len() >= limit {
                return;
            }
            let Some(key) = self.writable.next() else { return };
            let Some(attachment) = table.get_mut(key) else { continue };
            if let Some(send) = attachment.send.as_mut() {
                send.blocked = false;
            }
            self.send(key, attachment, out, limit);
        }
    }

    /// Receives that were posted before the connection was made can be watched for.
    fn connected(&mut self, key: u32, attachment: &mut Attachment) {
        if let Some(socket) = self.sockets.get_mut(key as usize).and_then(Option::as_mut)
            && std::mem::take(&mut socket.unconnected)
            && let Some(side) = attachment.receive.as_mut()
        {
            // A failure to queue the entry has set the fault, which the next wait reports.
            let _ = socket.publish(&mut self.kernel, &mut self.groups, side);
        }
    }
}
