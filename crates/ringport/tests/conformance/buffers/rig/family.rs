//! Pools of several sizes.

use ringport::memory::{FamilyError, PoolFamilyBuilder};
use ringport::{BufferMut, Lock, PoolFamily};

use crate::World;

/// One slice of each size.
pub(in crate::buffers) struct Family {
    world: World,
    inner: PoolFamily,
    largest: usize,
}

impl Family {
    pub(in crate::buffers) fn new(world: &World, sizes: &[usize]) -> Family {
        let one = |builder: PoolFamilyBuilder, &size: &usize| {
            builder.size(size, |pool| pool.slices_per_region(1).regions(1..=1).lock(Lock::Off))
        };
        let inner = sizes.iter().fold(PoolFamily::builder(), one).build().unwrap();
        Family { world: world.clone(), inner, largest: sizes.iter().copied().max().unwrap() }
    }

    /// For so many bytes.
    pub(in crate::buffers) fn take(&self, bytes: usize) -> Result<BufferMut, FamilyError> {
        let bytes = match bytes {
            1..100 if self.world.breaks("buffers::sizes::the_smallest_that_fits_is_taken") => self.largest,
            bytes => bytes,
        };
        match self.inner.take(bytes) {
            Err(FamilyError::Exhausted { .. })
                if self.world.breaks("buffers::sizes::a_size_does_not_eat_the_larger_ones") =>
            {
                self.inner.take_or_larger(bytes)
            }
            Err(FamilyError::TooLarge { largest, .. })
                if self.world.breaks("buffers::sizes::what_fits_no_size_is_refused") =>
            {
                self.inner.take(largest)
            }
            result => result,
        }
    }
}
