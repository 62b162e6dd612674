//! Moving where the filled part of a unique buffer begins.

use super::buffer::BufferMut;

impl BufferMut {
    /// The whole slice, filled or not.
    pub(crate) fn whole_mut(&mut self) -> &mut [u8] {
        // SAFETY: the slice is initialised memory of `capacity` bytes, and this handle, borrowed mutably, is
        // its only owner.
        unsafe { std::slice::from_raw_parts_mut(self.payload_ptr(), self.capacity()) }
    }

    /// Lets the filled part begin `bytes` later, at most at its end.
    pub(crate) fn drop_first(&mut self, bytes: usize) {
        let (start, len) = self.slot().filled();
        let dropped = (bytes.min(len as usize)) as u32;
        self.slot().set_filled(start + dropped, len - dropped);
    }

    /// Moves the filled bytes to the start of the slice, so that all the room there is follows them.
    pub(crate) fn move_to_start(&mut self) {
        let (start, len) = self.slot().filled();
        let filled = start as usize..(start + len) as usize;
        self.whole_mut().copy_within(filled, 0);
        self.fill_from_start(len);
    }
}

#[cfg(test)]
mod tests {
    use crate::memory::{BufferPool, Lock};

    #[test]
    fn the_filled_part_shrinks_from_the_front_and_moves() {
        let pool = BufferPool::builder().slice_size(8).slices_per_region(1).lock(Lock::Off).build().unwrap();
        let mut buffer = pool.take_with(b"abcdef").unwrap();
        buffer.drop_first(2);
        assert_eq!((buffer.to_vec(), buffer.spare_capacity().len()), (b"cdef".to_vec(), 2));
        buffer.move_to_start();
        assert_eq!((buffer.to_vec(), buffer.spare_capacity().len()), (b"cdef".to_vec(), 4));
        buffer.drop_first(9);
        assert!(buffer.is_empty());
    }
}
