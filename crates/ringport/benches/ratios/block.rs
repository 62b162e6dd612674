//! Plain memory for the loops written by hand: equal pieces of one mapping.

use std::io;
use std::ptr::NonNull;

/// Page-aligned memory in pieces, unmapped when dropped.
#[derive(Debug)]
pub(crate) struct Block {
    base: NonNull<u8>,
    count: usize,
    stride: usize,
}

impl Block {
    /// Maps `count` pieces, a power of two, of `stride` bytes and touches them all.
    pub(crate) fn new(count: usize, stride: usize) -> io::Result<Block> {
        debug_assert!(count.is_power_of_two(), "an index is wrapped by a mask");
        // SAFETY: an anonymous mapping at an address of the kernel's choice touches nothing that exists.
        let memory = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                count * stride,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_POPULATE,
                -1,
                0,
            )
        };
        match NonNull::new(memory.cast()) {
            Some(base) if memory != libc::MAP_FAILED => Ok(Block { base, count, stride }),
            _ => Err(io::Error::last_os_error()),
        }
    }

    /// How many pieces there are.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// Bytes of each.
    pub(crate) fn stride(&self) -> usize {
        self.stride
    }

    /// Where piece `index` begins; an index past the end wraps.
    #[inline]
    pub(crate) fn piece(&self, index: usize) -> *mut u8 {
        self.base.as_ptr().wrapping_add((index & (self.count - 1)) * self.stride)
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        // SAFETY: this is the mapping made in `new`; its owner stopped using it.
        unsafe { libc::munmap(self.base.as_ptr().cast(), self.count * self.stride) };
    }
}
