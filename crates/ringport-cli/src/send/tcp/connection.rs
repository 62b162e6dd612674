//! One connection: the messages that are planned for it, and how far each has come.
//!
//! ```text
//!   queue   | 17   | 21   | 25      | 29   33  |
//!             came   written  partial   planned        (with an echo, a message stays until it is answered;
//!             bytes           bytes                      without, until it is written)
//! ```

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};

use crate::payload::{HEADER, Header};
use crate::sys::watch::Stream;

use super::plan::Plan;

/// Bytes handed to the kernel or taken from it at once.
pub(super) const CHUNK: usize = 64 << 10;

/// A message on its way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Message {
    pub(super) sequence: u64,
    /// What its latency counts from: the scheduled time if there is a rate, else when it was sent.
    pub(super) start: u64,
}

/// One connection of a run.
pub(super) struct Connection {
    pub(super) socket: Stream,
    flow: u32,
    queue: VecDeque<Message>,
    /// Messages at the head of the queue that the kernel has taken whole.
    written: usize,
    /// Bytes that it has taken of the next one.
    partial: usize,
    /// Bytes of the oldest message that have come back.
    came: usize,
    /// One of those was not what had been sent.
    damaged: bool,
    /// When something moved on it, or began to be waited for.
    pub(super) moved: u64,
    /// It stands in the run's list of those that may write.
    pub(super) listed: bool,
}

/// What a write came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Wrote {
    /// Messages that are with the kernel to their last byte now.
    pub(super) messages: u64,
    /// The kernel's buffer is full: the rest waits until there is room.
    pub(super) blocked: bool,
}

impl Connection {
    pub(super) fn new(socket: Stream, flow: u32, now: u64) -> Connection {
        let queue = VecDeque::new();
        Connection {
            socket,
            flow,
            queue,
            written: 0,
            partial: 0,
            came: 0,
            damaged: false,
            moved: now,
            listed: false,
        }
    }

    /// Takes on one more message.
    pub(super) fn plan(&mut self, message: Message, now: u64) {
        if self.queue.is_empty() {
            self.moved = now;
        }
        self.queue.push_back(message);
    }

    /// Messages that are not done with.
    pub(super) fn queued(&self) -> usize {
        self.queue.len()
    }

    /// Messages that are not whole with the kernel. They can still go another way.
    pub(super) fn unwritten(&self) -> impl Iterator<Item = Message> {
        self.queue.range(self.written..).copied()
    }

    /// Writes what is planned, as far as the limit of unanswered messages and the kernel allow.
    pub(super) fn write(&mut self, plan: &Plan, chunk: &mut [u8], now: u64) -> io::Result<Wrote> {
        let allowed = plan.outstanding.map_or(usize::MAX, |most| usize::try_from(most).unwrap_or(usize::MAX));
        let mut wrote = Wrote::default();
        while self.written < self.queue.len().min(allowed) {
            let length = self.fill(plan.payload, allowed, chunk);
            let taken = match (&self.socket).write(&chunk[..length]) {
                Ok(taken) => taken,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    wrote.blocked = true;
                    return Ok(wrote);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            self.moved = now;
            self.partial += taken;
            while self.partial >= plan.payload {
                self.partial -= plan.payload;
                wrote.messages += 1;
                if plan.echo {
                    self.written += 1;
                } else {
                    self.queue.pop_front();
                }
            }
        }
        Ok(wrote)
    }

    /// Lays out what is to be written next; returns how many bytes that is.
    fn fill(&self, payload: usize, allowed: usize, chunk: &mut [u8]) -> usize {
        let (mut length, mut skip) = (0, self.partial);
        for message in self.queue.range(self.written..self.queue.len().min(allowed)) {
            let header = self.header(message);
            let piece = (payload - skip).min(chunk.len() - length);
            lay(&header[..HEADER.min(payload)], skip, &mut chunk[length..length + piece]);
            (length, skip) = (length + piece, 0);
            if length == chunk.len() {
                break;
            }
        }
        length
    }

    /// Takes what has come, with an echo: compares it with what was sent, and tells `answered` the start of each
    /// message that is back whole and whether it came back as it went. Returns how many bytes were too many.
    pub(super) fn take(
        &mut self,
        plan: &Plan,
        mut bytes: &[u8],
        now: u64,
        mut answered: impl FnMut(u64, bool),
    ) -> usize {
        self.moved = now;
        while let Some(message) = self.queue.front() {
            let sent = if self.written > 0 { plan.payload } else { self.partial };
            let piece = bytes.len().min(sent.saturating_sub(self.came));
            if piece == 0 {
                break;
            }
            let header = self.header(message);
            self.damaged |= !agrees(&header[..HEADER.min(plan.payload)], self.came, &bytes[..piece]);
            self.came += piece;
            bytes = &bytes[piece..];
            if self.came < plan.payload || self.written == 0 {
                break;
            }
            answered(message.start, !self.damaged);
            (self.came, self.damaged) = (0, false);
            self.queue.pop_front();
            self.written -= 1;
        }
        bytes.len()
    }

    fn header(&self, message: &Message) -> [u8; HEADER] {
        let mut header = [0; HEADER];
        Header { sequence: message.sequence, flow: self.flow, sent: message.start }.write(&mut header);
        header
    }
}

/// Reads into `chunk`; None: there is nothing now.
pub(super) fn read(mut socket: &Stream, chunk: &mut [u8]) -> io::Result<Option<usize>> {
    loop {
        match socket.read(chunk) {
            Ok(length) => return Ok(Some(length)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Writes the part from byte `skip` on of a message that is `header` and then zeros.
fn lay(header: &[u8], skip: usize, place: &mut [u8]) {
    let rest = header.get(skip..).unwrap_or_default();
    let (head, filling) = place.split_at_mut(rest.len().min(place.len()));
    head.copy_from_slice(&rest[..head.len()]);
    filling.fill(0);
}

/// Is `bytes` the part from byte `skip` on of that message?
fn agrees(header: &[u8], skip: usize, bytes: &[u8]) -> bool {
    let rest = header.get(skip..).unwrap_or_default();
    let (head, filling) = bytes.split_at(rest.len().min(bytes.len()));
    head == &rest[..head.len()] && filling.iter().all(|byte| *byte == 0)
}

#[cfg(test)]
mod tests;
