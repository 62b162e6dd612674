//! Moving the bytes of a connection together, for peers that trickle.

use super::Assembly;
use crate::memory::{Buffer, BufferMut};
use std::mem;

impl Assembly {
    /// Slices of `slice_size` bytes that a connection needs so that a message with everything around it, `longest` bytes
    /// in all, can always be received: what the message fills, and one more to receive into.
    pub(crate) fn slices_needed(longest: usize, slice_size: usize) -> usize {
        longest.div_ceil(slice_size.max(1)).saturating_add(1)
    }

    /// Moves the unprocessed bytes into as few of the slices as hold them, and gives the others back. Returns how
    /// many went.
    ///
    /// A slice that somebody else has a view of is left as it is: it is theirs, too. The unprocessed bytes after it
    /// are moved into the next ones.
    #[cold]
    pub(crate) fn squeeze(&mut self) -> usize {
        let before = self.slices();
        // One turn for each slice: taken off the front, put on the end, or emptied into the one before it.
        let mut target: Option<BufferMut> = None;
        for _ in 0..before {
            let Some(front) = self.front.take() else { break };
            let left = front.len();
            let slice = front.narrowed(mem::take(&mut self.used_up), left);
            self.front = self.later.pop_front();
            target = match (target, slice.try_unique()) {
                (Some(into), Ok(from)) => Some(self.pour(into, from)),
                (None, Ok(from)) => Some(from),
                (into, Err(shared)) => {
                    self.put_last(into.map(BufferMut::freeze));
                    self.put_last(Some(shared));
                    None
                }
            };
        }
        self.put_last(target.map(BufferMut::freeze));
        before - self.slices()
    }

    /// Moves as many bytes of `from` into `into` as fit behind its own. Returns the slice that may take more.
    fn pour(&mut self, mut into: BufferMut, mut from: BufferMut) -> BufferMut {
        if into.spare_capacity().len() < from.len() {
            into.move_to_start();
        }
        let fits = into.spare_capacity().len().min(from.len());
        // Never refused: it fits.
        let _ = into.extend_from_slice(from.get(..fits).unwrap_or(&[]));
        if fits == from.len() {
            return into;
        }
        from.drop_first(fits);
        self.put_last(Some(into.freeze()));
        from
    }

    /// Puts a slice behind the others.
    fn put_last(&mut self, slice: Option<Buffer>) {
        let Some(slice) = slice else { return };
        match self.front {
            None => self.front = Some(slice),
            Some(_) => self.later.push_back(slice),
        }
    }
}
