//! Registering memory and taking it back.

use ringport::memory::MemoryError;

use crate::World;
use crate::framework::row::{Table, row};
use crate::rig::Pool;

pub(super) const TABLE: Table = Table {
    name: "memory",
    title: "Registered memory",
    rows: &[row!(
        an_empty_range_is_refused,
        "Registering nothing is an error that names what is wrong.",
        broken by "one byte is registered instead",
    )],
};

fn an_empty_range_is_refused(world: &World) {
    let refused = Pool::new(world, 0, 4).err().expect("slices of no bytes were made");
    assert!(matches!(refused, MemoryError::Invalid { .. }), "{refused}");
}
