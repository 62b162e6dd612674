//! No framing at all.

use super::{Frame, Framing, Received};

/// Every message is what one receive brought: for protocols that parse for themselves, and for echo. A message
/// is never empty and always in one slice.
///
/// ```
/// use ringport::server::tcp::framing::{Frame, Framing, Raw, Received};
///
/// let received = Received::of_slices(&[b"as it", b" came"]);
/// assert_eq!(Raw.next_frame(received), Frame::Complete { skip: 0, length: 5, tail: 0 });
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Raw;

impl Framing for Raw {
    #[inline]
    fn next_frame(&mut self, received: Received<'_>) -> Frame {
        match received.first().len() {
            0 => Frame::Incomplete { more: 1 },
            length => Frame::Complete { skip: 0, length, tail: 0 },
        }
    }

    /// A byte is enough.
    fn longest(&self) -> usize {
        1
    }
}
