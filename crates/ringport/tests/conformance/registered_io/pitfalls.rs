//! The fifteen mistakes that users of Registered I/O make, and what they see here.

use ringport::Status;
use ringport::queue::AlreadyArmed;

use crate::World;
use crate::framework::row::{Table, row};
use crate::rig::{Scene, limits};

pub(super) const TABLE: Table = Table {
    name: "pitfalls",
    title: "Fifteen pitfalls",
    rows: &[
        row!(
            arming_twice_is_refused,
            "2. Arming a queue that is armed is an error, and changes nothing.",
            broken by "the refusal is swallowed",
        ),
        row!(
            cut_datagrams_say_so,
            "11. A datagram larger than its slices completes as truncated, with the bytes that were delivered.",
            broken by "the status says success",
        ),
    ],
};

fn arming_twice_is_refused(world: &World) {
    let mut scene = Scene::new(world, limits(1, 0));
    scene.post(0..1);
    scene.queue.notify().unwrap();
    assert_eq!(scene.queue.notify(), Err(AlreadyArmed));
    scene.arrive(b"x");
    scene.fired();
}

fn cut_datagrams_say_so(world: &World) {
    let mut scene = Scene::new(world, limits(2, 0));
    scene.post(0..2);
    scene.arrive(&[1; 257]);
    scene.arrive(&[2; 256]);
    let statuses: Vec<_> = scene.take(2).iter().map(|done| (done.status, done.bytes)).collect();
    assert_eq!(statuses, [(Status::Truncated, 256), (Status::Success, 256)]);
}
