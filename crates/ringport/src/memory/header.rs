//! The headroom of a slice, as the receive paths use it.

use super::buffer::BufferMut;
use super::region::HEADER_LEN;

impl BufferMut {
    /// Start and length of the memory that address and control data go to; `None` for foreign memory.
    #[inline]
    pub(crate) fn header_ptr(&self) -> Option<(*mut u8, u32)> {
        let headroom = self.contiguous_headroom()?;
        Some((self.payload_ptr().wrapping_sub(headroom as usize), headroom))
    }

    /// Length of the headroom that ends where the payload begins; `None` where there is none.
    #[inline]
    pub(crate) fn contiguous_headroom(&self) -> Option<u32> {
        Some(self.headroom()).filter(|headroom| *headroom > 0)
    }

    /// The first bytes of the headroom: what io_uring writes about a message.
    #[inline]
    pub(crate) fn kernel_header(&self) -> &[u8] {
        self.headroom_bytes(0, HEADER_LEN)
    }
}
