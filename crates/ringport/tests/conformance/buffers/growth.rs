//! Growing by whole regions, and giving them back.

use std::time::Duration;

use super::rig::{Memory, Plan};
use crate::World;
use crate::framework::row::{Table, row};

pub(super) const TABLE: Table = Table {
    name: "growth",
    title: "Growth and release",
    rows: &[
        row!(
            it_starts_with_its_least_regions,
            "A pool starts with the number of regions that is configured.",
            broken by "it starts with one",
        ),
        row!(
            it_grows_by_whole_regions,
            "A pool that runs dry grows by whole regions, up to its maximum.",
            broken by "it does not grow",
        ),
        row!(
            an_unused_region_is_released,
            "A region of which no slice is in use is deregistered and freed.",
            broken by "it is kept",
        ),
        row!(
            a_region_in_use_stays,
            "A region stays while one of its slices is in use.",
            broken by "it is deregistered",
        ),
        row!(
            a_region_is_kept_for_its_time,
            "A region is released only when it was unused for the time that is configured.",
            broken by "it is released at once",
        ),
        row!(
            it_keeps_its_least_regions,
            "Regions are released down to the configured number, and no further.",
            broken by "all but one are released",
        ),
    ],
};

fn it_starts_with_its_least_regions(world: &World) {
    let memory = Memory::new(world, Plan::regions(2..=3)).unwrap();
    let figures = memory.figures();
    assert_eq!((figures.regions, figures.slices, figures.grown), (2, 8, 0));
}

fn it_grows_by_whole_regions(world: &World) {
    let memory = Memory::new(world, Plan::regions(1..=5)).unwrap();
    let one = memory.figures().registered_bytes;
    let _slices = memory.take_many(5);
    let grown = memory.figures();
    assert_eq!((grown.regions, grown.slices, grown.free, grown.grown), (2, 8, 3, 1));
    assert_eq!(grown.registered_bytes, 2 * one);
    let _more = memory.take_many(15);
    assert_eq!((memory.figures().regions, memory.figures().grown), (5, 4));
}

fn an_unused_region_is_released(world: &World) {
    let memory = Memory::new(world, Plan::regions(1..=3)).unwrap();
    let one = memory.figures().registered_bytes;
    drop(memory.take_many(12));
    assert_eq!(memory.trim(), 2);
    let figures = memory.figures();
    assert_eq!((figures.regions, figures.free, figures.released), (1, 4, 2));
    assert_eq!(figures.registered_bytes, one, "its memory was freed");
}

fn a_region_in_use_stays(world: &World) {
    let memory = Memory::new(world, Plan::regions(1..=3)).unwrap();
    // One of the first region, one of the second.
    let mut slices = memory.take_many(8);
    slices.drain(1..7);
    assert_eq!((memory.trim(), memory.figures().regions), (0, 2));
}

fn a_region_is_kept_for_its_time(world: &World) {
    let hour = Plan { release_after: Duration::from_secs(3600), ..Plan::regions(1..=2) };
    let memory = Memory::new(world, hour).unwrap();
    drop(memory.take_many(8));
    assert_eq!((memory.trim(), memory.trim(), memory.figures().regions), (0, 0, 2));
}

fn it_keeps_its_least_regions(world: &World) {
    let memory = Memory::new(world, Plan::regions(3..=4)).unwrap();
    drop(memory.take_many(16));
    assert_eq!(memory.figures().regions, 4);
    memory.trim();
    assert_eq!(memory.figures().regions, 3);
}
