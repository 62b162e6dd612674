//! Messages that begin with their length.

use super::{Frame, Framing, FramingError, Received};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Width {
    One,
    Two,
    Four,
    Eight,
}

impl Width {
    #[inline]
    fn bytes(self) -> usize {
        match self {
            Width::One => 1,
            Width::Two => 2,
            Width::Four => 4,
            Width::Eight => 8,
        }
    }
}

/// Each message follows its length, an unsigned number of 1, 2, 4 or 8 bytes: the most significant byte
/// first, and counting the bytes after it, unless said otherwise.
///
/// ```
/// use ringport::server::tcp::framing::{Frame, Framing, LengthPrefix, Received};
///
/// let mut framing = LengthPrefix::four_bytes(1 << 20);
/// let received = Received::new(b"\x00\x00\x00\x05hello");
/// assert_eq!(framing.next_frame(received), Frame::Complete { skip: 4, length: 5, tail: 0 });
///
/// // The length counts itself, and the message is given with it, which an echo may want.
/// let mut framing = LengthPrefix::two_bytes(512).little_endian().counts_itself().keep_prefix();
/// let received = Received::new(b"\x07\x00hello");
/// assert_eq!(framing.next_frame(received), Frame::Complete { skip: 0, length: 7, tail: 0 });
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct LengthPrefix {
    width: Width,
    maximum: usize,
    little_endian: bool,
    counts_itself: bool,
    keep: bool,
}

impl LengthPrefix {
    /// Lengths of one byte, and messages of at most `maximum` bytes after it.
    pub fn one_byte(maximum: usize) -> LengthPrefix {
        LengthPrefix::new(Width::One, maximum)
    }

    /// Lengths of two bytes, and messages of at most `maximum` bytes after them.
    pub fn two_bytes(maximum: usize) -> LengthPrefix {
        LengthPrefix::new(Width::Two, maximum)
    }

    /// Lengths of four bytes, and messages of at most `maximum` bytes after them.
    pub fn four_bytes(maximum: usize) -> LengthPrefix {
        LengthPrefix::new(Width::Four, maximum)
    }

    /// Lengths of eight bytes, and messages of at most `maximum` bytes after them.
    pub fn eight_bytes(maximum: usize) -> LengthPrefix {
        LengthPrefix::new(Width::Eight, maximum)
    }

    fn new(width: Width, maximum: usize) -> LengthPrefix {
        LengthPrefix { width, maximum, little_endian: false, counts_itself: false, keep: false }
    }

    /// The least significant byte of the length comes first.
    pub fn little_endian(mut self) -> LengthPrefix {
        self.little_endian = true;
        self
    }

    /// The length counts its own bytes, too. A length that is less than those is malformed.
    pub fn counts_itself(mut self) -> LengthPrefix {
        self.counts_itself = true;
        self
    }

    /// Messages are given with the length before them, so that they can be sent on as they are.
    pub fn keep_prefix(mut self) -> LengthPrefix {
        self.keep = true;
        self
    }

    /// The number at the beginning of at least `width` bytes.
    #[inline]
    fn announced(&self, received: Received<'_>) -> u64 {
        match (self.width, received.first()) {
            (Width::One, [only, ..]) => u64::from(*only),
            (Width::Two, [a, b, ..]) => u64::from(self.order(u16::from_be_bytes([*a, *b]), u16::swap_bytes)),
            (Width::Four, [a, b, c, d, ..]) => {
                u64::from(self.order(u32::from_be_bytes([*a, *b, *c, *d]), u32::swap_bytes))
            }
            (Width::Eight, [a, b, c, d, e, f, g, h, ..]) => {
                self.order(u64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]), u64::swap_bytes)
            }
            _ => self.announced_across(received),
        }
    }

    #[inline]
    fn order<N>(&self, big_endian: N, swap: impl FnOnce(N) -> N) -> N {
        if self.little_endian { swap(big_endian) } else { big_endian }
    }

    /// The same where the number itself lies in more than one slice.
    #[cold]
    fn announced_across(&self, received: Received<'_>) -> u64 {
        let mut bytes = [0; 8];
        let width = received.up_to(self.width.bytes()).copy_to(&mut bytes);
        let fold = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        let number = bytes.iter().take(width);
        if self.little_endian { number.rev().fold(0, fold) } else { number.fold(0, fold) }
    }
}

impl Framing for LengthPrefix {
    #[inline]
    fn next_frame(&mut self, received: Received<'_>) -> Frame {
        let width = self.width.bytes();
        if let Some(more) = width.checked_sub(received.len()).filter(|more| *more > 0) {
            return Frame::Incomplete { more };
        }
        let mut announced = self.announced(received);
        if self.counts_itself {
            let Some(after) = announced.checked_sub(width as u64) else {
                return FramingError::Malformed { what: "the length is less than its own bytes", at: 0 }
                    .into();
            };
            announced = after;
        }
        match usize::try_from(announced) {
            Ok(length) if length <= self.maximum && self.keep => {
                Frame::when_there(received, 0, length.saturating_add(width), 0)
            }
            Ok(length) if length <= self.maximum => Frame::when_there(received, width, length, 0),
            _ => FramingError::TooLong { announced, maximum: self.maximum }.into(),
        }
    }

    fn longest(&self) -> usize {
        self.maximum.saturating_add(self.width.bytes())
    }
}
