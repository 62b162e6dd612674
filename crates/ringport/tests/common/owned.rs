//! Pages that a test owns: memory lent to a pool, and looked at after everything else is gone.

use std::ptr::NonNull;

use ringport::{BufferPool, Lock};

/// Mapped pages, unmapped when dropped.
pub(crate) struct Pages {
    base: NonNull<u8>,
    length: usize,
}

impl Pages {
    /// Maps `length` bytes where the system likes.
    pub(crate) fn new(length: usize) -> Pages {
        Pages::map(std::ptr::null_mut(), length, libc::PROT_READ | libc::PROT_WRITE, 0).unwrap()
    }

    /// Maps pages that nobody may touch over exactly this range; `None` while something is mapped there.
    pub(crate) fn forbidden_at(address: usize, length: usize) -> Option<Pages> {
        Pages::map(address as *mut _, length, libc::PROT_NONE, libc::MAP_FIXED_NOREPLACE)
    }

    fn map(at: *mut libc::c_void, length: usize, access: i32, more: i32) -> Option<Pages> {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | more;
        // SAFETY: an anonymous mapping that replaces nothing touches nothing that exists.
        let base = unsafe { libc::mmap(at, length, access, flags, -1, 0) };
        if base == libc::MAP_FAILED {
            return None;
        }
        assert!(at.is_null() || at == base);
        Some(Pages { base: NonNull::new(base.cast())?, length })
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
        unsafe { libc::munmap(self.base.as_ptr().cast(), self.length) };
    }
}
