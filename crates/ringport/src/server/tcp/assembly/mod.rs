//! The bytes of one connection that no message has taken yet.
//!
//! ```text
//!   received ──► push                                     next ──► message
//!                  |                                                  |  let go: its bytes are used up
//!                  v                                                  v
//!    later  [ slice | slice ]   front [ used up |  unprocessed  ] ──► a slice that is used up: to its pool
//! ```
//!
//! Nothing is copied. The common case, whole messages in one slice, touches the front slice alone; the list of
//! later ones is made when first needed, and then keeps its room. So a connection that is idle, or whose messages
//! never lie across slices, costs no more than this object.
//!
//! A peer that trickles fills slices with a byte or two each. Where that would take more of them than the
//! connection may have, [`Assembly::squeeze`] moves the bytes together: the one place that copies, once for each
//! byte, and only for such peers.

mod assembled;
mod squeeze;
#[cfg(test)]
mod tests;

use std::ops::Range;

pub(crate) use assembled::Assembled;

use super::framing::{Frame, Framing, FramingError, LaterSlices, Received};
use crate::memory::Buffer;

/// See the module.
#[derive(Debug)]
pub(crate) struct Assembly {
    front: Option<Buffer>,
    /// Bytes of the front slice that are used up: fewer than it has.
    used_up: usize,
    /// None of them is empty.
    later: LaterSlices,
    /// Unprocessed bytes of all slices.
    len: usize,
    /// Bytes there must be before it is of use to look for a message; at least 1.
    wanted: usize,
}

/// Where a message is among the unprocessed bytes.
#[derive(Debug)]
pub(crate) struct Found {
    skip: usize,
    length: usize,
    /// Where the next one begins: at least one byte on, and there as a whole.
    end: usize,
}

impl Default for Assembly {
    fn default() -> Assembly {
        Assembly { front: None, used_up: 0, later: LaterSlices::new(), len: 0, wanted: 1 }
    }
}

impl Assembly {
    /// Appends what was received. A slice with nothing in it goes back at once.
    #[inline]
    pub(crate) fn push(&mut self, received: impl Into<Buffer>) {
        let received = received.into();
        if received.is_empty() {
            return;
        }
        self.len += received.len();
        if self.front.is_none() {
            self.front = Some(received);
        } else {
            self.later.push_back(received);
        }
    }

    /// The first message, if it is there as a whole. Its bytes are used up when it is let go of.
    ///
    /// Call it again until there is none. The framing is not asked before as many bytes are there as it wanted.
    #[inline]
    pub(crate) fn next<F: Framing>(
        &mut self,
        framing: &mut F,
    ) -> Result<Option<Assembled<'_>>, FramingError> {
        let found = self.find(framing)?;
        Ok(found.map(|found| self.take(found)))
    }

    /// Where the first message is, if it is there as a whole, for those who cannot hold on to it yet.
    #[inline]
    pub(crate) fn find<F: Framing>(&mut self, framing: &mut F) -> Result<Option<Found>, FramingError> {
        if self.len < self.wanted {
            return Ok(None);
        }
        match framing.next_frame(self.received()) {
            Frame::Complete { skip, length, tail } => {
                let end = skip.saturating_add(length).saturating_add(tail);
                if end == 0 {
                    return Err(FramingError::NoProgress);
                }
                if end > self.len {
                    // It knows how long the message will be; ask again when it is there.
                    self.wanted = end;
                    return Ok(None);
                }
                Ok(Some(Found { skip, length, end }))
            }
            Frame::Incomplete { more } => {
                self.wanted = self.len.saturating_add(more.max(1));
                Ok(None)
            }
            Frame::Invalid(error) => Err(error),
        }
    }

    /// The message that was found; nothing else happened since.
    #[inline]
    pub(crate) fn take(&mut self, found: Found) -> Assembled<'_> {
        Assembled::new(self, found)
    }

    /// The unprocessed bytes.
    #[inline]
    pub(crate) fn received(&self) -> Received<'_> {
        let first = self.front.as_ref().and_then(|front| front.get(self.used_up..)).unwrap_or(&[]);
        Received::held(first, &self.later, self.len)
    }

    /// Unprocessed bytes.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Bytes that are missing before there can be another message, as far as is known; at least 1 after
    /// [`next`](Assembly::next) found none.
    pub(crate) fn missing(&self) -> usize {
        self.wanted.saturating_sub(self.len)
    }

    /// Slices it holds.
    #[inline]
    pub(crate) fn slices(&self) -> usize {
        usize::from(self.front.is_some()) + self.later.len()
    }

    /// Gives all slices back; what was in them is lost.
    pub(crate) fn clear(&mut self) {
        (self.front, self.used_up, self.len, self.wanted) = (None, 0, 0, 1);
        self.later.clear();
    }

    /// Marks so many bytes as used up, and gives back the slices in which nothing is left.
    #[inline]
    fn consume(&mut self, bytes: usize) {
        self.len = self.len.saturating_sub(bytes);
        self.wanted = 1;
        self.used_up += bytes;
        if self.used_up >= self.front.as_ref().map_or(0, Buffer::len) {
            self.give_back();
        }
    }

    /// Lets go of the slices at the front that are used up.
    fn give_back(&mut self) {
        while let Some(front) = self.front.take() {
            if self.used_up < front.len() {
                self.front = Some(front);
                return;
            }
            self.used_up -= front.len();
            self.front = self.later.pop_front();
        }
        self.used_up = 0;
    }

    /// Uses up the first `bytes` bytes, which lie in the front slice, and gives a view of those of them that are in
    /// `part`; none for an empty part. With the last bytes of a slice the slice itself is handed on, not counted.
    fn take_part(&mut self, bytes: usize, part: Range<usize>) -> Option<Buffer> {
        let slice = self.front.as_ref()?;
        let (start, end) = (self.used_up + part.start, self.used_up + part.end);
        let slice = match self.used_up + bytes < slice.len() {
            true if part.is_empty() => None,
            true => Some(slice.clone()),
            false => self.front.take(),
        };
        if self.front.is_some() {
            self.consume(bytes);
        } else {
            self.len = self.len.saturating_sub(bytes);
            (self.used_up, self.wanted) = (0, 1);
            self.front = self.later.pop_front();
        }
        slice.filter(|_| !part.is_empty()).map(|slice| slice.narrowed(start, end))
    }
}
