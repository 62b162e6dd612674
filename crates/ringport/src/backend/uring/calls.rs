//! Receives by calls: of sockets whose poll has fired, one turn each, until the socket has no more or nothing is posted.
//!
//! ```text
//!   poll ──► readable ──► call, call, ... ──► empty: poll again
//!               ▲                └► its turn is over: behind the others
//!               └────────────────────┘
//! ```

use std::os::fd::{AsRawFd, BorrowedFd};

use super::socket::Request;
use super::{TURN, Uring, streaming};
use crate::backend::contract::{Attachment, Completion, Table};
use crate::backend::datagram::Received;

impl Uring {
    /// Receives by calls on the sockets whose poll fired, one turn each.
    pub(super) fn receive_by_calls(&mut self, table: &mut Table, out: &mut Vec<Completion>, limit: usize) {
        for _ in 0..self.readable.len() {
            if out.len() >= limit {
                return;
            }
            let Some(key) = self.readable.next() else { return };
            let Some(attachment) = table.get_mut(key) else { continue };
            let before = out.len();
            self.receive_from(key, attachment, out, limit.min(before + TURN));
            self.brought += out.len() - before;
        }
    }

    fn receive_from(
        &mut self,
        key: u32,
        attachment: &mut Attachment,
        out: &mut Vec<Completion>,
        limit: usize,
    ) {
        if let Some(socket) = self.sockets.get_mut(key as usize).and_then(Option::as_mut)
            && !socket.connections.is_empty()
        {
            streaming::hand_out(socket, attachment, limit, out);
            let Some(side) = attachment.receive.as_mut() else { return };
            socket.readable = !socket.connections.is_empty();
            if !socket.readable {
                // A failure to queue the entry has set the fault, which the next wait reports.
                let _ = socket.publish(&mut self.kernel, &mut self.groups, side);
            } else if !side.posted.is_empty() {
                self.readable.add(key);
            }
            return;
        }
        // SAFETY: the attachment keeps the socket, and so the descriptor, open; it is not replaced meanwhile.
        let descriptor = unsafe { BorrowedFd::borrow_raw(attachment.socket.as_raw_fd()) };
        while out.len() < limit {
            if attachment.receive.as_ref().is_none_or(|side| side.posted.is_empty()) {
                // The data stays in the socket, and so does the knowledge of it.
                return;
            }
            self.kernel.count_call();
            match self.transfer.receive(descriptor, key, attachment, limit - out.len(), out) {
                Received::More => {}
                Received::Dry => return self.dry.push(key),
                outcome @ (Received::Drained | Received::Empty | Received::Unconnected) => {
                    let Some(socket) = self.sockets.get_mut(key as usize).and_then(Option::as_mut) else {
                        return;
                    };
                    socket.readable = false;
                    // A poll would end at once, again and again.
                    socket.unconnected = outcome == Received::Unconnected;
                    if socket.request == Request::Connection && !socket.unconnected {
                        // It was made. What waits for bytes follows when this poll has ended; a failure has set the
                        // fault.
                        let _ = socket.stop(&mut self.kernel);
                    }
                    if let Some(side) = attachment.receive.as_mut() {
                        // A failure to queue the entry has set the fault, which the next wait reports.
                        let _ = socket.publish(&mut self.kernel, &mut self.groups, side);
                    }
                    return;
                }
            }
        }
        self.readable.add(key);
    }
}
