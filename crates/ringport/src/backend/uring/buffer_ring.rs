//! A provided-buffer ring: the slices a socket may fill, in post order, in memory shared with the kernel.
//!
//! ```text
//!            head (kernel took up to here)          tail (published up to here)
//!             │                                      │
//!   ┌────┬────▼────┬─────────┬─────────┬────────┬────▼────┬────┐
//!   │    │ slice 7 │ slice 2 │ slice 9 │  ...   │         │    │   entries: power of two
//!   └────┴─────────┴─────────┴─────────┴────────┴─────────┴────┘
//!         the oldest posted receive is filled first
//! ```
//!
//! The kernel consumes entries only while a request of the group is armed. So while none is, the entries
//! between head and tail may be rewritten, which is how a socket changes its way of receiving.

use std::io;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU16, Ordering};

use io_uring::types::BufRingEntry;

/// The largest ring the kernel takes.
pub(super) const MOST_ENTRIES: u32 = 32_768;

/// The smallest page of any system this runs on.
const PAGE: usize = 4096;

/// Shared memory of one ring, unmapped when dropped: unregister the group before.
#[derive(Debug)]
pub(super) struct BufferRing {
    entries: NonNull<BufRingEntry>,
    count: u32,
    /// Position of the entry that the kernel takes next; wraps.
    head: u16,
    /// Position after the last entry written; wraps.
    tail: u16,
}

impl BufferRing {
    /// Maps a ring of at least `wanted` entries.
    pub(super) fn new(wanted: u32) -> io::Result<BufferRing> {
        let count = Self::count_for(wanted);
        // SAFETY: an anonymous mapping at an address of the kernel's choice touches nothing that exists.
        let memory = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                Self::bytes(count),
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
                -1,
                0,
            )
        };
        if memory == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        match NonNull::new(memory.cast()) {
            Some(entries) => Ok(BufferRing { entries, count, head: 0, tail: 0 }),
            None => Err(io::Error::from(io::ErrorKind::OutOfMemory)),
        }
    }

    fn bytes(count: u32) -> usize {
        count as usize * size_of::<BufRingEntry>()
    }

    fn count_for(wanted: u32) -> u32 {
        wanted.clamp(1, MOST_ENTRIES).next_power_of_two()
    }

    /// What a ring of at least `wanted` entries takes of the memory that may be locked: whole pages.
    pub(super) fn bytes_for(wanted: u32) -> usize {
        Self::bytes(Self::count_for(wanted)).next_multiple_of(PAGE)
    }

    /// The address to register.
    pub(super) fn address(&self) -> u64 {
        self.entries.as_ptr() as u64
    }

    /// How many entries it has.
    pub(super) fn count(&self) -> u32 {
        self.count
    }

    /// How many entries are written and not taken.
    pub(super) fn published(&self) -> u32 {
        u32::from(self.tail.wrapping_sub(self.head))
    }

    /// Which entry is written next: its id, too.
    pub(super) fn next_entry(&self) -> usize {
        (u32::from(self.tail) & (self.count - 1)) as usize
    }

    /// Writes the next entry; the kernel sees it after [`store_tail`](BufferRing::store_tail). The caller
    /// checks that there is room.
    #[inline]
    pub(super) fn write(&mut self, address: *mut u8, length: u32) {
        debug_assert!(self.published() < self.count, "a full ring was written to");
        let index = u32::from(self.tail) & (self.count - 1);
        // SAFETY: index < count, so the entry lies inside the mapping, which lives as long as self. The
        // kernel does not read entries at or past the published tail. An entry overlaps the shared tail
        // only in its last two bytes, which none of these setters writes.
        unsafe {
            let entry = &mut *self.entries.as_ptr().add(index as usize);
            entry.set_addr(address as u64);
            entry.set_len(length);
            entry.set_bid(index as u16);
        }
        self.tail = self.tail.wrapping_add(1);
    }

    /// Shows the kernel what was written.
    #[inline]
    pub(super) fn store_tail(&self) {
        // SAFETY: `tail` gives the address of the shared tail inside the mapping; it is two-byte aligned
        // and the kernel accesses it atomically.
        unsafe {
            let tail = BufRingEntry::tail(self.entries.as_ptr()).cast::<AtomicU16>();
            (*tail).store(self.tail, Ordering::Release);
        }
    }

    /// The kernel took the oldest entry.
    #[inline]
    pub(super) fn consumed(&mut self) {
        self.head = self.head.wrapping_add(1);
    }

    /// Takes back everything published. Only while no request of the group is armed.
    pub(super) fn retract(&mut self) {
        self.tail = self.head;
        self.store_tail();
    }

    /// Leaves the mapping in place for good: the kernel may still use it.
    pub(super) fn leak(self) {
        std::mem::forget(self);
    }
}

impl Drop for BufferRing {
    fn drop(&mut self) {
        // SAFETY: this is the mapping made in `new`, with its length; the group was unregistered, so
        // nobody uses it any more.
        unsafe { libc::munmap(self.entries.as_ptr().cast(), Self::bytes(self.count)) };
    }
}
