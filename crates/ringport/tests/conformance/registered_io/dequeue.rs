//! Taking results out of a completion queue.

use crate::World;
use crate::framework::row::{Table, row};
use crate::rig::{Requests, Scene, SendAs, bound, limits, tokens};

pub(super) const TABLE: Table = Table {
    name: "dequeue",
    title: "Dequeue",
    rows: &[row!(
        results_come_in_the_order_they_completed,
        "Results come in the order they completed, whichever socket they belong to.",
        broken by "two results of different sockets change places",
    )],
};

fn results_come_in_the_order_they_completed(world: &World) {
    let mut scene = Scene::new(world, limits(0, 8));
    scene.queue.resize(16).unwrap();
    let other = Requests::new(world, &bound(), &scene.queue, &scene.queue, limits(0, 8), 78).unwrap();
    let to = SendAs::to(scene.client_address());
    for token in 0..8 {
        let requests = if token % 3 == 0 { &other } else { &scene.requests };
        requests.send_as(to, scene.pool.filled(b"x"), token).unwrap();
        scene.reply();
    }
    assert_eq!(tokens(&scene.take(8)), (0..8).collect::<Vec<_>>());
}
