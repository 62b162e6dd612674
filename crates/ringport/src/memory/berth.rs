//! A place where a value waits for whoever comes first: the value's presence is the flag.
//!
//! ```text
//!   put ──► [ value ] ──► take      of all who come, one has it
//! ```
//!
//! To put it here and to take it are one atomic step each, ordered before and after everything else that the two
//! threads do.

use super::atomic::{AtomicPtr, Ordering};

/// See the module.
pub(crate) struct Berth<T>(AtomicPtr<T>);

// SAFETY: it owns a boxed value, or none, and hands it over whole.
unsafe impl<T: Send> Send for Berth<T> {}
// SAFETY: as above: `&Berth` only gives the value away.
unsafe impl<T: Send> Sync for Berth<T> {}

impl<T> Berth<T> {
    /// An empty one.
    pub(crate) fn new() -> Berth<T> {
        Berth(AtomicPtr::new(std::ptr::null_mut()))
    }

    /// Puts a value in; hands back what was there, which is nothing where only one value ever goes around.
    #[inline]
    pub(crate) fn put(&self, value: Box<T>) -> Option<Box<T>> {
        own(self.0.swap(Box::into_raw(value), Ordering::AcqRel))
    }

    /// Takes the value, if it is there.
    #[inline]
    pub(crate) fn take(&self) -> Option<Box<T>> {
        own(self.0.swap(std::ptr::null_mut(), Ordering::AcqRel))
    }

    /// Whether the value was there a moment ago.
    pub(crate) fn is_full(&self) -> bool {
        !self.0.load(Ordering::Relaxed).is_null()
    }
}

impl<T> Drop for Berth<T> {
    fn drop(&mut self) {
        drop(self.take());
    }
}

fn own<T>(pointer: *mut T) -> Option<Box<T>> {
    // SAFETY: a pointer that is not null came from `Box::into_raw` in `put`, and the swap that gave it here left
    // no copy behind.
    (!pointer.is_null()).then(|| unsafe { Box::from_raw(pointer) })
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_berth_gives_its_value_once() {
        let berth = Berth::new();
        assert!(berth.take().is_none() && !berth.is_full());
        assert!(berth.put(Box::new(1)).is_none() && berth.is_full());
        assert_eq!(berth.take(), Some(Box::new(1)));
        assert!(berth.take().is_none());
    }
}
