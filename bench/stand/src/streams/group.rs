//! Slices that all connections share, and which of them the kernel took.
//!
//! ```text
//!   order   … │ 7 │ 2 │ 9 │ 4 │ …     as given back, and so as taken
//!                   ▲ taken up to here: a completion names the first, and its length says how many
//! ```

use crate::provided::Provided;
use io_uring::IoUring;

use super::bundle::Bundle;
use crate::Failure;

/// The only group of a ring.
pub(super) const GROUP: u16 = 0;

pub(super) struct Group {
    provided: Provided,
    order: Vec<u16>,
    taken: usize,
    given: usize,
    stride: usize,
}

impl Group {
    /// `count` slices of `stride` bytes, a power of two of them, for the receives of `ring`.
    pub(super) fn new(ring: &IoUring, count: u16, stride: usize) -> Result<Group, Failure> {
        let provided = Provided::new(count, stride)?;
        // SAFETY: the entries live until the process ends.
        unsafe { ring.submitter().register_buf_ring_with_flags(provided.address(), count, GROUP, 0)? };
        Ok(Group { provided, order: (0..count).collect(), taken: 0, given: usize::from(count), stride })
    }

    /// Appends the slices of a completion that begins with `first` to `bundle`.
    #[inline]
    pub(super) fn take(&mut self, first: u16, length: usize, bundle: &mut Bundle) -> Result<(), Failure> {
        let (mask, mut left, mut expected) = (self.order.len() - 1, length, Some(first));
        while left > 0 {
            let id = self.order.get(self.taken & mask).copied().unwrap_or_default();
            if expected.take().is_some_and(|first| first != id) {
                return Err("the kernel takes slices in another order than they were given".into());
            }
            // SAFETY: the id is one of the slices.
            let slice = unsafe { self.provided.slices().add(usize::from(id) * self.stride) };
            let bytes = left.min(self.stride);
            bundle.push(id, libc::iovec { iov_base: slice.as_ptr().cast(), iov_len: bytes })?;
            self.taken = self.taken.wrapping_add(1);
            left -= bytes;
        }
        Ok(())
    }

    /// Gives the slices of `bundle` back, which is empty afterwards.
    #[inline]
    pub(super) fn give(&mut self, bundle: &mut Bundle) {
        let mask = self.order.len() - 1;
        for &id in bundle.ids().iter() {
            if let Some(place) = self.order.get_mut(self.given & mask) {
                *place = id;
            }
            self.given = self.given.wrapping_add(1);
        }
        self.provided.give(bundle.ids().drain(..));
    }
}
