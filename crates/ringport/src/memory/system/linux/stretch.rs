//! A stretch of memory that a backend may register as a whole. None here does: there is nothing to remember.

use std::ptr::NonNull;

#[derive(Debug)]
pub(crate) struct Stretch;

impl Stretch {
    pub(crate) const fn new() -> Stretch {
        Stretch
    }

    pub(crate) fn open(&self, _base: NonNull<u8>, _len: usize) {}

    pub(crate) fn close(&self) {}
}
