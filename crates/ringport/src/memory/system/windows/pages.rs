//! Pages from the system: reserved and committed at once, large ones where the program may, from a memory node if
//! wanted.
//!
//! Addresses are given out in steps of 64 KiB, so a smaller region would waste the rest of its last step for ever.

use super::numbers::INVALID;
use super::privilege;
use crate::memory::{HugePageState, MemoryError};
use std::io;
use std::ptr::{NonNull, null};
use windows_sys::Win32::Foundation::ERROR_NOT_SUPPORTED;
use windows_sys::Win32::System::Memory::{
    GetLargePageMinimum, MEM_COMMIT, MEM_LARGE_PAGES, MEM_RELEASE, MEM_RESERVE, PAGE_READWRITE,
    VirtualAllocExNuma, VirtualFree,
};
use windows_sys::Win32::System::SystemInformation::{GetSystemInfo, SYSTEM_INFO};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, GetNumaHighestNodeNumber};

/// Where to look when there are no large pages.
pub(crate) const HUGE_PAGES_HINT: &str = "the user right \"Lock pages in memory\", SeLockMemoryPrivilege";
/// Where the memory nodes are listed.
pub(crate) const NODES_HINT: &str = "they are numbered from 0 (GetNumaHighestNodeNumber names the last one)";
/// Large pages are never paged out and count in no working set.
pub(crate) const HUGE_PAGES_ARE_LOCKED: bool = true;
/// `NUMA_NO_PREFERRED_NODE`: from wherever the calling thread runs.
const NO_NODE: u32 = u32::MAX;

/// What mappings are multiples of.
pub(crate) fn granularity() -> usize {
    system_info().dwAllocationGranularity.max(1) as usize
}

fn system_info() -> SYSTEM_INFO {
    // SAFETY: the structure holds integers and pointers, for which zero is a value.
    let mut info: SYSTEM_INFO = unsafe { std::mem::zeroed() };
    // SAFETY: `info` is valid for writing.
    unsafe { GetSystemInfo(&mut info) };
    info
}

/// The system's size of a large page. Where it has none, [`map`] will be told so.
pub(crate) fn huge_page_size() -> usize {
    // SAFETY: the call takes nothing and returns a number.
    unsafe { GetLargePageMinimum() }.max(granularity())
}

/// Maps `bytes` zeros, in large pages if `huge`, whose pages come from `node` when they come.
pub(crate) fn map(bytes: usize, huge: bool, node: Option<usize>) -> Result<NonNull<u8>, MemoryError> {
    let preferred = node.map_or(Ok(NO_NODE), existing)?;
    let mut kind = MEM_RESERVE | MEM_COMMIT;
    if huge {
        // A refusal need not be looked at: the allocation below is then refused for want of the privilege.
        let _ = privilege::enable_lock_memory();
        kind |= MEM_LARGE_PAGES;
    }
    // SAFETY: new pages at an address of the system's choice touch nothing that exists; the process is this one.
    let base =
        unsafe { VirtualAllocExNuma(GetCurrentProcess(), null(), bytes, kind, PAGE_READWRITE, preferred) };
    NonNull::new(base.cast()).ok_or_else(|| MemoryError::Map { bytes, source: io::Error::last_os_error() })
}

/// The node as the system counts it, if there is one of that number.
fn existing(node: usize) -> Result<u32, MemoryError> {
    let mut highest = 0;
    // SAFETY: `highest` is valid for writing.
    if unsafe { GetNumaHighestNodeNumber(&mut highest) } == 0 {
        return Err(MemoryError::Node { node, source: io::Error::last_os_error() });
    }
    u32::try_from(node)
        .ok()
        .filter(|number| *number <= highest)
        .ok_or_else(|| MemoryError::Node { node, source: io::Error::from_raw_os_error(INVALID) })
}

/// Gives a mapping back.
///
/// # Safety
/// The range is exactly what [`map`] gave, and nobody uses it from now on.
pub(crate) unsafe fn unmap(base: NonNull<u8>, _bytes: usize) {
    // SAFETY: as the caller says; the system knows the length, and wants to be told none.
    unsafe { VirtualFree(base.as_ptr().cast(), 0, MEM_RELEASE) };
}

/// There are no transparent huge pages to ask for; `explicit` is why there are no explicit ones.
pub(crate) fn advise(_base: NonNull<u8>, _bytes: usize, explicit: i32) -> HugePageState {
    HugePageState::Ordinary { explicit, transparent: ERROR_NOT_SUPPORTED as i32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_zero_lie_on_the_granularity_and_can_be_written() {
        let bytes = 3 * granularity();
        for node in [None, Some(0)] {
            let base = map(bytes, false, node).unwrap();
            assert_eq!(base.as_ptr().addr() % granularity(), 0);
            // SAFETY: the mapping has `bytes` bytes, zeroed, and this is their only user.
            let memory = unsafe { std::slice::from_raw_parts_mut(base.as_ptr(), bytes) };
            assert!(memory.iter().all(|byte| *byte == 0));
            memory.fill(7);
            // SAFETY: nobody uses it any more.
            unsafe { unmap(base, bytes) };
        }
    }

    #[test]
    fn a_node_that_does_not_exist_is_named() {
        let refused = map(granularity(), false, Some(1023)).unwrap_err();
        assert!(matches!(refused, MemoryError::Node { node: 1023, .. }), "{refused}");
        assert!(refused.to_string().contains("GetNumaHighestNodeNumber"), "{refused}");
    }

    #[test]
    fn large_pages_come_or_the_reason_does() {
        let bytes = huge_page_size();
        match map(bytes, true, None) {
            // SAFETY: nobody uses it.
            Ok(base) => unsafe { unmap(base, bytes) },
            Err(MemoryError::Map { bytes: asked, source }) => {
                assert_eq!(asked, bytes);
                println!("no large pages: {source}");
            }
            Err(other) => panic!("{other}"),
        }
    }
}
