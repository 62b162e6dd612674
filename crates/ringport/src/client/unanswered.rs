//! Requests without a response: how many, and their bytes where they are to be sent again.

use std::collections::VecDeque;
use std::mem;

/// See the module. The bytes lie behind each other in memory that is used again, so once it is large enough nothing
/// is allocated.
#[derive(Debug, Default)]
pub(super) struct Unanswered {
    count: usize,
    keeps: bool,
    bytes: VecDeque<u8>,
    lengths: VecDeque<usize>,
}

impl Unanswered {
    pub(super) fn new(keeps: bool) -> Unanswered {
        Unanswered { keeps, ..Unanswered::default() }
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// Whether what is lost is to be sent again.
    pub(super) fn keeps(&self) -> bool {
        self.keeps
    }

    pub(super) fn push(&mut self, message: &[u8]) {
        self.count += 1;
        if self.keeps {
            self.bytes.extend(message);
            self.lengths.push_back(message.len());
        }
    }

    /// The first was answered. A peer may also send what nobody asked for.
    pub(super) fn pop(&mut self) {
        self.count = self.count.saturating_sub(1);
        if let Some(length) = self.lengths.pop_front() {
            self.bytes.drain(..length);
        }
    }

    /// Takes the bytes out, to send them again; the count stays.
    pub(super) fn take(&mut self) -> Unanswered {
        let left = Unanswered { count: self.count, ..Unanswered::new(self.keeps) };
        mem::replace(self, left)
    }

    pub(super) fn clear(&mut self) {
        self.count = 0;
        self.bytes.clear();
        self.lengths.clear();
    }

    /// All bytes in order.
    pub(super) fn bytes(&self) -> (&[u8], &[u8]) {
        self.bytes.as_slices()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_answered_is_forgotten_in_order() {
        let mut unanswered = Unanswered::new(true);
        for message in [&b"one"[..], b"", b"three"] {
            unanswered.push(message);
        }
        unanswered.pop();
        unanswered.pop();
        unanswered.push(b"four");
        let (first, second) = unanswered.bytes();
        assert_eq!(([first, second].concat(), unanswered.len()), (b"threefour".to_vec(), 2));
        unanswered.clear();
        unanswered.pop();
        assert_eq!((unanswered.len(), unanswered.bytes().0), (0, &b""[..]));
    }

    #[test]
    fn nothing_is_kept_that_is_not_sent_again() {
        let mut unanswered = Unanswered::new(false);
        unanswered.push(b"one");
        assert_eq!((unanswered.len(), unanswered.bytes().0), (1, &b""[..]));
    }
}
