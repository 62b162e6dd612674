//! What a connection has received and not used yet, in the slices it came in.
//!
//! ```text
//!   slice 0                    slice 1
//!   [ used │ HEAD │ half a he ][ ad │ .......... ]
//!                  └── moved to the front, and the rest copied behind it: only for a head that was cut in two
//! ```

use std::collections::VecDeque;

use ringport::BufferMut;

use crate::http::framing::{Framed, empty_lines, frame};
use crate::limits::INPUT_SLICES;

/// See the module.
#[derive(Debug)]
pub(crate) struct Inbox {
    /// None of them is empty.
    pieces: VecDeque<Piece>,
    /// How much of the head at the front was looked at in vain.
    scanned: usize,
}

#[derive(Debug)]
struct Piece {
    slice: BufferMut,
    used: usize,
}

impl Piece {
    fn rest(&self) -> &[u8] {
        self.slice.get(self.used..).unwrap_or_default()
    }
}

impl Inbox {
    pub(crate) fn new() -> Inbox {
        Inbox { pieces: VecDeque::with_capacity(INPUT_SLICES), scanned: 0 }
    }

    /// Slices that it holds.
    pub(crate) fn slices(&self) -> usize {
        self.pieces.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    pub(crate) fn clear(&mut self) {
        self.pieces.clear();
        self.scanned = 0;
    }

    /// Takes what was received last.
    pub(crate) fn push(&mut self, slice: BufferMut) {
        if !slice.is_empty() {
            self.pieces.push_back(Piece { slice, used: 0 });
        }
    }

    /// Looks for the next head; [`head`](Inbox::head) has it then.
    pub(crate) fn next(&mut self) -> Framed {
        loop {
            self.skip_empty_lines();
            let Some(first) = self.pieces.front() else { return Framed::Incomplete };
            match frame(first.rest(), &mut self.scanned) {
                Framed::Incomplete if self.top_up() => {}
                framed => return framed,
            }
        }
    }

    /// The head of so many bytes that was found.
    pub(crate) fn head(&self, length: usize) -> &[u8] {
        let rest = self.pieces.front().map(Piece::rest).unwrap_or_default();
        rest.get(..length).unwrap_or(rest)
    }

    /// The first bytes are used.
    pub(crate) fn consume(&mut self, length: usize) {
        if let Some(first) = self.pieces.front_mut() {
            first.used += length;
            if first.rest().is_empty() {
                self.pieces.pop_front();
            }
        }
    }

    fn skip_empty_lines(&mut self) {
        // Within a head nothing is skipped, and one that was looked at does not begin with an empty line.
        while self.scanned == 0
            && let Some(first) = self.pieces.front()
            && let count = empty_lines(first.rest())
            && count > 0
        {
            self.consume(count);
        }
    }

    /// Fills the first slice from the second; false when there is none, or no room.
    fn top_up(&mut self) -> bool {
        let mut pieces = self.pieces.iter_mut();
        let (Some(first), Some(second)) = (pieces.next(), pieces.next()) else { return false };
        let left = first.slice.len() - first.used.min(first.slice.len());
        first.slice.copy_within(first.used.., 0);
        first.slice.truncate(left);
        first.used = 0;
        let room = first.slice.capacity() - left;
        let moved = second.rest().get(..room).unwrap_or(second.rest());
        let count = moved.len();
        if first.slice.extend_from_slice(moved).is_err() {
            return false;
        }
        second.used += count;
        if second.rest().is_empty() {
            self.pieces.remove(1);
        }
        count > 0
    }
}

#[cfg(test)]
mod tests;
