//! Receives and sends: accepted or refused.

use ringport::queue::PostError;

use crate::World;
use crate::framework::row::{Table, row};
use crate::rig::{Scene, limits};

pub(super) const TABLE: Table = Table {
    name: "posting",
    title: "Receives and sends",
    rows: &[row!(
        receives_are_limited,
        "A receive beyond the limit is refused, naming the limit.",
        broken by "the refusal is swallowed",
    )],
};

fn receives_are_limited(world: &World) {
    let scene = Scene::new(world, limits(3, 1));
    scene.post(0..3);
    let refused = scene.requests.receive(scene.pool.take(), 3).unwrap_err();
    assert!(matches!(refused.error, PostError::LimitReached { what: "receives", limit: 3 }), "{refused}");
}
