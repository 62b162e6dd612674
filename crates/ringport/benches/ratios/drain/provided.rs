//! A ring of provided buffers over plain memory, as small as it can be.

use std::io;
use std::sync::atomic::{AtomicU16, Ordering};

use io_uring::types::BufRingEntry;

use super::candidate::SLICE;
use crate::block::Block;

/// Room for the kernel's header and the address, and what keeps pieces aligned.
const HEADROOM: usize = 64;

/// The entries, shared with the kernel, and the buffers they stand for.
pub(super) struct Provided {
    entries: Block,
    buffers: Block,
    tail: u16,
}

impl Provided {
    /// A ring of `count` buffers, a power of two, all of them provided.
    pub(super) fn new(count: usize) -> io::Result<Provided> {
        let entries = Block::new(count, size_of::<BufRingEntry>())?;
        let buffers = Block::new(count, SLICE + HEADROOM)?;
        let mut this = Provided { entries, buffers, tail: 0 };
        (0..count).for_each(|index| this.provide(index as u16));
        this.show();
        Ok(this)
    }

    /// The address to register.
    pub(super) fn address(&self) -> u64 {
        self.entries.piece(0) as u64
    }

    /// How many buffers there are.
    pub(super) fn count(&self) -> u16 {
        self.entries.count() as u16
    }

    /// The first byte of a buffer.
    #[inline(always)]
    pub(super) fn buffer(&self, id: u16) -> *const u8 {
        self.buffers.piece(usize::from(id))
    }

    /// Writes the next entry.
    #[inline(always)]
    pub(super) fn provide(&mut self, id: u16) {
        let place = self.entries.piece(usize::from(self.tail));
        // SAFETY: the place is an entry inside the mapping, aligned, and not the kernel's before `show`.
        let entry = unsafe { &mut *place.cast::<BufRingEntry>() };
        entry.set_addr(self.buffers.piece(usize::from(id)) as u64);
        entry.set_len(self.buffers.stride() as u32);
        entry.set_bid(id);
        self.tail = self.tail.wrapping_add(1);
    }

    /// Shows the kernel the entries written.
    #[inline(always)]
    pub(super) fn show(&self) {
        // SAFETY: the address is that of the shared tail inside the mapping, aligned for its two bytes.
        let tail = unsafe { &*BufRingEntry::tail(self.entries.piece(0).cast()).cast::<AtomicU16>() };
        tail.store(self.tail, Ordering::Release);
    }
}
