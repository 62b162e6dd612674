//! Messages that are all of one length.

use super::{Frame, Framing, Received};
use crate::server::ServerError;

/// Every message has the same length.
///
/// ```
/// use ringport::server::tcp::framing::{FixedLength, Frame, Framing, Received};
///
/// let mut framing = FixedLength::new(4)?;
/// assert_eq!(framing.next_frame(Received::new(b"abcde")), Frame::Complete { skip: 0, length: 4, tail: 0 });
/// assert_eq!(framing.next_frame(Received::new(b"e")), Frame::Incomplete { more: 3 });
/// assert!(FixedLength::new(0).is_err());
/// # Ok::<(), ringport::server::ServerError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct FixedLength {
    length: usize,
}

impl FixedLength {
    /// Messages of `length` bytes, at least 1.
    ///
    /// # Errors
    /// [`ServerError::Option`] for 0.
    pub fn new(length: usize) -> Result<FixedLength, ServerError> {
        if length == 0 {
            return Err(ServerError::Option {
                option: "the length of all messages",
                asked: "0".to_owned(),
                allowed: "1 or more bytes".to_owned(),
            });
        }
        Ok(FixedLength { length })
    }
}

impl Framing for FixedLength {
    #[inline]
    fn next_frame(&mut self, received: Received<'_>) -> Frame {
        Frame::when_there(received, 0, self.length, 0)
    }

    fn longest(&self) -> usize {
        self.length
    }
}
