//! Bytes that are no command.

/// Why, in the words that clients of Redis know. Nothing after them can be trusted: the connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProtocolError {
    /// How many words there are is no number, or more than are taken.
    Count,
    /// A word does not begin as one.
    Marker(u8),
    /// The length of a word is no number, or more than is taken.
    Length,
    /// A word does not end where its length says.
    End,
    /// A line has no end.
    Line,
    /// A quotation in a line has no end.
    Quote,
}

impl std::fmt::Display for ProtocolError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Protocol error: ")?;
        match self {
            ProtocolError::Count => f.write_str("invalid multibulk length"),
            ProtocolError::Marker(byte) => write!(f, "expected '$', got '{}'", byte.escape_ascii()),
            ProtocolError::Length => f.write_str("invalid bulk length"),
            ProtocolError::End => f.write_str("a bulk string does not end where its length says"),
            ProtocolError::Line => f.write_str("too big inline request"),
            ProtocolError::Quote => f.write_str("unbalanced quotes in request"),
        }
    }
}
