//! Families of pools: the smallest slice that fits.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use ringport::memory::{FamilyError, MemoryError};
use ringport::{Lock, PoolFamily};

fn family() -> PoolFamily {
    PoolFamily::builder()
        .size(2048, |pool| pool.slices_per_region(2).regions(1..=1).lock(Lock::Off))
        .size(256, |pool| pool.slice_size(9).slices_per_region(1).regions(1..=1).lock(Lock::Off))
        .build()
        .unwrap()
}

#[test]
fn the_smallest_that_fits_is_taken() {
    let family = family();
    for (len, capacity) in [(0, 256), (256, 256), (257, 2048), (2048, 2048)] {
        assert_eq!(family.take(len).unwrap().capacity(), capacity, "for {len} bytes");
    }
    let error = family.take(2049).unwrap_err();
    assert_eq!(error, FamilyError::TooLarge { asked: 2049, largest: 2048 });
    assert!(family.take_or_larger(2049).is_err());
    assert_eq!(family.pools().len(), 2);
}

#[test]
fn an_exhausted_size_is_named_and_larger_ones_only_used_on_request() {
    let family = family();
    let _small = family.take(10).unwrap();
    let error = family.take(10).unwrap_err();
    assert!(matches!(error, FamilyError::Exhausted { slice_size: 256, .. }), "{error}");
    let larger = [family.take_or_larger(10).unwrap(), family.take_or_larger(10).unwrap()];
    assert!(larger.iter().all(|buffer| buffer.capacity() == 2048));
    let error = family.take_or_larger(10).unwrap_err();
    assert!(matches!(error, FamilyError::Exhausted { slice_size: 256, .. }), "{error}");
}

#[test]
fn a_family_without_sizes_or_with_one_twice_is_refused() {
    let none = PoolFamily::builder().build().unwrap_err();
    let twice = PoolFamily::builder().size(64, |pool| pool).size(64, |pool| pool).build().unwrap_err();
    assert!(matches!(none, MemoryError::Invalid { value: 0, .. }), "{none}");
    assert!(matches!(twice, MemoryError::Invalid { value: 64, .. }), "{twice}");
}
