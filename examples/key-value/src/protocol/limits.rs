//! How large a command and a reply may be: what a connection reserves memory for.

/// The longest line that is taken for a command.
const LONGEST_LINE: usize = 64 * 1024;
/// The fewest bytes of a word in an array: `$0\r\n\r\n`.
pub(super) const SHORTEST_WORD: usize = 6;
/// Room around a value in a reply that has nothing else.
const AROUND_VALUE: usize = 32;

/// See the module.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Bytes of a command or a reply, with everything around it.
    pub(crate) largest: usize,
}

impl Limits {
    /// Words of a command.
    pub(super) fn words(&self) -> usize {
        self.largest / SHORTEST_WORD
    }

    /// Bytes of a line.
    pub(super) fn line(&self) -> usize {
        self.largest.min(LONGEST_LINE)
    }

    /// Bytes of a value: a reply with nothing else takes it.
    pub(crate) fn value(&self) -> usize {
        self.largest.saturating_sub(AROUND_VALUE)
    }
}
