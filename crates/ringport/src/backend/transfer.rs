//! Moving what a socket is ready for, by the calls that suit its kind.

use std::os::fd::BorrowedFd;

use super::contract::{Attachment, Completion};
use super::datagram::{Flushed, ReceiveBatch, Received, SendBatch};
use super::stream;
use crate::net::SocketHandle;

/// Room for the arguments of such calls, allocated once for all sockets of a backend.
#[derive(Debug)]
pub(crate) struct Transfer {
    receives: ReceiveBatch,
    sends: SendBatch,
}

impl Transfer {
    /// Allocates the room.
    pub(crate) fn new() -> Transfer {
        Transfer { receives: ReceiveBatch::new(), sends: SendBatch::new() }
    }

    /// Completes up to `want` of the receives posted first, of the accepts on a listener.
    #[inline]
    pub(crate) fn receive(
        &mut self,
        socket: BorrowedFd<'_>,
        key: u32,
        attachment: &mut Attachment,
        want: usize,
        out: &mut Vec<Completion>,
    ) -> Received {
        match attachment.socket {
            SocketHandle::Datagram(_) => self.receives.receive(socket, key, attachment, want, out),
            SocketHandle::Stream(_) => stream::receive(socket, key, attachment, want, out),
            SocketHandle::Listener(_) => stream::accept(socket, key, attachment, want, out),
        }
    }

    /// Sends what is due.
    #[inline]
    pub(crate) fn flush(
        &mut self,
        socket: BorrowedFd<'_>,
        key: u32,
        attachment: &mut Attachment,
        out: &mut Vec<Completion>,
        limit: usize,
        calls: &mut u64,
    ) -> Flushed {
        match attachment.socket {
            SocketHandle::Datagram(_) => self.sends.flush(socket, key, attachment, out, limit, calls),
            _ => stream::flush(socket, key, attachment, out, limit, calls),
        }
    }
}
