//! Why bytes are no message.

/// Why the bytes of a connection cannot be cut into messages. Nothing after them can be trusted, so the connection
/// ends.
///
/// ```
/// use ringport::server::tcp::framing::{Frame, Framing, FramingError, LengthPrefix, Received};
///
/// let mut framing = LengthPrefix::two_bytes(1000);
/// let error = FramingError::TooLong { announced: 2000, maximum: 1000 };
/// assert_eq!(framing.next_frame(Received::new(&2000u16.to_be_bytes())), Frame::Invalid(error));
/// assert_eq!(
///     error.to_string(),
///     "a message of 2000 bytes is announced, allowed are 1000: raise the maximum of the framing"
/// );
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FramingError {
    /// The peer announced a message that is longer than allowed.
    #[error(
        "a message of {announced} bytes is announced, allowed are {maximum}: raise the maximum of the framing"
    )]
    TooLong {
        /// Bytes the message would have.
        announced: u64,
        /// Bytes a message may have.
        maximum: usize,
    },
    /// As many bytes came as a message may have, and no delimiter.
    #[error("no delimiter ends a message of up to {maximum} bytes: raise the maximum of the framing")]
    NoDelimiter {
        /// Bytes a message may have, without the delimiter.
        maximum: usize,
    },
    /// The bytes break the rules of the protocol.
    #[error("malformed message at byte {at}: {what}")]
    Malformed {
        /// What is wrong.
        what: &'static str,
        /// Where, in bytes from the first that no message has taken.
        at: usize,
    },
    /// A framing found a message that takes no bytes, with nothing around it: it would find it for ever.
    #[error(
        "the framing found a message that takes no bytes of the stream: let it skip or take at least one"
    )]
    NoProgress,
}
