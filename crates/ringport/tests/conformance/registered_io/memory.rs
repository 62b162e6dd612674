//! Registering memory and taking it back.

use ringport::memory::MemoryError;

use crate::World;
use crate::framework::row::{Table, row};
use crate::rig::{Pool, Scene, limits};

pub(super) const TABLE: Table = Table {
    name: "memory",
    title: "Registered memory",
    rows: &[
        row!(
            one_registration_serves_many_slices,
            "Memory is registered once, and every slice of it is used by offset.",
            broken by "one slice has a registration of its own",
        ),
        row!(
            an_empty_range_is_refused,
            "Registering nothing is an error that names what is wrong.",
            broken by "one byte is registered instead",
        ),
        row!(
            no_address_is_refused,
            "Registering memory that is nowhere is a fault.",
            broken by "other memory is registered instead",
        ),
        row!(
            an_unknown_id_is_ignored,
            "Deregistering an id that is not registered any more does nothing.",
            broken by "it closes the region that is in use",
        ),
        row!(
            a_stale_id_fails,
            "Whoever uses the id of a deregistered region gets a fault.",
            broken by "the fault is swallowed",
        ),
        row!(
            a_range_outside_its_region_fails,
            "A slice that leaves its region is a fault.",
            broken by "the fault is swallowed",
        ),
        row!(
            memory_in_flight_stays,
            "A region that is deregistered under a posted receive stays until the kernel is done with it.",
            broken by "its pages are replaced by zeroes",
        ),
    ],
};

fn one_registration_serves_many_slices(world: &World) {
    let pool = Pool::new(world, 256, 16).unwrap();
    let slices: Vec<_> = (0..16).map(|_| pool.take()).collect();
    let start = |slice: &ringport::BufferMut| slice.as_ptr() as usize - slice.offset();
    assert!(slices.iter().all(|slice| start(slice) == start(&slices[0])), "a slice of other memory");
    assert_eq!(pool.figures().regions, 1);
}

fn an_empty_range_is_refused(world: &World) {
    let refused = Pool::new(world, 0, 4).err().expect("slices of no bytes were made");
    assert!(matches!(refused, MemoryError::Invalid { .. }), "{refused}");
}

fn no_address_is_refused(world: &World) {
    let refused = Pool::at_no_address(world, 4096).err().expect("memory that is nowhere was registered");
    assert!(matches!(refused, MemoryError::Fault { .. }), "{refused}");
}

fn an_unknown_id_is_ignored(world: &World) {
    let pool = Pool::new(world, 256, 4).unwrap();
    let old = pool.take().region();
    pool.deregister(old);
    let region = pool.take().region();
    assert_ne!(region, old, "the pool made no new region");
    pool.deregister(old);
    pool.resolve(region, 0, 1).expect("the region in use was closed");
}

fn a_stale_id_fails(world: &World) {
    let pool = Pool::new(world, 256, 4).unwrap();
    let slice = pool.take();
    pool.resolve(slice.region(), slice.offset(), 256).unwrap();
    pool.deregister(slice.region());
    let refused = pool.resolve(slice.region(), slice.offset(), 256).unwrap_err();
    assert!(matches!(refused, MemoryError::Fault { .. }), "{refused}");
}

fn a_range_outside_its_region_fails(world: &World) {
    let pool = Pool::new(world, 256, 4).unwrap();
    let slice = pool.take();
    for (offset, length) in [(slice.offset(), 1 << 30), (1 << 30, 1), (usize::MAX, 2)] {
        let refused = pool.resolve(slice.region(), offset, length).unwrap_err();
        assert!(matches!(refused, MemoryError::Fault { .. }), "{refused}");
    }
}

fn memory_in_flight_stays(world: &World) {
    let mut scene = Scene::new(world, limits(1, 0));
    let slice = scene.pool.take();
    let region = slice.region();
    scene.requests.receive(slice, 0).unwrap();
    assert!(scene.queue.dequeue(8).is_empty());
    scene.pool.deregister(region);
    scene.arrive(b"still there");
    assert_eq!(scene.take_one().content(), b"still there");
}
