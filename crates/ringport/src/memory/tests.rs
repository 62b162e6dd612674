//! Tests of what only the crate sees; what a user sees is tested in `tests/memory_*.rs`.

mod foreign;
mod headroom;
mod segments;
mod waiting;

use super::{BufferPool, Lock};

fn small_pool(slices: usize, maximum_regions: usize) -> BufferPool {
    let builder = BufferPool::builder().slice_size(64).slices_per_region(slices);
    builder.regions(1..=maximum_regions).lock(Lock::Off).build().unwrap()
}
