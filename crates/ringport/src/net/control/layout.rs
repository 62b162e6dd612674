//! The layout of one control message.

const WORD: usize = size_of::<usize>();
/// Length, level and kind.
pub(super) const HEADER: usize = WORD + 8;

/// The place of the message after one of `length` bytes. Saturates, which is past any memory.
pub(super) fn padded(length: usize) -> usize {
    length.checked_next_multiple_of(WORD).unwrap_or(usize::MAX)
}

/// A header as it is read.
pub(super) struct Header {
    pub(super) length: usize,
    pub(super) level: i32,
    pub(super) kind: i32,
}

impl Header {
    /// The header at the start of `bytes`, or `None` when they are too few.
    pub(super) fn read(bytes: &[u8]) -> Option<Header> {
        Some(Header {
            length: usize::from_ne_bytes(field(bytes, 0)?),
            level: i32::from_ne_bytes(field(bytes, WORD)?),
            kind: i32::from_ne_bytes(field(bytes, WORD + 4)?),
        })
    }

    pub(super) fn bytes(&self) -> [u8; HEADER] {
        let mut bytes = [0; HEADER];
        bytes[..WORD].copy_from_slice(&self.length.to_ne_bytes());
        bytes[WORD..WORD + 4].copy_from_slice(&self.level.to_ne_bytes());
        bytes[WORD + 4..].copy_from_slice(&self.kind.to_ne_bytes());
        bytes
    }
}

/// The `LENGTH` bytes at `start`, if there are so many.
pub(super) fn field<const LENGTH: usize>(bytes: &[u8], start: usize) -> Option<[u8; LENGTH]> {
    bytes.get(start..)?.first_chunk().copied()
}
