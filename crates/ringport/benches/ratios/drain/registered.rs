//! Entering a ring by its registered index, which saves the look-up of its descriptor in each call.
//!
//! The `io-uring` crate keeps the index in a `Submitter` that borrows the ring, so an object that owns the
//! ring cannot hold it; these are the two calls themselves.

use std::io;
use std::os::fd::AsRawFd;

use io_uring::IoUring;

const REGISTER_RING_FDS: libc::c_uint = 20;
/// Run the work that the kernel deferred to this thread, and: the descriptor is an index.
const FLAGS: libc::c_uint = 1 | 16;

/// `struct io_uring_rsrc_update`
#[repr(C)]
struct Update {
    offset: u32,
    reserved: u32,
    data: u64,
}

/// The index of a ring, for the thread that registered it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Index(u32);

impl Index {
    /// Registers `ring` with the calling thread.
    pub(super) fn register(ring: &IoUring) -> io::Result<Index> {
        let descriptor = ring.as_raw_fd();
        let mut update = Update { offset: u32::MAX, reserved: 0, data: descriptor as u64 };
        // SAFETY: the call reads and writes one structure, which `update` is.
        let result = unsafe {
            libc::syscall(libc::SYS_io_uring_register, descriptor, REGISTER_RING_FDS, &raw mut update, 1)
        };
        if result < 0 { Err(io::Error::last_os_error()) } else { Ok(Index(update.offset)) }
    }

    /// Submits `queued` entries and runs deferred work: one pass of each request, or up to `there` of them when
    /// as many completions are there already. It never waits.
    #[inline(always)]
    pub(super) fn enter(self, queued: u32, there: u32) -> io::Result<()> {
        let none = std::ptr::null::<libc::c_void>();
        // SAFETY: no argument is passed; what the entries point at was promised when they were pushed.
        let result =
            unsafe { libc::syscall(libc::SYS_io_uring_enter, self.0, queued, there, FLAGS, none, 0) };
        if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }
}
