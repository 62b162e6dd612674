//! Slices of fixed sizes, and families of them.

use ringport::memory::{FamilyError, TakeError};

use super::rig::{Family, Memory, Plan};
use crate::World;
use crate::framework::row::{Table, elsewhere, row};

pub(super) const TABLE: Table = Table {
    name: "sizes",
    title: "Fixed sizes",
    rows: &[
        row!(
            more_than_a_slice_holds_is_refused,
            "All slices of a pool have one size, and more bytes are refused with what was asked and what is held.",
            broken by "the bytes are cut short",
        ),
        row!(
            the_smallest_that_fits_is_taken,
            "A family takes the smallest slice that fits.",
            broken by "it takes the largest",
        ),
        row!(
            a_size_does_not_eat_the_larger_ones,
            "A size that has run dry is named, and those above it are left alone.",
            broken by "a larger slice is taken",
        ),
        row!(
            what_fits_no_size_is_refused,
            "What fits no size of a family is refused with what was asked and the largest size.",
            broken by "the largest slice is taken",
        ),
        elsewhere!(
            no_allocator,
            "There is no general allocator over registered memory.",
            "it is left out on purpose, so there is nothing to call",
        ),
    ],
};

fn more_than_a_slice_holds_is_refused(world: &World) {
    let memory = Memory::new(world, Plan::default()).unwrap();
    assert!(memory.take_many(4).iter().all(|slice| slice.capacity() == 100));
    let refused = memory.take_with(&[1; 101]).unwrap_err();
    let TakeError::TooLong(error) = refused else { panic!("{refused}") };
    assert_eq!((error.asked, error.capacity), (101, 100));
}

fn the_smallest_that_fits_is_taken(world: &World) {
    let family = Family::new(world, &[2048, 64, 256]);
    for (bytes, size) in [(65, 256), (64, 64), (257, 2048)] {
        assert_eq!(family.take(bytes).unwrap().capacity(), size, "for {bytes} bytes");
    }
}

fn a_size_does_not_eat_the_larger_ones(world: &World) {
    let family = Family::new(world, &[128, 256]);
    let _held = family.take(128).unwrap();
    let refused = family.take(128).unwrap_err();
    assert!(matches!(refused, FamilyError::Exhausted { slice_size: 128, .. }), "{refused}");
    assert_eq!(family.take(256).unwrap().capacity(), 256);
}

fn what_fits_no_size_is_refused(world: &World) {
    let refused = Family::new(world, &[64, 256]).take(257).unwrap_err();
    assert_eq!(refused, FamilyError::TooLarge { asked: 257, largest: 256 });
}
