//! Ending operations that are in the kernel, and waiting until it has let go of them.
//!
//! ```text
//!   quiesce ─► cancel ─► each ends: aborted, or with what it had ─► what it had completes its requests
//!                ▲              │ not yet                           the others stay in their sides
//!                └──────────────┘ as long as some end ─► or it lingers, or it is lost
//! ```

use std::io;
use std::time::{Duration, Instant};

use super::super::carrier::{Carrier, End, Look};
use super::{
    Socket, Windows, accepts, datagrams_in, datagrams_out, lingering, moving, stream_in, stream_out,
};
use crate::backend::contract::{Attachment, Completion, Status, Table};
use crate::backend::is_unreachable;
use crate::backend::sys::errno;
use crate::net::SocketHandle;

/// How long one look for ends waits before they are asked for again.
const A_WHILE: Duration = Duration::from_millis(20);

impl<C: Carrier> Windows<C> {
    /// Ends all that the kernel has of `key`.
    pub(super) fn end(&mut self, key: u32, table: &mut Table, out: &mut Vec<Completion>) -> io::Result<()> {
        let Some(socket) = self.socket_mut(key) else { return Ok(()) };
        socket.quiescing = true;
        let (mut since, mut moved) = (Instant::now(), false);
        self.note_ended(key);
        let mut left = self.in_kernel(key);
        while left > 0 {
            self.carrier.cancel(key);
            let patience = self.carrier.patience(key).saturating_sub(since.elapsed());
            // Those of others wait for their turn.
            self.carrier.take(&mut self.ended, Look::Wait(Some(patience.min(A_WHILE))))?;
            self.note_ended(key);
            let before = std::mem::replace(&mut left, self.in_kernel(key));
            if left < before {
                (since, moved) = (Instant::now(), true);
            } else if since.elapsed() >= self.carrier.patience(key) {
                return Err(self.give_up(key, moved, table, out));
            }
        }
        if let (Some(socket), Some(attachment)) = (self.socket_mut(key), table.get_mut(key)) {
            settle_receives(key, socket, attachment, out);
            settle_sends(key, socket, attachment, out);
            socket.lingers = false;
        }
        Ok(())
    }

    /// How many operations the kernel has.
    fn in_kernel(&mut self, key: u32) -> usize {
        self.socket_mut(key).map_or(0, |socket| socket.receives.under_way() + socket.sends.under_way())
    }

    /// The kernel has not let go: it will when the socket is closed, or what it has is its own for good.
    #[cold]
    fn give_up(&mut self, key: u32, moved: bool, table: &mut Table, out: &mut Vec<Completion>) -> io::Error {
        if self.carrier.lingers(key, moved)
            && let (Some(socket), Some(attachment)) = (self.socket_mut(key), table.get_mut(key))
        {
            socket.lingers = true;
            lingering::complete(key, socket, attachment, out);
        }
        io::Error::from_raw_os_error(errno::ETIMEDOUT)
    }

    /// Notes the ends of one socket, and leaves those of others where they are.
    fn note_ended(&mut self, key: u32) {
        for _ in 0..self.ended.len() {
            let Some(End { ticket, outcome }) = self.ended.pop_front() else { return };
            match self.socket_mut(ticket.key).filter(|_| ticket.key == key) {
                Some(socket) => socket.lane_mut(ticket.way).note(ticket.place, outcome),
                None => self.ended.push_back(End { ticket, outcome }),
            }
        }
    }
}

/// What was received before the end completes; the other receives stay.
fn settle_receives(key: u32, socket: &mut Socket, attachment: &mut Attachment, out: &mut Vec<Completion>) {
    let (mut left, mut chains) = (0, 0);
    while let Some((outcome, _)) = socket.receives.arrive() {
        match (&attachment.socket, outcome.status) {
            (SocketHandle::Stream(_), _) => stream_in::settle(outcome, key, socket, attachment, out),
            (SocketHandle::Listener(_), Status::Success) => accepts::settle(outcome, key, attachment, out),
            (SocketHandle::Listener(_), _) => {}
            (SocketHandle::Datagram(_), status) => {
                let Some(side) = attachment.receive.as_mut() else { return };
                let is_chain = side.posted.get(left).is_some_and(|request| request.slice.is_none());
                let stays = match status {
                    Status::Success | Status::Truncated => false,
                    Status::Aborted => true,
                    Status::Failed(error) => is_unreachable(error),
                };
                if stays {
                    left += 1;
                    chains += usize::from(is_chain);
                    continue;
                }
                moving::move_request(&mut side.posted, left, 0);
                if is_chain {
                    moving::move_chain(&mut side.chains, chains, 0);
                }
                datagrams_in::complete(outcome, key, socket, attachment, out);
            }
        }
    }
    (socket.ahead, socket.chains, socket.reading, socket.has_bytes) = (0, 0, 0, false);
}

/// What has left before the end completes; of the other sends none is in the kernel.
fn settle_sends(key: u32, socket: &mut Socket, attachment: &mut Attachment, out: &mut Vec<Completion>) {
    let mut left = 0;
    while let Some((outcome, run)) = socket.sends.arrive() {
        let aborted = outcome.status == Status::Aborted;
        match attachment.socket {
            SocketHandle::Datagram(_) if aborted => left += run.ends as usize,
            SocketHandle::Datagram(_) => {
                // Behind some that were aborted it is told first, since it has left.
                if let Some(side) = attachment.send.as_mut().filter(|_| left > 0) {
                    (0..run.ends as usize)
                        .for_each(|send| moving::move_request(&mut side.posted, left + send, send));
                }
                datagrams_out::departed(outcome, run, key, socket, attachment, out);
            }
            _ if aborted => stream_out::left(outcome.bytes, key, attachment, out),
            _ => _ = stream_out::settle(outcome, key, attachment, out),
        }
    }
    socket.covered = 0;
    socket.offset = attachment.send.as_ref().map_or(0, |side| side.progress.sent);
}
