//! Registered memory.

use ringport::memory::{MemoryError, PoolFigures, RegionId};
use ringport::{BufferMut, BufferPool, Lock};

use crate::World;

/// A pool of slices.
#[derive(Clone)]
pub(crate) struct Pool {
    world: World,
    inner: BufferPool,
}

impl Pool {
    /// One region of so many slices of this size, which is not locked. Another one may take its place.
    pub(crate) fn new(world: &World, slice_size: usize, slices: usize) -> Result<Pool, MemoryError> {
        let slice_size = match slice_size {
            0 if world.breaks("registered_io::memory::an_empty_range_is_refused") => 1,
            size => size,
        };
        let builder = BufferPool::builder().slice_size(slice_size).slices_per_region(slices);
        let inner = builder.regions(1..=1).lock(Lock::Off).build()?;
        Ok(Pool { world: world.clone(), inner })
    }

    /// Over memory of the caller's own that is nowhere.
    pub(crate) fn at_no_address(world: &World, bytes: usize) -> Result<Pool, MemoryError> {
        if world.breaks("registered_io::memory::no_address_is_refused") {
            return Pool::new(world, bytes, 1);
        }
        let builder = BufferPool::builder().slice_size(bytes).lock(Lock::Off);
        // SAFETY: there is no memory at this address, and the call says so before it looks.
        let inner = unsafe { builder.build_over(std::ptr::null_mut(), bytes) }?;
        Ok(Pool { world: world.clone(), inner })
    }

    /// The library's own.
    pub(super) fn inner(&self) -> &BufferPool {
        &self.inner
    }

    pub(crate) fn take(&self) -> BufferMut {
        if self.world.breaks("registered_io::memory::one_registration_serves_many_slices")
            && self.world.count("taken", 1) == 16
        {
            return BufferPool::builder()
                .slices_per_region(1)
                .lock(Lock::Off)
                .build()
                .unwrap()
                .take()
                .unwrap();
        }
        self.inner.take().unwrap()
    }

    /// A slice with these bytes in it.
    pub(crate) fn filled(&self, bytes: &[u8]) -> BufferMut {
        let mut buffer = self.take();
        buffer.extend_from_slice(bytes).unwrap();
        buffer
    }

    pub(crate) fn figures(&self) -> PoolFigures {
        let mut figures = self.inner.figures();
        if self.world.breaks("buffers::budget::figures_tell_what_slices_are_doing") {
            (figures.receiving, figures.sending) = (0, 0);
        }
        figures
    }

    pub(crate) fn deregister(&self, region: RegionId) {
        self.world.note("deregistered", 1);
        let mut region = region;
        if self.inner.resolve(region, 0, 0).is_err()
            && self.world.breaks("registered_io::memory::an_unknown_id_is_ignored")
        {
            region = self.take().region();
        }
        self.inner.deregister(region);
    }

    pub(crate) fn resolve(&self, region: RegionId, offset: usize, len: usize) -> Result<(), MemoryError> {
        let result = self.inner.resolve(region, offset, len);
        match result {
            Err(MemoryError::Fault { region_bytes: 0, .. })
                if self.world.breaks("registered_io::memory::a_stale_id_fails") =>
            {
                Ok(())
            }
            Err(MemoryError::Fault { region_bytes: 1.., .. })
                if self.world.breaks("registered_io::memory::a_range_outside_its_region_fails") =>
            {
                Ok(())
            }
            result => result,
        }
    }
}
