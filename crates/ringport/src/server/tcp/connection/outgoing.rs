//! What a connection is to send, in slices of its own, and never more of them than its share.
//!
//! ```text
//!   reply(bytes) ─► copied behind each other ─► current [ r1 r2 r3 ░░░ ] ┐
//!   reply of a slice ─► taken as it is ───────► waiting [ s1 ][ s2 ]     ├─ flush: all with one call
//!                                               posted: 2                ┘  held = current + waiting + posted
//! ```
//!
//! Replies of one batch so leave together, whatever their number, and small ones share a slice.

use std::collections::VecDeque;

use super::requests::Requests;
use crate::memory::{Buffer, BufferMut, BufferPool};
use crate::server::tcp::error::SendRefused;
use crate::server::tcp::framing::Received;

/// See the module.
#[derive(Debug)]
pub(crate) struct Outgoing {
    current: Option<BufferMut>,
    waiting: VecDeque<Buffer>,
    /// Sends that are posted and whose completion was not seen.
    posted: usize,
    /// Bytes of `current`, `waiting` and what is posted.
    unsent: usize,
    /// Slices it may hold.
    share: usize,
    slice_size: usize,
}

impl Outgoing {
    pub(crate) fn new(share: usize, slice_size: usize) -> Outgoing {
        Outgoing { current: None, waiting: VecDeque::new(), posted: 0, unsent: 0, share, slice_size }
    }

    fn held(&self) -> usize {
        usize::from(self.current.is_some()) + self.waiting.len() + self.posted
    }

    /// Bytes that can be copied in now.
    #[inline]
    pub(crate) fn room(&self) -> usize {
        let spare = self.current.as_ref().map_or(0, |current| current.capacity() - current.len());
        spare + self.share.saturating_sub(self.held()) * self.slice_size
    }

    /// Slices that it can take as they are.
    pub(super) fn places(&self) -> usize {
        let empty = self.current.as_ref().is_some_and(|current| current.is_empty());
        (self.share + usize::from(empty)).saturating_sub(self.held())
    }

    /// Bytes that have not left.
    #[inline]
    pub(super) fn unsent(&self) -> usize {
        self.unsent
    }

    /// Whether all has left.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.held() == 0
    }

    /// Takes a copy, of all of it or of nothing.
    #[inline]
    pub(crate) fn append(&mut self, pool: &BufferPool, bytes: &[u8]) -> Result<(), SendRefused> {
        let refused = |room| SendRefused { asked: bytes.len(), room };
        let room = self.room();
        if bytes.len() > room {
            return Err(refused(room));
        }
        let mut left = bytes;
        let (mut taken, mut first) = (0, 0);
        while !left.is_empty() {
            let current = match self.current.as_mut() {
                Some(current) if current.len() < current.capacity() => current,
                _ => {
                    if let Some(full) = self.current.take() {
                        self.line_up(full.freeze());
                    }
                    let Ok(slice) = pool.take() else {
                        // Slices that were kept are not home. What was begun is taken back.
                        self.take_back(taken, first);
                        return Err(refused(0));
                    };
                    self.current.insert(slice)
                }
            };
            let fits = left.len().min(current.capacity() - current.len());
            let (now, rest) = left.split_at(fits);
            // Never refused: it fits.
            let _ = current.extend_from_slice(now);
            left = rest;
            if taken == 0 {
                first = fits;
            }
            taken += 1;
        }
        self.unsent += bytes.len();
        Ok(())
    }

    /// Takes a copy of what lies in several slices: of all of it, or of nothing where there is no room.
    #[cold]
    pub(super) fn append_all(&mut self, pool: &BufferPool, bytes: Received<'_>) -> Result<(), SendRefused> {
        let room = self.room();
        if bytes.len() > room {
            return Err(SendRefused { asked: bytes.len(), room });
        }
        bytes.slices().try_for_each(|slice| self.append(pool, slice))
    }

    /// Forgets the parts of a copy that could not be finished: `parts` of them, the first of so many bytes.
    #[cold]
    fn take_back(&mut self, parts: usize, first: usize) {
        self.current = None;
        for _ in 1..parts {
            self.waiting.pop_back();
        }
        if parts > 0
            && let Some(last) = self.waiting.pop_back()
        {
            let kept = last.len() - first.min(last.len());
            self.current = None;
            if kept > 0 {
                self.line_up(last.narrowed(0, kept));
            }
        }
    }

    /// Takes a slice as it is.
    #[inline]
    pub(super) fn append_buffer(&mut self, buffer: Buffer) -> Result<(), (SendRefused, Buffer)> {
        if self.places() == 0 {
            return Err((SendRefused { asked: buffer.len(), room: self.room() }, buffer));
        }
        if buffer.is_empty() {
            return Ok(());
        }
        if let Some(current) = self.current.take().filter(|current| !current.is_empty()) {
            self.line_up(current.freeze());
        }
        self.unsent += buffer.len();
        self.line_up(buffer);
        Ok(())
    }

    /// Puts a slice behind the others. Most connections never have two of them, so room is made for one at first.
    #[inline]
    fn line_up(&mut self, buffer: Buffer) {
        if self.waiting.capacity() == 0 {
            self.waiting.reserve_exact(1);
        }
        self.waiting.push_back(buffer);
    }

    /// Whether there is something that was not posted yet.
    pub(crate) fn has_more(&self) -> bool {
        !self.waiting.is_empty() || self.current.is_some()
    }

    /// Sends all there is, with one call; returns how many bytes have left by then.
    #[inline]
    pub(crate) fn flush(&mut self, requests: &impl Requests) -> usize {
        if let Some(current) = self.current.take().filter(|current| !current.is_empty()) {
            self.line_up(current.freeze());
        }
        if self.waiting.len() == 1
            && let Some(buffer) = self.waiting.pop_front()
        {
            return self.send_at_once(buffer, requests);
        }
        while let Some(buffer) = self.waiting.pop_front() {
            let more = !self.waiting.is_empty();
            self.post(buffer, more, requests);
        }
        0
    }

    #[inline]
    fn send_at_once(&mut self, buffer: Buffer, requests: &impl Requests) -> usize {
        let bytes = buffer.len();
        match requests.send_at_once(buffer) {
            Ok(Some(_)) => {
                self.unsent = self.unsent.saturating_sub(bytes);
                return bytes;
            }
            Ok(None) => self.posted += 1,
            // Only a queue that is closed refuses: there is a place for each slice of the share.
            Err(_) => self.unsent = self.unsent.saturating_sub(bytes),
        }
        0
    }

    #[inline]
    fn post(&mut self, buffer: Buffer, more: bool, requests: &impl Requests) {
        let bytes = buffer.len();
        match requests.send(buffer, more) {
            Ok(()) => self.posted += 1,
            // Only a queue that is closed refuses: there is a place for each slice of the share.
            Err(_) => self.unsent = self.unsent.saturating_sub(bytes),
        }
    }

    /// A send is through, with so many bytes of those it had.
    #[inline]
    pub(crate) fn sent(&mut self, bytes: usize) {
        self.posted = self.posted.saturating_sub(1);
        self.unsent = self.unsent.saturating_sub(bytes);
    }

    /// Lets go of what was not posted.
    pub(super) fn clear(&mut self) {
        self.current = None;
        self.waiting.clear();
    }
}

#[cfg(test)]
mod tests;
