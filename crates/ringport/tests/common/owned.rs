//! Pages that a test owns: memory lent to a pool, and looked at after everything else is gone.

use std::ptr::NonNull;

use ringport::{BufferPool, Lock};

use super::system::pages;

/// Mapped pages, unmapped when dropped.
pub(crate) struct Pages {
    base: NonNull<u8>,
    length: usize,
}

impl Pages {
    /// Maps `length` bytes where the system likes.
    pub(crate) fn new(length: usize) -> Pages {
        Pages { base: pages::map(length), length }
    }

    /// Maps pages that nobody may touch over exactly this range; `None` while something is mapped there.
    pub(crate) fn forbidden_at(address: usize, length: usize) -> Option<Pages> {
        Some(Pages { base: pages::forbid(address, length)?, length })
    }

    /// A pool of slices of this size over all of it.
    pub(crate) fn pool(&self, slice_size: usize) -> BufferPool {
        let builder = BufferPool::builder().slice_size(slice_size).lock(Lock::Off);
        // SAFETY: the pages are readable and writable, and the tests look at them again only when the pool
        // and its buffers are gone. They are unmapped after that.
        unsafe { builder.build_over(self.base.as_ptr(), self.length) }.unwrap()
    }

    /// Writes one value all over. Only when no pool uses it any more.
    pub(crate) fn fill(&mut self, value: u8) {
        // SAFETY: the pages are writable and nobody else uses them.
        unsafe { self.base.as_ptr().write_bytes(value, self.length) };
    }

    /// Whether every byte is this one. Read one by one, since the question is whether the kernel wrote.
    pub(crate) fn is_full_of(&self, value: u8) -> bool {
        // SAFETY: the pages are readable for their length.
        (0..self.length).all(|index| unsafe { self.base.as_ptr().add(index).read_volatile() } == value)
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // SAFETY: exactly what was mapped, and the pools over it are gone.
        unsafe { pages::unmap(self.base, self.length) };
    }
}
