//! The atomics that the free list, the ring and the protocols around the ring are built from, under one name.
//!
//! The free list, the ring, the berth and the promises here, and `armed.rs`, `inbox.rs`, `quota.rs`, `relay.rs` and
//! `wish.rs` of the queues on a port name them only through this module. The model checks in `tests/loom_*.rs` compile
//! those same files a second time with loom's atomics in this place, so what is checked is the shipped source and the
//! library itself never depends on loom.

use std::cell::UnsafeCell;
pub(crate) use std::sync::Arc;
pub(crate) use std::sync::atomic::{
    AtomicBool, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering, fence,
};

/// A cell whose users say by other means when they may look.
pub(crate) struct Cell<T>(UnsafeCell<T>);

impl<T> Cell<T> {
    pub(crate) fn new(value: T) -> Cell<T> {
        Cell(UnsafeCell::new(value))
    }

    /// Lends the place to be read.
    #[inline(always)]
    pub(crate) fn with<R>(&self, read: impl FnOnce(*const T) -> R) -> R {
        read(self.0.get())
    }

    /// Lends the place to be changed.
    #[inline(always)]
    pub(crate) fn with_mut<R>(&self, change: impl FnOnce(*mut T) -> R) -> R {
        change(self.0.get())
    }
}
