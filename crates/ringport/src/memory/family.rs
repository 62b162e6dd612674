//! Pools of several sizes behind one door.
//!
//! ```text
//!   take(700)  ->  [ 256 ]  [ 2048 ]  [ 65536 ]
//!                              ^ the smallest that fits
//! ```
//!
//! A general allocator over registered memory is deliberately not offered: fixed sizes cannot fragment, and what
//! they may take is known beforehand.

use super::buffer::BufferMut;
use super::builder::BufferPoolBuilder;
use super::error::{FamilyError, MemoryError};
use super::pool::BufferPool;

/// Several [`BufferPool`]s, one for each slice size. Cheap to clone, usable from any thread.
///
/// ```
/// use ringport::PoolFamily;
///
/// let family = PoolFamily::builder()
///     .size(256, |pool| pool.slices_per_region(64))
///     .size(2048, |pool| pool.slices_per_region(16).regions(1..=2))
///     .build()?;
/// assert_eq!(family.take(700)?.capacity(), 2048);
/// assert_eq!(family.take(256)?.capacity(), 256);
/// assert!(family.take(5000).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct PoolFamily {
    /// By rising slice size.
    pools: Vec<BufferPool>,
}

/// The sizes of a [`PoolFamily`]; from [`PoolFamily::builder`].
///
/// At least one size, in any order, each once, and each as [`BufferPoolBuilder::slice_size`] allows. The pools are
/// made by [`build`](PoolFamilyBuilder::build), all of them or none.
///
/// ```
/// use ringport::{Lock, PoolFamily};
///
/// let family = PoolFamily::builder()
///     .size(2048, |pool| pool.slices_per_region(4))
///     .size(256, |pool| pool.slices_per_region(16).lock(Lock::Off))
///     .build()?;
/// assert_eq!(family.pools()[0].slice_size(), 256); // by rising size
/// let twice = PoolFamily::builder().size(256, |pool| pool).size(256, |pool| pool).build();
/// assert_eq!(twice.unwrap_err().to_string(), "size is 256, allowed is each size once");
/// # Ok::<(), ringport::memory::MemoryError>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct PoolFamilyBuilder {
    pools: Vec<(usize, BufferPoolBuilder)>,
}

impl PoolFamilyBuilder {
    /// Adds a pool with slices of `slice_size` bytes; `settings` gets a builder with the defaults and changes what
    /// it likes, except the slice size.
    pub fn size(
        mut self,
        slice_size: usize,
        settings: impl FnOnce(BufferPoolBuilder) -> BufferPoolBuilder,
    ) -> Self {
        self.pools.push((slice_size, settings(BufferPool::builder()).slice_size(slice_size)));
        self
    }

    /// Makes all the pools.
    ///
    /// # Errors
    /// [`MemoryError::Invalid`] without a size or with the same one twice; else as [`BufferPoolBuilder::build`].
    pub fn build(mut self) -> Result<PoolFamily, MemoryError> {
        self.pools.sort_by_key(|(size, _)| *size);
        let twice = self.pools.windows(2).find_map(|pair| match pair {
            [(first, _), (second, _)] if first == second => Some(*first),
            _ => None,
        });
        if let Some(value) = twice {
            return Err(MemoryError::Invalid { what: "size", value, allowed: "each size once" });
        }
        if self.pools.is_empty() {
            let allowed = "at least 1";
            return Err(MemoryError::Invalid { what: "the number of sizes", value: 0, allowed });
        }
        let pools = self.pools.into_iter().map(|(_, builder)| builder.build());
        Ok(PoolFamily { pools: pools.collect::<Result<_, _>>()? })
    }
}

impl PoolFamily {
    /// A builder without a size.
    pub fn builder() -> PoolFamilyBuilder {
        PoolFamilyBuilder::default()
    }

    /// The pools by rising slice size.
    pub fn pools(&self) -> &[BufferPool] {
        &self.pools
    }

    fn fitting(&self, len: usize) -> Result<&[BufferPool], FamilyError> {
        let first = self.pools.partition_point(|pool| pool.slice_size() < len);
        self.pools.get(first..).filter(|pools| !pools.is_empty()).ok_or_else(|| FamilyError::TooLarge {
            asked: len,
            largest: self.pools.last().map_or(0, BufferPool::slice_size),
        })
    }

    /// Takes an empty buffer of the smallest size that holds `len` bytes.
    ///
    /// # Errors
    /// [`FamilyError::TooLarge`] when no size does, [`FamilyError::Exhausted`] when that pool has none left, even
    /// if larger ones have: so that small messages cannot eat the slices of large ones.
    pub fn take(&self, len: usize) -> Result<BufferMut, FamilyError> {
        self.take_from(self.fitting(len)?.iter().take(1))
    }

    /// The same, but goes on to the next larger size where one is exhausted.
    ///
    /// # Errors
    /// [`FamilyError::TooLarge`] when no size holds `len` bytes, [`FamilyError::Exhausted`] for the smallest size
    /// that does when it and all larger ones are exhausted.
    pub fn take_or_larger(&self, len: usize) -> Result<BufferMut, FamilyError> {
        self.take_from(self.fitting(len)?.iter())
    }

    fn take_from<'a>(&self, pools: impl Iterator<Item = &'a BufferPool>) -> Result<BufferMut, FamilyError> {
        let mut refused = None;
        for pool in pools {
            match pool.take() {
                Ok(buffer) => return Ok(buffer),
                Err(reason) => {
                    refused.get_or_insert(FamilyError::Exhausted { slice_size: pool.slice_size(), reason });
                }
            }
        }
        // There is always at least one pool; a family without any is refused by the builder.
        Err(refused.unwrap_or(FamilyError::TooLarge { asked: 0, largest: 0 }))
    }
}
