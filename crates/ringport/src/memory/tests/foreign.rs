//! Pools over the caller's own memory.

use crate::memory::HasHeader;
use crate::memory::{BufferPool, BufferPoolBuilder, Lock, MemoryError};

fn builder() -> BufferPoolBuilder {
    BufferPool::builder().slice_size(100).lock(Lock::Off)
}

#[test]
fn slices_lie_in_the_callers_memory_and_keep_clear_of_each_other() {
    let mut memory = vec![0u8; 350];
    let range = memory.as_mut_ptr_range();
    // SAFETY: the vector outlives the pool and is not touched meanwhile.
    let pool = unsafe { builder().build_over(range.start, 350).unwrap() };
    assert_eq!((pool.free(), pool.headroom(), pool.figures().registered_bytes), (3, 0, 350));
    let mut buffers: Vec<_> = (0..3u8).map(|value| pool.take_with(&[value; 100]).unwrap()).collect();
    for buffer in &buffers {
        assert!(range.contains(&buffer.as_ptr().cast_mut()));
        assert_eq!((buffer.headroom(), buffer.name_bytes(), buffer.control_bytes()), (0, &[][..], &[][..]));
    }
    assert!(pool.take().is_err(), "the caller's memory does not grow");
    let region = buffers[0].region();
    buffers.truncate(1);
    pool.deregister(region);
    pool.deregister(region);
    assert!(pool.take().is_err(), "the region is closed");
    assert_eq!((pool.figures().closing_regions, pool.figures().used), (1, 1));
    assert_eq!(&buffers[0][..], &[0; 100], "what is in flight stays");
    drop((buffers, pool));
    assert_eq!((memory[99], memory[100], memory[299], memory[300]), (0, 1, 2, 0));
}

#[test]
fn a_region_holds_65536_slices_and_no_more() {
    let mut memory = vec![0u8; (1 << 16) + 1];
    let builder = || BufferPool::builder().slice_size(1).lock(Lock::Off);
    // SAFETY: the vector outlives the pool and is not touched meanwhile.
    let most = unsafe { builder().build_over(memory.as_mut_ptr(), 1 << 16) };
    assert_eq!(most.unwrap().free(), 1 << 16);
    // SAFETY: nothing is touched, it is refused.
    let refused = unsafe { builder().build_over(memory.as_mut_ptr(), memory.len()) }.unwrap_err();
    assert_eq!(refused.to_string(), "the memory's length is 65537, allowed is at most 65,536 slices");
}

#[test]
fn a_null_address_or_no_length_is_refused() {
    // SAFETY: nothing is touched, both are refused.
    let null = unsafe { builder().build_over(std::ptr::null_mut(), 4096) };
    assert!(matches!(null, Err(MemoryError::Fault { .. })), "{null:?}");
    let mut memory = [0u8; 99];
    for len in [0, 99] {
        // SAFETY: as above.
        let short = unsafe { builder().build_over(memory.as_mut_ptr(), len) };
        assert!(matches!(short, Err(MemoryError::Invalid { value, .. }) if value == len), "{short:?}");
    }
}
