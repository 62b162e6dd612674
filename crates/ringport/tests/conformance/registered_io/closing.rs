//! Closing a socket's request queue while requests are outstanding.

use ringport::Status;

use crate::World;
use crate::framework::row::{Table, row};
use crate::rig::{Scene, limits, tokens};

pub(super) const TABLE: Table = Table {
    name: "closing",
    title: "Closing",
    rows: &[
        row!(
            what_is_outstanding_completes_as_aborted,
            "Every request that is outstanding when its queue is closed completes as aborted, in a queue that lives.",
            broken by "it never completes",
        ),
        row!(
            what_had_finished_keeps_its_data,
            "A request that had finished when its queue was closed completes with its data.",
            broken by "it completes as aborted",
        ),
    ],
};

fn what_is_outstanding_completes_as_aborted(world: &World) {
    let mut scene = Scene::new(world, limits(3, 0));
    scene.post(0..3);
    scene.close_requests();
    let done = scene.take(3);
    assert_eq!(tokens(&done), [0, 1, 2]);
    assert!(done.iter().all(|done| done.status == Status::Aborted), "{done:?}");
    drop(done);
    assert_eq!(scene.pool.figures().used, 0);
}

fn what_had_finished_keeps_its_data(world: &World) {
    let mut scene = Scene::new(world, limits(2, 0));
    scene.post(0..2);
    scene.arrive(b"in time");
    scene.wait();
    scene.close_requests();
    let first = scene.take_one();
    assert_eq!((first.token, first.status, first.content()), (0, Status::Success, b"in time".to_vec()));
}
