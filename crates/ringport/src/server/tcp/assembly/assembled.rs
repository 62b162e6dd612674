//! One message in the slices it came in.

use super::{Assembly, Found};
use crate::memory::{Buffer, Chain};
use crate::server::tcp::framing::Received;
use std::fmt;

/// A message that stands in the slices of its connection. Letting go of it, also in a panic, uses its bytes up.
pub(crate) struct Assembled<'connection> {
    assembly: &'connection mut Assembly,
    /// Where the message begins, ends, and where the next one begins, from the first unprocessed byte.
    start: usize,
    end: usize,
    next: usize,
}

impl<'connection> Assembled<'connection> {
    #[inline]
    pub(super) fn new(assembly: &'connection mut Assembly, found: Found) -> Self {
        let Found { skip, length, end } = found;
        Assembled { assembly, start: skip, end: skip + length, next: end }
    }

    /// The bytes of the message.
    #[inline]
    pub(crate) fn bytes(&self) -> Received<'_> {
        self.assembly.received().up_to(self.end).after(self.start)
    }

    /// Takes the message along without a copy: `give` gets a view of each slice it lies in, in order. A slice of
    /// which nothing is left after the message is moved out, not counted.
    pub(crate) fn keep_with(mut self, mut give: impl FnMut(Buffer)) {
        while self.next > 0 {
            let there = self.assembly.received().first().len();
            let (start, end, now) = (self.start.min(there), self.end.min(there), self.next.min(there));
            if now == 0 {
                // Never so: there are as many bytes as the message takes.
                return;
            }
            let part = self.assembly.take_part(now, start..end);
            // Before `give`, which may panic: what is taken must not be used up again.
            (self.start, self.end, self.next) = (self.start - start, self.end - end, self.next - now);
            if let Some(slice) = part {
                give(slice);
            }
        }
    }

    /// The same as a chain, which is a list on the heap.
    pub(crate) fn keep(self) -> Chain {
        let mut chain = Chain::new();
        self.keep_with(|slice| chain.push(slice));
        chain
    }
}

impl Drop for Assembled<'_> {
    #[inline]
    fn drop(&mut self) {
        self.assembly.consume(self.next);
    }
}

impl fmt::Debug for Assembled<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Assembled").field(&self.bytes()).finish()
    }
}
