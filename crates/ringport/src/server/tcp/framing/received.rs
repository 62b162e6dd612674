//! Received bytes in the slices they came in, looked at as one run.
//!
//! ```text
//!   first: [ h e l ]   later: [ l o \r ] [ \n 0 0 ... ]     len: 7
//!                                           |
//!                                           the view may end inside a slice
//! ```
//!
//! The first bytes are at hand as a plain slice, which is all that a message in one slice needs. While there are
//! bytes the first slice is not empty, and it never has more than the whole.

use super::LaterSlices;
use crate::memory::find_byte;
use std::borrow::Cow;
use std::fmt;

/// A view of received bytes, which lie in one slice or in several. Cheap to copy; copies no byte.
///
/// ```
/// use ringport::server::tcp::framing::Received;
///
/// let received = Received::of_slices(&[b"GET /", b"index", b" HTTP"]);
/// assert_eq!((received.len(), received.first()), (15, &b"GET /"[..]));
/// assert_eq!((received.byte(6), received.find(b'x')), (Some(b'n'), Some(9)));
/// let path = received.after(4).up_to(6);
/// assert_eq!((path.to_vec(), path.contiguous()), (b"/index".to_vec(), None));
/// assert_eq!(path.slices().collect::<Vec<_>>(), [&b"/"[..], b"index"]);
/// ```
#[derive(Clone, Copy)]
pub struct Received<'bytes> {
    first: &'bytes [u8],
    later: Later<'bytes>,
    len: usize,
}

/// What follows the first slice. It may reach further than the view.
#[derive(Clone, Copy)]
enum Later<'bytes> {
    /// The slices of a connection from this place on.
    Connection { slices: &'bytes LaterSlices, next: usize },
    /// Plain slices.
    Plain(&'bytes [&'bytes [u8]]),
}

impl<'bytes> Later<'bytes> {
    /// Takes the next slice.
    #[inline]
    fn take(&mut self) -> Option<&'bytes [u8]> {
        match self {
            Later::Connection { slices, next } => {
                let slice = slices.get(*next)?;
                *next += 1;
                Some(slice)
            }
            Later::Plain(slices) => {
                let (slice, rest) = slices.split_first()?;
                *slices = rest;
                Some(slice)
            }
        }
    }
}

impl<'bytes> Received<'bytes> {
    /// Bytes in one slice.
    pub fn new(bytes: &'bytes [u8]) -> Received<'bytes> {
        Received { first: bytes, later: Later::Plain(&[]), len: bytes.len() }
    }

    /// Bytes in several slices: to try a framing with messages that are cut anywhere.
    pub fn of_slices(slices: &'bytes [&'bytes [u8]]) -> Received<'bytes> {
        let len = slices.iter().map(|slice| slice.len()).sum();
        Received { first: &[], later: Later::Plain(slices), len }.after_first()
    }

    /// What a connection holds: `len` bytes, `first` of them in the first slice.
    #[inline]
    pub(in crate::server::tcp) fn held(
        first: &'bytes [u8],
        slices: &'bytes LaterSlices,
        len: usize,
    ) -> Received<'bytes> {
        Received { first, later: Later::Connection { slices, next: 0 }, len }
    }

    /// Bytes in all.
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The bytes in the first slice: at least one, if there are any.
    #[inline]
    pub fn first(&self) -> &'bytes [u8] {
        self.first
    }

    /// All bytes, if they lie in one slice.
    #[inline]
    pub fn contiguous(&self) -> Option<&'bytes [u8]> {
        (self.first.len() == self.len).then_some(self.first)
    }

    /// The bytes slice by slice.
    pub fn slices(&self) -> Slices<'bytes> {
        Slices { rest: *self }
    }

    /// The byte at this place.
    #[inline]
    pub fn byte(&self, at: usize) -> Option<u8> {
        match self.first.get(at) {
            Some(byte) => Some(*byte),
            None => self.after(at).first.first().copied(),
        }
    }

    /// What follows the first `bytes` bytes; nothing, if there are not so many.
    #[inline]
    pub fn after(mut self, mut bytes: usize) -> Received<'bytes> {
        loop {
            match self.first.get(bytes..) {
                Some(rest) if !rest.is_empty() => {
                    return Received { first: rest, later: self.later, len: self.len - bytes };
                }
                _ if self.len == 0 => return self,
                _ => {
                    bytes -= self.first.len();
                    self = self.after_first();
                }
            }
        }
    }

    /// The first `bytes` bytes; all, if there are not so many.
    #[inline]
    pub fn up_to(self, bytes: usize) -> Received<'bytes> {
        let len = bytes.min(self.len);
        Received { first: self.first.get(..len).unwrap_or(self.first), later: self.later, len }
    }

    /// Where `byte` first stands.
    #[inline]
    pub fn find(&self, byte: u8) -> Option<usize> {
        match find_byte(self.first, byte) {
            Some(at) => Some(at),
            None if self.first.len() == self.len => None,
            None => self.after_first().find_later(byte, self.first.len()),
        }
    }

    /// The same from the second slice on.
    fn find_later(self, byte: u8, mut before: usize) -> Option<usize> {
        for slice in self.slices() {
            if let Some(at) = find_byte(slice, byte) {
                return Some(before + at);
            }
            before += slice.len();
        }
        None
    }

    /// Copies as many bytes as there are and fit, and returns how many.
    pub fn copy_to(&self, target: &mut [u8]) -> usize {
        let mut copied = 0;
        for slice in self.up_to(target.len()).slices() {
            if let Some(room) = target.get_mut(copied..copied + slice.len()) {
                room.copy_from_slice(slice);
            }
            copied += slice.len();
        }
        copied
    }

    /// A copy on the heap.
    pub fn to_vec(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.len);
        self.slices().for_each(|slice| bytes.extend_from_slice(slice));
        bytes
    }

    /// The bytes as they lie, or a copy where they lie in several slices.
    #[inline]
    pub(crate) fn to_cow(self) -> Cow<'bytes, [u8]> {
        match self.contiguous() {
            Some(bytes) => Cow::Borrowed(bytes),
            None => Cow::Owned(self.to_vec()),
        }
    }

    /// What follows the first slice.
    fn after_first(mut self) -> Received<'bytes> {
        self.len -= self.first.len();
        self.first = &[];
        while self.len > 0 && self.first.is_empty() {
            match self.later.take() {
                Some(slice) => self.first = slice.get(..self.len).unwrap_or(slice),
                // Fewer bytes than were promised: there are only so many.
                None => self.len = 0,
            }
        }
        self
    }
}

impl fmt::Debug for Received<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.slices()).finish()
    }
}

/// The bytes of a [`Received`], slice by slice; none of them is empty.
#[derive(Clone, Debug)]
pub struct Slices<'bytes> {
    rest: Received<'bytes>,
}

impl<'bytes> Iterator for Slices<'bytes> {
    type Item = &'bytes [u8];

    fn next(&mut self) -> Option<&'bytes [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        let first = self.rest.first;
        self.rest = self.rest.after_first();
        Some(first)
    }
}
