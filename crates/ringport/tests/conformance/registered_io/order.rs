//! In which order things happen.

use crate::World;
use crate::framework::row::{Table, row};
use crate::rig::{Scene, limits};

pub(super) const TABLE: Table = Table {
    name: "order",
    title: "Order",
    rows: &[
        row!(
            receives_fill_in_the_order_of_posting,
            "Datagrams fill the receives of a socket in the order they were posted.",
            broken by "two of them change places",
        ),
        row!(
            sends_leave_in_the_order_of_posting,
            "The sends of a queue leave in the order they were posted.",
            broken by "two of them change places",
        ),
    ],
};

fn receives_fill_in_the_order_of_posting(world: &World) {
    let mut scene = Scene::new(world, limits(16, 0));
    scene.post(0..16);
    (0..16).for_each(|number| scene.arrive(&[number]));
    for done in scene.take(16) {
        assert_eq!(done.content(), [done.token as u8]);
    }
}

fn sends_leave_in_the_order_of_posting(world: &World) {
    let scene = Scene::new(world, limits(0, 16));
    (0..16).for_each(|number| scene.send(&[number], u64::from(number)));
    (0..16).for_each(|number| assert_eq!(scene.reply(), [number]));
}
