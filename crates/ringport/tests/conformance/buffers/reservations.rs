//! Reserving for one connection what it may ever need.

use ringport::memory::ReservedTakeError;

use super::rig::{Door, Memory, Plan, Reserve};
use crate::World;
use crate::framework::row::{Table, row};

pub(super) const TABLE: Table = Table {
    name: "reservations",
    title: "Reservations for connections",
    rows: &[
        row!(
            a_reserve_takes_no_slice,
            "A reserve is a promise: no slice is set aside for it, and the pool does not grow for it.",
            broken by "its slices are taken",
        ),
        row!(
            what_cannot_be_had_is_refused,
            "A reserve that the pool can never have is refused with what was asked, what is reserved and what there can be.",
            broken by "nothing is reserved, and the connection is let in",
        ),
        row!(
            a_connection_keeps_to_its_reserve,
            "A connection that holds all of its reserve is refused another slice.",
            broken by "it gets one of the pool",
        ),
        row!(
            established_connections_never_starve,
            "A connection gets every slice of its reserve, whatever others take.",
            broken by "others take what was promised to it",
        ),
        row!(
            a_reserve_ends_with_its_connection,
            "What a connection had reserved can be reserved anew when it has ended.",
            broken by "it is lost",
        ),
        row!(
            a_refusal_at_the_door_is_counted,
            "A server refuses and counts the connection for which there is no reserve, and those before it are served.",
            broken by "it is not counted",
        ),
    ],
};

/// Eight slices, when it has grown.
fn eight(world: &World) -> Memory {
    Memory::new(world, Plan::regions(1..=2)).unwrap()
}

fn a_reserve_takes_no_slice(world: &World) {
    let memory = eight(world);
    let _reserve = Reserve::new(world, &memory, 5).unwrap();
    let figures = memory.figures();
    assert_eq!((figures.reserved, figures.used, figures.regions), (5, 0, 1));
}

fn what_cannot_be_had_is_refused(world: &World) {
    let memory = eight(world);
    let _reserve = Reserve::new(world, &memory, 6).unwrap();
    let refused = Reserve::new(world, &memory, 3).err().expect("more was promised than there can be");
    assert_eq!((refused.asked, refused.reserved, refused.capacity), (3, 6, 8));
    Reserve::new(world, &memory, 2).expect("so much can be had");
}

fn a_connection_keeps_to_its_reserve(world: &World) {
    let memory = eight(world);
    let mut reserve = Reserve::new(world, &memory, 2).unwrap();
    let _held = [reserve.take().unwrap(), reserve.take().unwrap()];
    let refused = reserve.take().unwrap_err();
    assert!(matches!(refused, ReservedTakeError::Quota(error) if (error.held, error.quota) == (2, 2)));
}

fn established_connections_never_starve(world: &World) {
    let memory = eight(world);
    let mut quiet = Reserve::new(world, &memory, 4).unwrap();
    let mut greedy = Reserve::new(world, &memory, 4).unwrap();
    let taken = greedy.take_all();
    let held: Vec<_> = (0..4).map_while(|_| quiet.take().ok()).collect();
    assert_eq!((held.len(), taken.len()), (4, 4));
}

fn a_reserve_ends_with_its_connection(world: &World) {
    let memory = eight(world);
    Reserve::new(world, &memory, 8).unwrap().end();
    Reserve::new(world, &memory, 8).expect("all of it can be had again").end();
}

fn a_refusal_at_the_door_is_counted(world: &World) {
    let door = Door::new(world, 2);
    let inside = [door.connect(), door.connect()];
    assert!(inside.iter().all(|stream| door.serves(stream)));
    let outside = door.connect();
    assert!(!door.serves(&outside), "there was no reserve for it");
    world.until("the refusal to be counted", || (door.refused() == 1).then_some(()));
    assert!(inside.iter().all(|stream| door.serves(stream)));
}
