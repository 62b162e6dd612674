//! The headroom of a slice, as the receive paths use it.
//!
//! ```text
//!   a pool's own memory:   | headers, name | control | payload ...   one piece
//!   the caller's memory:   | headers, name | control |               beside it, ours
//!                                          | payload ...             the caller's
//! ```
//!
//! Where exactly is `system::headroom`'s affair. Only one piece can be handed to io_uring's multishot receive; a vectored call takes either.

use std::cell::UnsafeCell;

use super::buffer::BufferMut;
use super::shared::Buffer;
use super::slot::{Received, Slot};
use super::system::headroom::{CONTROL_OFFSET, NAME_LEN, NAME_OFFSET};

/// Length of a header beside the caller's memory: as much control data as a pool has by default.
pub(crate) const SEPARATE_LEN: usize = 192;

/// The header of one slice of the caller's memory.
#[repr(C, align(64))]
pub(crate) struct SeparateHeader(UnsafeCell<[u8; SEPARATE_LEN]>);

// SAFETY: a header belongs to whoever holds its slice uniquely, as the payload does.
unsafe impl Sync for SeparateHeader {}

impl SeparateHeader {
    pub(crate) fn new() -> SeparateHeader {
        SeparateHeader(UnsafeCell::new([0; SEPARATE_LEN]))
    }

    pub(crate) fn as_ptr(&self) -> *mut u8 {
        self.0.get().cast()
    }
}

/// A handle of a slice that was received into: it finds what the kernel wrote before the payload.
pub(crate) trait HasHeader {
    /// The slice's slot, alive as long as the handle.
    fn slot(&self) -> &Slot;

    /// Start and length of the memory that address and control data go to.
    #[inline]
    fn header_ptr(&self) -> Option<(*mut u8, u32)> {
        let slot = self.slot();
        match Some(slot.headroom()).filter(|headroom| *headroom > 0) {
            Some(headroom) => Some((slot.payload().wrapping_sub(headroom as usize), headroom)),
            None => slot.separate_header().map(|header| (header, SEPARATE_LEN as u32)),
        }
    }

    /// The peer's socket address as the kernel wrote it.
    #[inline]
    fn name_bytes(&self) -> &[u8] {
        bytes(self, NAME_OFFSET, usize::from(self.slot().received().name_len).min(NAME_LEN))
    }

    /// The control data as the kernel wrote it.
    #[inline]
    fn control_bytes(&self) -> &[u8] {
        let len = usize::from(self.slot().received().control_len);
        if len == 0 {
            return &[];
        }
        bytes(self, CONTROL_OFFSET, len.min(self.control_capacity()))
    }

    /// Room for control data.
    fn control_capacity(&self) -> usize {
        self.header_ptr().map_or(0, |(_, len)| (len as usize).saturating_sub(CONTROL_OFFSET))
    }
}

#[inline]
pub(super) fn bytes<H: HasHeader + ?Sized>(handle: &H, offset: usize, len: usize) -> &[u8] {
    match handle.header_ptr() {
        Some((header, headroom)) if offset + len <= headroom as usize => {
            // SAFETY: the header is initialised and `offset + len` lies inside it. It is written by the kernel only,
            // for the receive before whose end there is no such handle.
            unsafe { std::slice::from_raw_parts(header.add(offset), len) }
        }
        _ => &[],
    }
}

impl HasHeader for BufferMut {
    #[inline]
    fn slot(&self) -> &Slot {
        BufferMut::slot(self)
    }
}

impl HasHeader for Buffer {
    #[inline]
    fn slot(&self) -> &Slot {
        Buffer::slot(self)
    }
}

impl BufferMut {
    /// Length of the headroom that ends where the payload begins; `None` where there is none.
    #[inline]
    pub(crate) fn contiguous_headroom(&self) -> Option<u32> {
        Some(self.headroom()).filter(|headroom| *headroom > 0)
    }

    /// Takes over the peer's address of a slice that was received into. Without room for it there is none.
    pub(crate) fn copy_name(&mut self, from: &impl HasHeader) {
        let name = from.name_bytes();
        if let Some((header, headroom)) = self.header_ptr()
            && NAME_OFFSET + name.len() <= headroom as usize
        {
            // SAFETY: there is room for the name in the header, which belongs to this handle alone; the other slice is
            // another one, since it has a handle of its own.
            unsafe { std::ptr::copy_nonoverlapping(name.as_ptr(), header.add(NAME_OFFSET), name.len()) };
            let name_len = name.len() as u8;
            BufferMut::slot(self).set_received(Received { name_len, ..Received::default() });
        }
    }
}
