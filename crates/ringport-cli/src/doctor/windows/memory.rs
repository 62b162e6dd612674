//! What memory may be had: locked, and in large pages. Both are tried.

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
        let refusal = |built: Result<BufferPool, _>| {
            built.err().map(|error: ringport::memory::MemoryError| error.to_string())
        };
        Memory {
            locked_memory_refusal: refusal(pool().lock(Lock::Required).build()),
            large_pages_refusal: refusal(pool().huge_pages(HugePages::Required).build()),
        }
    }
}
