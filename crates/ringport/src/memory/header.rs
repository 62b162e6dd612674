//! The headroom of a slice, as the receive paths use it.
//!
//! ```text
//!   a pool's own memory:   | kernel's header | name | control | payload ...   one piece
//!   the caller's memory:   | kernel's header | name | control |               beside it, ours
//!                                                    | payload ...            the caller's
//! ```
//!
//! Only one piece can be handed to io_uring's multishot receive; a vectored call takes either.

use std::cell::UnsafeCell;

use super::buffer::BufferMut;
use super::region::{CONTROL_OFFSET, HEADER_LEN, NAME_LEN, NAME_OFFSET};

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

impl BufferMut {
    /// Start and length of the memory that address and control data go to.
    #[inline]
    pub(crate) fn header_ptr(&self) -> Option<(*mut u8, u32)> {
        match self.contiguous_headroom() {
            Some(headroom) => Some((self.payload_ptr().wrapping_sub(headroom as usize), headroom)),
            None => self.slot().separate_header().map(|header| (header, SEPARATE_LEN as u32)),
        }
    }

    /// Length of the headroom that ends where the payload begins; `None` where there is none.
    #[inline]
    pub(crate) fn contiguous_headroom(&self) -> Option<u32> {
        Some(self.headroom()).filter(|headroom| *headroom > 0)
    }

    /// The first bytes of the headroom: what io_uring writes about a message.
    #[inline]
    pub(crate) fn kernel_header(&self) -> &[u8] {
        self.header_bytes(0, HEADER_LEN)
    }

    /// The peer's socket address as the kernel wrote it.
    pub(crate) fn name_bytes(&self) -> &[u8] {
        self.header_bytes(NAME_OFFSET, usize::from(self.received().name_len).min(NAME_LEN))
    }

    /// The control data as the kernel wrote it.
    pub(crate) fn control_bytes(&self) -> &[u8] {
        let len = usize::from(self.received().control_len).min(self.control_capacity());
        self.header_bytes(CONTROL_OFFSET, len)
    }

    /// Room for control data.
    pub(crate) fn control_capacity(&self) -> usize {
        self.header_ptr().map_or(0, |(_, len)| (len as usize).saturating_sub(CONTROL_OFFSET))
    }

    #[inline]
    fn header_bytes(&self, offset: usize, len: usize) -> &[u8] {
        match self.header_ptr() {
            Some((header, headroom)) if offset + len <= headroom as usize => {
                // SAFETY: the header is initialised, `offset + len` lies inside it, and whoever holds the slice
                // uniquely holds the header, too.
                unsafe { std::slice::from_raw_parts(header.add(offset), len) }
            }
            _ => &[],
        }
    }
}
