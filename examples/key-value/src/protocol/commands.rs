//! Where a command ends: the framing of the protocol.
//!
//! ```text
//!   *3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$5\r\nval          received so far
//!                                   ▲
//!                                   at: all before it is understood, and never looked at again; left: 1 word
//! ```
//!
//! A length says how much there is to come, so the bytes of a value are not looked at, however they trickle.
//!
//! Bytes that are no command are given to the handler as they are, as the last message of their connection: cutting
//! them into [`Words`](super::Words) finds the same error, and the client is told before the connection ends.

use ringport::server::tcp::framing::{Frame, Framing, Received};

use super::error::ProtocolError;
use super::head::{Head, LONGEST_HEAD};
use super::limits::{Limits, SHORTEST_WORD};

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct Commands {
    limits: Limits,
    /// Where the next word begins, which may be beyond what was received; 0 before the array is known.
    at: usize,
    /// Words that are to come.
    left: usize,
    /// Bytes of a line in which no end is.
    searched: usize,
}

/// Bytes that a message takes; or that at least so many are missing.
type Found = Result<usize, usize>;

impl Commands {
    pub(crate) fn new(limits: Limits) -> Commands {
        Commands { limits, at: 0, left: 0, searched: 0 }
    }

    /// What is there of the first command.
    #[inline]
    pub(super) fn look(&mut self, received: Received<'_>) -> Result<Found, ProtocolError> {
        match received.first().first() {
            Some(b'*') => self.array(received),
            Some(_) => self.line(received),
            None => Ok(Err(1)),
        }
    }

    #[inline]
    fn array(&mut self, received: Received<'_>) -> Result<Found, ProtocolError> {
        if self.at == 0 {
            match head(received, 0) {
                Head::There { number, bytes } => {
                    // Fewer than none are none, as Redis has it.
                    let words = usize::try_from(number.max(0)).unwrap_or(usize::MAX);
                    if words > self.limits.words() {
                        return Err(ProtocolError::Count);
                    }
                    (self.at, self.left) = (bytes, words);
                }
                Head::Missing => return Ok(Err(1)),
                Head::Wrong => return Err(ProtocolError::Count),
            }
        }
        while self.left > 0 && self.at < received.len() {
            match received.byte(self.at) {
                Some(b'$') => {}
                other => return Err(ProtocolError::Marker(other.unwrap_or_default())),
            }
            match head(received, self.at) {
                Head::There { number, bytes } => {
                    let end = usize::try_from(number)
                        .ok()
                        .and_then(|length| length.checked_add(self.at + bytes + 2))
                        .filter(|end| *end <= self.limits.largest)
                        .ok_or(ProtocolError::Length)?;
                    (self.at, self.left) = (end, self.left - 1);
                }
                Head::Missing => return Ok(Err(1)),
                Head::Wrong => return Err(ProtocolError::Length),
            }
        }
        let least = self.at + self.left * SHORTEST_WORD;
        Ok(if least <= received.len() { Ok(self.at) } else { Err(least - received.len()) })
    }

    fn line(&mut self, received: Received<'_>) -> Result<Found, ProtocolError> {
        let window = received.up_to(self.limits.line());
        if let Some(hit) = window.after(self.searched).find(b'\n') {
            return Ok(Ok(self.searched + hit + 1));
        }
        self.searched = window.len();
        if self.searched == self.limits.line() {
            return Err(ProtocolError::Line);
        }
        Ok(Err(1))
    }
}

/// The head at a place, which may lie across slices.
#[inline]
fn head(received: Received<'_>, at: usize) -> Head {
    if let Some(bytes) = received.first().get(at..)
        && (bytes.len() >= LONGEST_HEAD || received.contiguous().is_some())
    {
        return Head::read(bytes);
    }
    let mut bytes = [0; LONGEST_HEAD];
    let copied = received.after(at).copy_to(&mut bytes);
    Head::read(bytes.get(..copied).unwrap_or(&[]))
}

impl Framing for Commands {
    #[inline]
    fn next_frame(&mut self, received: Received<'_>) -> Frame {
        let length = match self.look(received) {
            Ok(Err(more)) => return Frame::Incomplete { more },
            Ok(Ok(length)) => length,
            Err(_) => received.len(),
        };
        (self.at, self.left, self.searched) = (0, 0, 0);
        Frame::Complete { skip: 0, length, tail: 0 }
    }

    fn longest(&self) -> usize {
        self.limits.largest
    }
}
