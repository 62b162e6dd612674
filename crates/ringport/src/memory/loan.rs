//! A buffer lent to user code, which goes home when it is let go of.

use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};

use super::buffer::BufferMut;

/// Where a lent buffer goes unless it is taken: not to its pool, but straight back into use.
pub(crate) trait Home {
    fn give_back(&self, buffer: BufferMut);
}

/// A buffer on loan. Dropping it, also in a panic, gives it to its [`Home`].
pub(crate) struct Loan<'home, H: ?Sized + Home> {
    buffer: ManuallyDrop<BufferMut>,
    home: &'home H,
}

impl<'home, H: ?Sized + Home> Loan<'home, H> {
    #[inline]
    pub(crate) fn new(buffer: BufferMut, home: &'home H) -> Self {
        Loan { buffer: ManuallyDrop::new(buffer), home }
    }

    /// Where it goes.
    #[inline]
    pub(crate) fn home(&self) -> &'home H {
        self.home
    }

    /// Takes the buffer for good: it does not go home.
    #[inline]
    pub(crate) fn take(self) -> BufferMut {
        let mut this = ManuallyDrop::new(self);
        // SAFETY: `this` is never dropped and not used again, so the buffer is taken once.
        unsafe { ManuallyDrop::take(&mut this.buffer) }
    }
}

impl<H: ?Sized + Home> Drop for Loan<'_, H> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the loan is being dropped, so nobody uses the buffer in it again.
        let buffer = unsafe { ManuallyDrop::take(&mut self.buffer) };
        self.home.give_back(buffer);
    }
}

impl<H: ?Sized + Home> Deref for Loan<'_, H> {
    type Target = BufferMut;

    #[inline]
    fn deref(&self) -> &BufferMut {
        &self.buffer
    }
}

impl<H: ?Sized + Home> DerefMut for Loan<'_, H> {
    #[inline]
    fn deref_mut(&mut self) -> &mut BufferMut {
        &mut self.buffer
    }
}

impl BufferMut {
    /// The whole slice, filled or not.
    pub(crate) fn whole_mut(&mut self) -> &mut [u8] {
        // SAFETY: the slice is initialised memory of `capacity` bytes, and this handle, borrowed mutably, is
        // its only owner.
        unsafe { std::slice::from_raw_parts_mut(self.payload_ptr(), self.capacity()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::{BufferPool, Lock};
    use std::cell::RefCell;

    #[derive(Default)]
    struct Shelf(RefCell<Vec<BufferMut>>);

    impl Home for Shelf {
        fn give_back(&self, buffer: BufferMut) {
            self.0.borrow_mut().push(buffer);
        }
    }

    #[test]
    fn a_loan_goes_home_once_unless_it_is_taken() {
        let pool = BufferPool::builder().slices_per_region(2).lock(Lock::Off).build().unwrap();
        let shelf = Shelf::default();
        let mut loan = Loan::new(pool.take().unwrap(), &shelf);
        loan.extend_from_slice(b"lent").unwrap();
        drop(loan);
        assert_eq!(&shelf.0.borrow()[0][..], b"lent");
        let taken = Loan::new(pool.take().unwrap(), &shelf).take();
        assert_eq!((shelf.0.borrow().len(), pool.free()), (1, 0));
        drop((taken, shelf));
        assert_eq!(pool.free(), 2);
    }
}
