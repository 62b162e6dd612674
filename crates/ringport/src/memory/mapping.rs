//! One stretch of slices: memory mapped from the system or lent by the caller, locked by policy.
//!
//! A `Mapping` is owned by its region and dropped only when the region is retired, which happens when the region is
//! closed AND its last slice is home (the free list decides that in one atomic step). Unlocking or unmapping under
//! a slice in flight is therefore not a matter of order: there is no such moment.

use super::error::MemoryError;
use super::huge_pages::{self, HugePageState, HugePages};
use super::lock::{self, Lock, LockLimitName, LockRefusal};
use super::numa;
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
    /// Maps at least `bytes`, zeroed, page aligned, in whole pages.
    pub(crate) fn map(bytes: usize, wish: HugePages) -> Result<Mapping, MemoryError> {
        let mut explicit_error = 0;
        if wish == HugePages::Preferred {
            let page = huge_pages::size();
            let rounded = round_up(bytes, page)?;
            match anonymous(rounded, libc::MAP_HUGETLB) {
                Ok(base) => return Ok(Mapping::mapped(base, rounded, HugePageState::Explicit)),
                Err(error) => explicit_error = error.raw_os_error().unwrap_or(0),
            }
        }
        let rounded = round_up(bytes, page_size())?;
        let base = anonymous(rounded, 0).map_err(|source| MemoryError::Map { bytes: rounded, source })?;
        let pages = match wish {
            HugePages::Off => HugePageState::Off,
            HugePages::Preferred => huge_pages::advise(base, rounded, explicit_error),
        };
        Ok(Mapping::mapped(base, rounded, pages))
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
        lock::lock(self.base, self.bytes)?;
        self.locked = true;
        Ok(())
    }

    /// Lets the pages come from a memory node; before they are locked, which is when they come.
    pub(crate) fn prefer_node(&self, node: usize) -> Result<(), MemoryError> {
        numa::prefer(self.base, self.bytes, node).map_err(|source| MemoryError::Node { node, source })
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
        if self.locked {
            lock::unlock(self.base, self.bytes);
        }
        if self.origin == Origin::Mapped {
            // SAFETY: the range is exactly what mmap gave, and no slice of it is out (see the module's header).
            unsafe { libc::munmap(self.base.as_ptr().cast(), self.bytes) };
        }
    }
}

fn anonymous(bytes: usize, more: libc::c_int) -> io::Result<NonNull<u8>> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | more;
    let access = libc::PROT_READ | libc::PROT_WRITE;
    // SAFETY: a new anonymous mapping at an address of the system's choice touches nothing that exists.
    let base = unsafe { libc::mmap(std::ptr::null_mut(), bytes, access, flags, -1, 0) };
    if base == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    NonNull::new(base.cast()).ok_or_else(|| io::Error::from_raw_os_error(libc::ENOMEM))
}

fn page_size() -> usize {
    // SAFETY: sysconf only reads a constant of the system.
    usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(4096).max(1)
}

fn round_up(bytes: usize, unit: usize) -> Result<usize, MemoryError> {
    bytes
        .checked_next_multiple_of(unit)
        .filter(|rounded| isize::try_from(*rounded).is_ok())
        .ok_or_else(|| MemoryError::Map { bytes, source: io::Error::from_raw_os_error(libc::ENOMEM) })
}
