//! The side of a unique buffer that the queues and backends see: where the kernel writes, and what it wrote.

use super::buffer::BufferMut;
use super::region::{CONTROL_OFFSET, NAME_LEN, NAME_OFFSET};
use super::slot::{Received, Use};

impl BufferMut {
    /// The start of the payload (of the capacity, not of the filled part).
    #[inline]
    pub(crate) fn payload_ptr(&self) -> *mut u8 {
        self.slot().payload()
    }

    /// Bytes before the payload that belong to the slice; 0 over the caller's own memory.
    #[inline]
    pub(crate) fn headroom(&self) -> u32 {
        self.slot().headroom()
    }

    /// Bytes for control data in the headroom.
    pub(crate) fn control_capacity(&self) -> usize {
        (self.headroom() as usize).saturating_sub(CONTROL_OFFSET)
    }

    #[inline]
    pub(crate) fn set_use(&self, what: Use) {
        self.slot().set_use(what);
    }

    /// Takes over what a receive wrote: the filled part is the first `len` bytes of the payload (never more than
    /// there are).
    #[inline]
    pub(crate) fn set_received(&mut self, len: u32, received: Received) {
        self.fill_from_start(len);
        self.slot().set_received(received);
    }

    #[inline]
    pub(crate) fn received(&self) -> Received {
        self.slot().received()
    }

    /// The peer's socket address as the kernel wrote it.
    pub(crate) fn name_bytes(&self) -> &[u8] {
        self.headroom_bytes(NAME_OFFSET, usize::from(self.received().name_len).min(NAME_LEN))
    }

    /// The control data as the kernel wrote it.
    pub(crate) fn control_bytes(&self) -> &[u8] {
        let len = usize::from(self.received().control_len).min(self.control_capacity());
        self.headroom_bytes(CONTROL_OFFSET, len)
    }

    #[inline]
    pub(super) fn headroom_bytes(&self, offset: usize, len: usize) -> &[u8] {
        let headroom = self.headroom() as usize;
        if headroom < offset + len {
            return &[];
        }
        // SAFETY: the headroom lies before the payload in the same slice, is initialised, and `offset + len` is
        // inside it; this handle owns the slice.
        unsafe { std::slice::from_raw_parts(self.payload_ptr().sub(headroom).add(offset), len) }
    }
}
