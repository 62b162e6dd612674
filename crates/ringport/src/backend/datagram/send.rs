//! Sends by `sendmmsg`, straight from the slices that were posted.

use std::os::fd::{AsRawFd, BorrowedFd};

use super::messages::Messages;
use super::{is_unreachable, last_error};
use crate::backend::contract::{Attachment, Completion, SendSide, Status};
use crate::backend::run::Run;

/// Sends for any number of sockets, with room for the arguments of one `sendmmsg`, allocated once.
#[derive(Debug)]
pub(crate) struct SendBatch {
    messages: Messages,
}

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
        SendBatch { messages: Messages::new() }
    }

    /// Sends what is due on `attachment`, in its order, and pushes the completions until `out` holds
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
            self.messages.prepare(side, due.min(room));
            let headers = self.messages.headers();
            if headers.is_empty() {
                return Flushed::Done;
            }
            *calls += 1;
            // SAFETY: the headers point at names and vectors of `messages`, at control data there and of the send
            // side, and at slices that the posted requests own; the kernel only reads them and nothing changes
            // them before the call returns.
            let count = unsafe {
                libc::sendmmsg(
                    socket.as_raw_fd(),
                    headers.as_mut_ptr(),
                    headers.len() as libc::c_uint,
                    (libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL) as _,
                )
            };
            if count >= 0 {
                self.complete(count as usize, key, attachment, out);
                continue;
            }
            match last_error() {
                libc::EINTR => {}
                libc::EAGAIN => {
                    attachment.counters.blocked += 1;
                    return Flushed::Blocked;
                }
                error => self.refused(error, key, attachment, out),
            }
        }
    }

    /// The first `count` messages have left.
    fn complete(&mut self, count: usize, key: u32, attachment: &mut Attachment, out: &mut Vec<Completion>) {
        let mut alone = 0;
        for run in self.messages.runs().iter().take(count) {
            for _ in 0..run.ends {
                let Some(request) = attachment.send.as_mut().and_then(|side| side.posted.pop_front()) else {
                    break;
                };
                let bytes = request.payload.len() as u32;
                out.push(attachment.sent(key, request, Status::Success, bytes));
            }
            if let Some(side) = attachment.send.as_mut() {
                let before = if run.ends > 0 { 0 } else { side.progress.sent };
                side.progress.sent = before + run.open as usize;
            }
            alone += u32::from(run.held_back);
        }
        if alone > 0 && attachment.send.as_mut().is_some_and(|side| side.segmentation.left(alone)) {
            attachment.counters.unsegmented += 1;
        }
    }

    /// The first message was refused. That may be because it is to be cut: then its datagrams, and all as large, leave
    /// one by one from now on. An error left by an ICMP message is about an earlier datagram: taking it cleared it, so
    /// the send is tried once more before anything follows from it.
    #[cold]
    fn refused(&self, error: i32, key: u32, attachment: &mut Attachment, out: &mut Vec<Completion>) {
        let Some(side) = attachment.send.as_mut() else { return };
        if is_unreachable(error)
            && let Some(first) = side.posted.front_mut().filter(|first| !first.retried)
        {
            first.retried = true;
            // A datagram that is too large is nobody's absence.
            attachment.counters.unreachable += u64::from(error != libc::EMSGSIZE);
            return;
        }
        match self.messages.runs().first() {
            Some(Run { datagrams: 2.., segment, .. }) if side.segmentation.refused(*segment, error) => return,
            _ => side.segmentation.refused_alone(error),
        }
        if let Some((request, sent)) = attachment.send.as_mut().and_then(SendSide::take_first) {
            out.push(attachment.sent(key, request, Status::Failed(error), sent));
        }
    }
}
