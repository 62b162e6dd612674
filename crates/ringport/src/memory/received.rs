//! The side of a unique buffer that the queues and backends see: where the kernel writes, and what it wrote.

use super::buffer::BufferMut;
use super::slot::{Received, Use};

impl BufferMut {
    /// The start of the payload (of the capacity, not of the filled part).
    #[inline]
    pub(crate) fn payload_ptr(&self) -> *mut u8 {
        self.slot().payload()
    }

    /// Bytes before the payload that belong to the slice; 0 over the caller's own memory.
    #[inline]
    pub(crate) fn headroom(&self) -> u32 {
        self.slot().headroom()
    }

    #[inline]
    pub(crate) fn set_use(&self, what: Use) {
        self.slot().set_use(what);
    }

    /// Takes over what a receive wrote: the filled part is the first `len` bytes of the payload (never more than
    /// there are).
    #[inline]
    pub(crate) fn set_received(&mut self, len: u32, received: Received) {
        self.fill_from_start(len);
        self.slot().set_received(received);
    }

    #[inline]
    pub(crate) fn received(&self) -> Received {
        self.slot().received()
    }
}
