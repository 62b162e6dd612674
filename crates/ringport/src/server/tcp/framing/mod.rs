//! Where a message ends: framing of a stream of bytes.
//!
//! TCP carries bytes, not messages. A [`Framing`] looks at the bytes of one connection that no message has
//! taken yet, in the slices they were received in, and says where the first message in them begins and ends:
//!
//! ```text
//!   received    [ 0 0 0 5 h e l | l o \r \n 0 0 ... ]      two slices, nothing is copied together
//!                `-skip-' `-- length -' `tail'
//! ```
//!
//! | framing | a message is |
//! | --- | --- |
//! | [`LengthPrefix`] | what a number of 1, 2, 4 or 8 bytes before it says |
//! | [`Delimiter`] | everything before a byte, or before up to 4 bytes such as `\r\n` |
//! | [`FixedLength`] | so many bytes |
//! | [`Raw`] | whatever came, as it came |
//!
//! # A protocol of your own
//!
//! Bulk strings of the Redis protocol are a length in digits, the bytes, and an end:
//!
//! ```
//! use ringport::server::tcp::framing::{Frame, Framing, FramingError, Received};
//!
//! /// `$5\r\nhello\r\n`
//! #[derive(Clone)]
//! struct BulkString;
//!
//! /// `$`, up to 4 digits and `\r\n`.
//! const LONGEST_HEAD: usize = 7;
//!
//! impl Framing for BulkString {
//!     fn next_frame(&mut self, received: Received<'_>) -> Frame {
//!         let Some(line_end) = received.up_to(LONGEST_HEAD).find(b'\n') else {
//!             return match received.len() {
//!                 0..LONGEST_HEAD => Frame::Incomplete { more: 1 },
//!                 _ => FramingError::Malformed { what: "the length has no end", at: LONGEST_HEAD }.into(),
//!             };
//!         };
//!         let mut head = [0; LONGEST_HEAD];
//!         let copied = received.up_to(line_end + 1).copy_to(&mut head);
//!         let digits = head[..copied].strip_prefix(b"$").and_then(|head| head.strip_suffix(b"\r\n"));
//!         let length = digits.and_then(|digits| str::from_utf8(digits).ok()?.parse().ok());
//!         let Some(length) = length else {
//!             return FramingError::Malformed { what: "not a bulk string", at: 0 }.into();
//!         };
//!         Frame::when_there(received, line_end + 1, length, 2)
//!     }
//!
//!     fn longest(&self) -> usize {
//!         LONGEST_HEAD + 9_999 + 2
//!     }
//! }
//!
//! let whole = Frame::Complete { skip: 4, length: 5, tail: 2 };
//! assert_eq!(BulkString.next_frame(Received::of_slices(&[b"$5\r", b"\nhello\r", b"\n$3"])), whole);
//! assert_eq!(BulkString.next_frame(Received::new(b"$5\r\nhel")), Frame::Incomplete { more: 4 });
//! assert!(matches!(BulkString.next_frame(Received::new(b"+OK\r\n")), Frame::Invalid(_)));
//! ```

mod delimiter;
mod error;
mod fixed_length;
mod length_prefix;
mod raw;
mod received;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;

pub use delimiter::Delimiter;
pub use error::FramingError;
pub use fixed_length::FixedLength;
pub use length_prefix::LengthPrefix;
pub use raw::Raw;
pub use received::{Received, Slices};

use crate::memory::Buffer;

/// Finds the messages in the bytes of one connection.
///
/// Each connection has a framing of its own, which may remember how far it has looked. It is called by one thread at
/// a time.
pub trait Framing: Send + 'static {
    /// Says where the first message of `received` is.
    ///
    /// `received` begins where the message before it ended, and until this message is
    /// [`Complete`](Frame::Complete) it only grows. It is called again when there are as many more bytes as
    /// [`Incomplete`](Frame::Incomplete) asked for, so it should not look at the same bytes twice. `received` is
    /// never empty when a server calls.
    fn next_frame(&mut self, received: Received<'_>) -> Frame;

    /// The most bytes of the stream that one message takes, with everything around it. The memory that a connection
    /// may need follows from it, so a framing has to refuse what is longer.
    fn longest(&self) -> usize;
}

/// What a [`Framing`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame {
    /// A message is there as a whole: `skip` bytes that are not part of it, `length` bytes that are, and `tail` bytes
    /// that are not. Together they are at least one byte.
    Complete {
        /// Bytes before the message, such as a length.
        skip: usize,
        /// Bytes of the message.
        length: usize,
        /// Bytes after it, such as a delimiter.
        tail: usize,
    },
    /// Not yet.
    Incomplete {
        /// At least so many bytes are missing; 1 where that is not known.
        more: usize,
    },
    /// These bytes are no message and never will be. The connection is of no use any more.
    Invalid(FramingError),
}

impl Frame {
    /// [`Complete`](Frame::Complete) where as many bytes were received as that takes, else
    /// [`Incomplete`](Frame::Incomplete) with what is missing.
    ///
    /// ```
    /// use ringport::server::tcp::framing::{Frame, Received};
    ///
    /// let received = Received::new(b"\x03ab");
    /// assert_eq!(Frame::when_there(received, 1, 2, 0), Frame::Complete { skip: 1, length: 2, tail: 0 });
    /// assert_eq!(Frame::when_there(received, 1, 3, 0), Frame::Incomplete { more: 1 });
    /// ```
    #[inline]
    pub fn when_there(received: Received<'_>, skip: usize, length: usize, tail: usize) -> Frame {
        let end = skip.saturating_add(length).saturating_add(tail);
        match end.checked_sub(received.len()) {
            None | Some(0) => Frame::Complete { skip, length, tail },
            Some(more) => Frame::Incomplete { more },
        }
    }
}

impl From<FramingError> for Frame {
    fn from(error: FramingError) -> Frame {
        Frame::Invalid(error)
    }
}

/// The slices of a connection after its first one.
pub(super) type LaterSlices = VecDeque<Buffer>;
