//! Pages from the kernel: anonymous mappings, huge ones where some are reserved, from a memory node if wanted.

use super::numa;
use crate::memory::{HugePageState, MemoryError};
use std::io;
use std::ptr::NonNull;

/// Where to look when there are no explicit huge pages.
pub(crate) const HUGE_PAGES_HINT: &str = "vm.nr_hugepages";
/// Where the memory nodes are listed.
pub(crate) const NODES_HINT: &str = "/sys/devices/system/node/online lists the nodes";
/// Locking counts for explicit huge pages as for others.
pub(crate) const HUGE_PAGES_ARE_LOCKED: bool = false;

/// What mappings are multiples of.
pub(crate) fn granularity() -> usize {
    // SAFETY: sysconf only reads a constant of the system.
    usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(4096).max(1)
}

/// The system's size of an explicit huge page.
pub(crate) fn huge_page_size() -> usize {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("Hugepagesize:"));
    let kilobytes = line.and_then(|rest| rest.trim().trim_end_matches("kB").trim().parse::<usize>().ok());
    kilobytes.filter(|kilobytes| *kilobytes > 0).unwrap_or(2048).saturating_mul(1024)
}

/// Maps `bytes` zeros, in explicit huge pages if `huge`, whose pages come from `node` when they come.
pub(crate) fn map(bytes: usize, huge: bool, node: Option<usize>) -> Result<NonNull<u8>, MemoryError> {
    let more = if huge { libc::MAP_HUGETLB } else { 0 };
    let base = anonymous(bytes, more).map_err(|source| MemoryError::Map { bytes, source })?;
    if let Some(node) = node
        && let Err(source) = numa::prefer(base, bytes, node)
    {
        // SAFETY: the range was mapped just now and nobody knows of it.
        unsafe { unmap(base, bytes) };
        return Err(MemoryError::Node { node, source });
    }
    Ok(base)
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

/// Gives a mapping back.
///
/// # Safety
/// The range is exactly what [`map`] gave, and nobody uses it from now on.
pub(crate) unsafe fn unmap(base: NonNull<u8>, bytes: usize) {
    // SAFETY: as the caller says.
    unsafe { libc::munmap(base.as_ptr().cast(), bytes) };
}

/// Asks for transparent huge pages in a fresh mapping; `explicit` is why there are no explicit ones.
pub(crate) fn advise(base: NonNull<u8>, bytes: usize, explicit: i32) -> HugePageState {
    // SAFETY: the advice changes how the range is backed, never what it holds.
    if unsafe { libc::madvise(base.as_ptr().cast(), bytes, libc::MADV_HUGEPAGE) } == 0 {
        return HugePageState::Transparent { explicit };
    }
    let transparent = io::Error::last_os_error().raw_os_error().unwrap_or(0);
    HugePageState::Ordinary { explicit, transparent }
}
