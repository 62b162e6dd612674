//! What memory may be had: locked, and in large pages. Both are tried.

use ringport::memory::HugePageState;
use ringport::{BufferPool, HugePages, Lock};
use serde::Serialize;

/// The memory that the tool's own servers lock for a thread.
const LOCKED: usize = 4_780_032;
const SLICE: usize = 2048;

/// Whether memory may be locked, as much as a server takes that asks for nothing else, and whether it may lie in large
/// pages; None: it may, else why not.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Memory {
    pub(super) locked_memory_refusal: Option<String>,
    pub(super) large_pages_refusal: Option<String>,
}

impl Memory {
    pub(super) fn here() -> Memory {
        let pool = || BufferPool::builder().slice_size(SLICE).slices_per_region(LOCKED / SLICE);
        let locked = pool().lock(Lock::Required).build();
        let large = pool().huge_pages(HugePages::Preferred).build();
        Memory {
            locked_memory_refusal: locked.err().map(|error| error.to_string()),
            large_pages_refusal: match large.map(|pool| pool.figures().huge_pages) {
                Ok(HugePageState::Explicit) => None,
                Ok(state) => Some(state.to_string()),
                Err(error) => Some(error.to_string()),
            },
        }
    }
}
