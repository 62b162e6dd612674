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
    /// One region of so many slices of this size, which is not locked and never grows.
    pub(crate) fn new(world: &World, slice_size: usize, slices: usize) -> Result<Pool, MemoryError> {
        let slice_size = match slice_size {
            0 if world.breaks("registered_io::memory::an_empty_range_is_refused") => 1,
            size => size,
        };
        let builder = BufferPool::builder().slice_size(slice_size).slices_per_region(slices);
        let inner = builder.regions(1..=1).lock(Lock::Off).build()?;
        Ok(Pool { world: world.clone(), inner })
    }

    /// The library's own, for what faults have no part in.
    pub(crate) fn inner(&self) -> &BufferPool {
        &self.inner
    }

    pub(crate) fn take(&self) -> BufferMut {
        self.inner.take().unwrap()
    }

    /// A slice with these bytes in it.
    pub(crate) fn filled(&self, bytes: &[u8]) -> BufferMut {
        let mut buffer = self.take();
        buffer.extend_from_slice(bytes).unwrap();
        buffer
    }

    pub(crate) fn figures(&self) -> PoolFigures {
        self.inner.figures()
    }

    pub(crate) fn deregister(&self, region: RegionId) {
        self.inner.deregister(region);
    }

    pub(crate) fn resolve(&self, region: RegionId, offset: usize, len: usize) -> Result<(), MemoryError> {
        self.inner.resolve(region, offset, len)
    }
}
