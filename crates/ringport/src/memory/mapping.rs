//! One stretch of slices: memory mapped from the system or lent by the caller, locked by policy.
//!
//! A `Mapping` is owned by its region and dropped only when the region is retired, which happens when the region is
//! closed AND its last slice is home (the free list decides that in one atomic step). Unlocking or unmapping under
//! a slice in flight is therefore not a matter of order: there is no such moment.

use super::error::MemoryError;
use super::huge_pages::{HugePageState, HugePages};
use super::lock::{Lock, LockLimitName, LockRefusal};
use super::system::numbers::OUT_OF_MEMORY;
use super::system::{lock, pages};
use std::io;
use std::ptr::NonNull;

/// Where the bytes come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    Mapped,
    Foreign,
}

#[derive(Debug)]
pub(crate) struct Mapping {
    base: NonNull<u8>,
    bytes: usize,
    origin: Origin,
    locked: bool,
    pages: HugePageState,
}

// SAFETY: a mapping is an address range of the process; it may be unmapped from any thread.
unsafe impl Send for Mapping {}

impl Mapping {
    /// Maps at least `bytes`, zeroed, page aligned, in whole pages; they come from `node` when they come, which is
    /// when they are locked.
    pub(crate) fn map(bytes: usize, wish: HugePages, node: Option<usize>) -> Result<Mapping, MemoryError> {
        let mut explicit_error = 0;
        if wish == HugePages::Preferred {
            let rounded = round_up(bytes, pages::huge_page_size())?;
            match pages::map(rounded, true, node) {
                Ok(base) => return Ok(Mapping::mapped(base, rounded, HugePageState::Explicit)),
                Err(MemoryError::Map { source, .. }) => explicit_error = source.raw_os_error().unwrap_or(0),
                Err(other) => return Err(other),
            }
        }
        let rounded = round_up(bytes, pages::granularity())?;
        let base = pages::map(rounded, false, node)?;
        let state = match wish {
            HugePages::Off => HugePageState::Off,
            HugePages::Preferred => pages::advise(base, rounded, explicit_error),
        };
        Ok(Mapping::mapped(base, rounded, state))
    }

    fn mapped(base: NonNull<u8>, bytes: usize, pages: HugePageState) -> Mapping {
        Mapping { base, bytes, origin: Origin::Mapped, locked: false, pages }
    }

    /// Takes over the caller's own memory; it is never freed here.
    pub(crate) fn foreign(base: NonNull<u8>, bytes: usize) -> Mapping {
        Mapping { base, bytes, origin: Origin::Foreign, locked: false, pages: HugePageState::Off }
    }

    /// Locks it as `policy` says. `pool_locked` is what the pool has locked already, `pool_limit` what it may.
    pub(crate) fn lock(
        &mut self,
        policy: Lock,
        pool_locked: usize,
        pool_limit: Option<usize>,
    ) -> Result<(), LockRefusal> {
        if policy == Lock::Off {
            return Ok(());
        }
        if let Some(limit) = pool_limit
            && self.bytes > limit.saturating_sub(pool_locked)
        {
            return Err(LockRefusal::new(LockLimitName::LockedLimit, self.bytes, limit, pool_locked));
        }
        if !self.is_locked_by_nature() {
            lock::lock(self.base, self.bytes)?;
        }
        self.locked = true;
        Ok(())
    }

    fn is_locked_by_nature(&self) -> bool {
        pages::HUGE_PAGES_ARE_LOCKED && self.pages == HugePageState::Explicit
    }

    pub(crate) fn base(&self) -> NonNull<u8> {
        self.base
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn locked_bytes(&self) -> usize {
        if self.locked { self.bytes } else { 0 }
    }

    pub(crate) fn pages(&self) -> HugePageState {
        self.pages
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        if self.locked && !self.is_locked_by_nature() {
            lock::unlock(self.base, self.bytes);
        }
        if self.origin == Origin::Mapped {
            // SAFETY: the range is exactly what was mapped, and no slice of it is out (see the module's header).
            unsafe { pages::unmap(self.base, self.bytes) };
        }
    }
}

fn round_up(bytes: usize, unit: usize) -> Result<usize, MemoryError> {
    bytes
        .checked_next_multiple_of(unit)
        .filter(|rounded| isize::try_from(*rounded).is_ok())
        .ok_or_else(|| MemoryError::Map { bytes, source: io::Error::from_raw_os_error(OUT_OF_MEMORY) })
}
