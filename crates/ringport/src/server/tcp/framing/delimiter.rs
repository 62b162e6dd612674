//! Messages that end with a byte, or a few.

use super::{Frame, Framing, FramingError, Received};
use crate::memory::find_byte;
use crate::server::ServerError;
use std::mem;

/// The longest sequence.
const LONGEST: usize = 4;

/// Each message ends with a delimiter, which is not part of it unless said otherwise. A message may be empty.
///
/// It remembers how far it has looked, so a message that comes in byte by byte is searched once.
///
/// ```
/// use ringport::server::tcp::framing::{Delimiter, Frame, Framing, FramingError, Received};
///
/// let mut lines = Delimiter::new(b'\n', 4096);
/// assert_eq!(lines.next_frame(Received::new(b"one\ntwo")), Frame::Complete { skip: 0, length: 3, tail: 1 });
///
/// let mut lines = Delimiter::sequence(b"\r\n", 8)?.keep_delimiter();
/// assert_eq!(lines.next_frame(Received::new(b"one\r")), Frame::Incomplete { more: 1 });
/// assert_eq!(lines.next_frame(Received::new(b"one\r\n")), Frame::Complete { skip: 0, length: 5, tail: 0 });
/// let endless = lines.next_frame(Received::new(b"nothing ends"));
/// assert_eq!(endless, Frame::Invalid(FramingError::NoDelimiter { maximum: 8 }));
/// # Ok::<(), ringport::server::ServerError>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Delimiter {
    /// The delimiter, from the left.
    bytes: [u8; LONGEST],
    count: u8,
    /// Its last byte: the one that is searched for.
    last: u8,
    keep: bool,
    maximum: usize,
    /// Bytes of the message to come in which no delimiter ends.
    searched: usize,
}

impl Delimiter {
    /// Messages end with `byte`, and have at most `maximum` bytes before it.
    pub fn new(byte: u8, maximum: usize) -> Delimiter {
        Delimiter { bytes: [byte, 0, 0, 0], count: 1, last: byte, keep: false, maximum, searched: 0 }
    }

    /// Messages end with these bytes, 1 to 4, and have at most `maximum` bytes before them.
    ///
    /// # Errors
    /// [`ServerError::Option`] for no bytes or more than 4.
    pub fn sequence(delimiter: &[u8], maximum: usize) -> Result<Delimiter, ServerError> {
        let mut bytes = [0; LONGEST];
        match (delimiter, bytes.get_mut(..delimiter.len())) {
            ([.., last], Some(room)) => {
                room.copy_from_slice(delimiter);
                let count = delimiter.len() as u8;
                Ok(Delimiter { bytes, count, last: *last, keep: false, maximum, searched: 0 })
            }
            _ => Err(ServerError::Option {
                option: "the length of the delimiter",
                asked: delimiter.len().to_string(),
                allowed: "1 to 4 bytes".to_owned(),
            }),
        }
    }

    /// Messages are given with the delimiter, so that they can be sent on as they are.
    pub fn keep_delimiter(mut self) -> Delimiter {
        self.keep = true;
        self
    }

    /// The message whose delimiter is the last of the first `end` bytes.
    #[inline]
    fn found(&self, end: usize) -> Frame {
        let tail = if self.keep { 0 } else { usize::from(self.count) };
        Frame::Complete { skip: 0, length: end - tail, tail }
    }

    /// Looks on from where it was, in all the bytes that a message may have.
    fn search(&mut self, window: Received<'_>) -> Frame {
        while let Some(hit) = window.after(self.searched).find(self.last) {
            self.searched += hit + 1;
            if self.ends(window, self.searched) {
                let end = mem::take(&mut self.searched);
                return self.found(end);
            }
        }
        self.searched = window.len();
        if self.searched == self.longest() {
            return FramingError::NoDelimiter { maximum: self.maximum }.into();
        }
        Frame::Incomplete { more: 1 }
    }

    /// Whether the `end` bytes from the start end with the delimiter, given that they end with its last byte.
    #[inline]
    fn ends(&self, received: Received<'_>, end: usize) -> bool {
        let count = usize::from(self.count);
        if count == 1 {
            return true;
        }
        let (Some(start), Some(delimiter)) = (end.checked_sub(count), self.bytes.get(..count)) else {
            return false;
        };
        match received.first().get(start..end) {
            Some(bytes) => bytes == delimiter,
            None => received.after(start).slices().flatten().take(count).eq(delimiter),
        }
    }
}

impl Framing for Delimiter {
    #[inline]
    fn next_frame(&mut self, received: Received<'_>) -> Frame {
        let longest = self.longest();
        // Nearly always the delimiter is a byte, and in the first slice: nothing else is to be looked at then.
        if self.count == 1
            && let Some(rest) = received.first().get(self.searched..)
        {
            let before = mem::replace(&mut self.searched, received.first().len().min(longest));
            if let Some(hit) = find_byte(rest, self.last)
                && before + hit < longest
            {
                self.searched = 0;
                return self.found(before + hit + 1);
            }
        }
        self.search(received.up_to(longest))
    }

    #[inline]
    fn longest(&self) -> usize {
        self.maximum.saturating_add(usize::from(self.count))
    }
}
