//! Buffers that the kernel chooses from.
//!
//! ```text
//!   entries   [addr, len, id][addr, len, id] ...   shared with the kernel, page aligned
//!                   │
//!   slices    [ stride ][ stride ] ...             one an id
//! ```
//!
//! The memory lives until the process ends, as the rings do that it is registered with.

use std::alloc::{Layout, alloc_zeroed};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU16, Ordering};

use io_uring::types::BufRingEntry;

use crate::Failure;

const PAGE: usize = 4096;

/// The side that gives slices to the kernel: one thread's at a time.
pub struct Provided {
    entries: NonNull<BufRingEntry>,
    slices: NonNull<u8>,
    stride: usize,
    count: u16,
    tail: u16,
}

// SAFETY: the memory is never freed, and only this object writes the entries.
unsafe impl Send for Provided {}

impl Provided {
    /// `count` slices of `stride` bytes, a power of two of them, all of them given.
    pub fn new(count: u16, stride: usize) -> Result<Provided, Failure> {
        let entries = pages(usize::from(count) * size_of::<BufRingEntry>())?.cast();
        let slices = pages(usize::from(count) * stride)?;
        let mut this = Provided { entries, slices, stride, count, tail: 0 };
        this.give(0..count);
        Ok(this)
    }

    /// Where the slices begin. They lie in the order of their ids.
    pub fn slices(&self) -> NonNull<u8> {
        self.slices
    }

    /// The address to register.
    pub fn address(&self) -> u64 {
        self.entries.as_ptr() as u64
    }

    /// Gives slices to the kernel.
    pub fn give(&mut self, ids: impl Iterator<Item = u16>) {
        for id in ids {
            let place = usize::from(self.tail & (self.count - 1));
            // SAFETY: the place is inside the entries, and not the kernel's before the tail moves.
            let entry = unsafe { self.entries.add(place).as_mut() };
            entry.set_addr(self.slices.as_ptr() as u64 + u64::from(id) * self.stride as u64);
            entry.set_len(self.stride as u32);
            entry.set_bid(id);
            self.tail = self.tail.wrapping_add(1);
        }
        // SAFETY: the address is that of the shared tail among the entries, aligned for its two bytes.
        let tail = unsafe { &*BufRingEntry::tail(self.entries.as_ptr()).cast::<AtomicU16>() };
        tail.store(self.tail, Ordering::Release);
    }
}

/// Whole pages, never freed.
fn pages(bytes: usize) -> Result<NonNull<u8>, Failure> {
    let layout = Layout::from_size_align(bytes, PAGE)?;
    // SAFETY: the size is not zero.
    NonNull::new(unsafe { alloc_zeroed(layout) }).ok_or_else(|| "no memory".into())
}
