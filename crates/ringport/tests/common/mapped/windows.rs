//! What the system tells of the process's memory.

use windows_sys::Win32::System::Memory::{MEM_COMMIT, MEMORY_BASIC_INFORMATION, VirtualQuery};

/// Whether an address is mapped now.
pub(crate) fn is_mapped(address: usize) -> bool {
    let mut about = MEMORY_BASIC_INFORMATION::default();
    let place = std::ptr::without_provenance(address);
    // SAFETY: `about` is valid for writing; the address is only looked up.
    let written = unsafe { VirtualQuery(place, &mut about, size_of_val(&about)) };
    written != 0 && about.State == MEM_COMMIT
}

/// KiB that are locked: Windows does not tell.
pub(crate) fn locked_by_process() -> Option<usize> {
    None
}
