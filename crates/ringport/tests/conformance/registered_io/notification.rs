//! Arming a completion queue, and being told.

use ringport::queue::WaitError;

use crate::World;
use crate::framework::row::{Table, row};
use crate::rig::{Scene, limits};

pub(super) const TABLE: Table = Table {
    name: "notification",
    title: "Notification",
    rows: &[
        row!(
            it_fires_at_the_next_completion,
            "A queue that was armed while it was empty fires at the next completion that notifies.",
            broken by "it does not fire",
        ),
        row!(
            each_arming_notifies_once,
            "One notification comes for each arming, however much completes.",
            broken by "the queue fires without having been armed again",
        ),
    ],
};

fn it_fires_at_the_next_completion(world: &World) {
    let mut scene = Scene::new(world, limits(1, 0));
    scene.post(0..1);
    scene.queue.notify().unwrap();
    scene.arrive(b"x");
    scene.fired();
}

fn each_arming_notifies_once(world: &World) {
    let mut scene = Scene::new(world, limits(2, 0));
    scene.post(0..2);
    (0..2).for_each(|_| scene.arrive(b"x"));
    scene.wait();
    assert!(!scene.queue.is_armed());
    let more = scene.queue.wait(Some(world.patience()));
    assert!(matches!(more, Err(WaitError::NotArmed)), "{more:?}");
}
