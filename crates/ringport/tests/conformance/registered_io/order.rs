//! In which order things happen.

use std::io::Read;

use crate::World;
use crate::framework::row::{Table, row};
use crate::rig::{Scene, SendAs, limits};

use super::streams::Stage;

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
        row!(
            bytes_of_a_stream_fill_receives_in_the_order_of_posting,
            "With several receives pending on one stream, its bytes fill them in the order they were posted.",
            broken by "two of them change places",
        ),
        row!(
            sends_of_a_stream_leave_in_the_order_of_posting,
            "The sends of a stream leave in the order they were posted.",
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

fn bytes_of_a_stream_fill_receives_in_the_order_of_posting(world: &World) {
    let mut stage = Stage::new(world);
    stage.post(0..4);
    let sent: Vec<u8> = (0..4 * 256u16).map(|number| (number / 4) as u8).collect();
    stage.arrive(&sent);
    let mut done = stage.take(4);
    done.sort_by_key(|done| done.token);
    let received: Vec<u8> = done.iter().flat_map(|done| done.content()).collect();
    assert!(received == sent, "the bytes are in another order");
}

fn sends_of_a_stream_leave_in_the_order_of_posting(world: &World) {
    let mut stage = Stage::new(world);
    for number in 0..6 {
        stage.requests.send_as(SendAs::default(), stage.pool.filled(&[number]), u64::from(number)).unwrap();
    }
    let mut bytes = [9; 6];
    stage.peer.read_exact(&mut bytes).unwrap();
    assert_eq!(bytes, [0, 1, 2, 3, 4, 5]);
}
