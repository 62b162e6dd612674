//! Regions: whole pages, shared by their slices.

use std::collections::HashSet;

use ringport::memory::{HugePageState, MemoryError};
use ringport::{HugePages, Lock};

use super::rig::{Memory, Plan, allocations};
use crate::World;
use crate::framework::row::{Table, row};
use crate::system::page;

pub(super) const TABLE: Table = Table {
    name: "regions",
    title: "Regions",
    rows: &[
        row!(
            a_region_is_whole_pages,
            "A region begins with a page and is a whole number of pages long.",
            broken by "it begins within a page",
        ),
        row!(
            small_slices_share_their_pages,
            "A hundred slices of 1 KiB lock no hundred pages.",
            broken by "each slice is registered by itself",
        ),
        row!(
            a_region_is_two_blocks,
            "Buffer objects are one block and slices another, however many there are: a larger region needs no more allocations.",
            broken by "each buffer object is allocated by itself",
        ),
        row!(
            huge_pages_are_an_option,
            "Huge pages are asked for on request, and the figures tell what came of it.",
            broken by "the option is ignored",
        ),
        row!(
            a_memory_node_is_an_option,
            "Memory is asked for on the node that is named, and a node that does not exist is refused.",
            broken by "the option is ignored",
        ),
    ],
};

fn a_region_is_whole_pages(world: &World) {
    for slices in [1, 7, 100] {
        let memory = Memory::new(world, Plan { slices, ..Plan::default() }).unwrap();
        let slice = memory.take().unwrap();
        assert_eq!(memory.start_of(&slice) % page(), 0, "where it begins");
        assert_eq!(memory.figures().registered_bytes % page(), 0, "how long it is");
    }
}

fn small_slices_share_their_pages(world: &World) {
    let plan = Plan { slice_size: 1024, slices: 100, lock: Lock::Preferred, ..Plan::default() };
    let memory = Memory::new(world, plan).unwrap();
    let figures = memory.figures();
    assert_eq!(figures.slices, 100);
    // With the room for the kernel before each of them, rounded up to pages once.
    assert!(figures.registered_bytes <= 100 * 1280 + page(), "{} bytes", figures.registered_bytes);
    assert!(figures.locked_bytes <= figures.registered_bytes);
    let places: HashSet<usize> = memory.take_many(100).iter().map(|slice| slice.offset()).collect();
    assert!(places.len() == 100 && places.iter().all(|place| place % 64 == 0), "{places:?}");
}

fn a_region_is_two_blocks(world: &World) {
    let [few, many] = [4, 4096].map(|slices| {
        let mut kept = None;
        let plan = Plan { slices, ..Plan::default() };
        allocations::during(|| kept = Some(Memory::new(world, plan).unwrap()))
    });
    assert_eq!(few, many, "the larger region was allocated in more pieces");
}

fn huge_pages_are_an_option(world: &World) {
    let plan = |huge_pages| Plan { slices: 64, huge_pages, ..Plan::default() };
    let ordinary = Memory::new(world, plan(HugePages::Off)).unwrap();
    assert_eq!(ordinary.figures().huge_pages, HugePageState::Off);
    let huge = Memory::new(world, plan(HugePages::Preferred)).unwrap();
    assert_ne!(huge.figures().huge_pages, HugePageState::Off, "nobody asked for them");
    huge.take_with(b"of use").unwrap();
}

fn a_memory_node_is_an_option(world: &World) {
    let on = |node| Memory::new(world, Plan { node: Some(node), ..Plan::default() });
    match on(0) {
        Ok(memory) => _ = memory.take_with(b"of use").unwrap(),
        // A kernel that knows no nodes knows no node 0.
        Err(refused) => assert!(matches!(refused, MemoryError::Node { node: 0, .. }), "{refused}"),
    }
    let refused = on(1023).err().expect("no machine has a thousand nodes");
    assert!(matches!(refused, MemoryError::Node { node: 1023, .. }), "{refused}");
}
