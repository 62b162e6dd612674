//! A pool that runs dry, which is nothing out of the ordinary.

use std::time::Duration;

use ringport::memory::TakeError;
use ringport::queue::PostError;
use ringport::{Chain, WaitOutcome};

use super::rig::{Memory, Plan, give_back};
use crate::World;
use crate::framework::row::{Table, row};
use crate::rig::{Pool, Scene, SendAs, limits};

pub(super) const TABLE: Table = Table {
    name: "exhaustion",
    title: "Exhaustion",
    rows: &[
        row!(
            a_receive_without_a_slice_waits,
            "A receive that finds no slice is posted all the same, waits, and is counted.",
            broken by "it is not counted",
        ),
        row!(
            a_slice_that_returns_wakes_the_receive,
            "The thread that returns a slice arms the receive that waits for it, and wakes whoever sleeps for its result.",
            broken by "the slice does not return",
        ),
        row!(
            no_timer_runs_meanwhile,
            "While receives wait for slices, nothing looks again and again.",
            broken by "a timer looks each millisecond",
        ),
        row!(
            no_error_comes_meanwhile,
            "While receives wait for slices, none of them completes, however often the queue is looked at.",
            broken by "one in a hundred looks finds an error",
        ),
        row!(
            a_take_is_refused_by_type,
            "Who takes from a dry pool is told so by a type of its own, and the data is still with the caller.",
            broken by "a slice of another pool is given",
        ),
        row!(
            a_send_is_refused_with_its_data,
            "A send for which there is no room is refused, and all its slices come back as they were.",
            broken by "the first slice is kept",
        ),
    ],
};

/// A scene with one slice, which is taken, and a receive that waits for it.
fn dry(world: &World) -> (Scene, ringport::BufferMut) {
    let mut scene = Scene::new(world, limits(2, 0));
    scene.pool = Pool::new(world, 256, 1).unwrap();
    let slice = scene.pool.take();
    scene.requests.receive_when_free(&scene.pool, 5).unwrap();
    scene.arrive(b"patience");
    (scene, slice)
}

fn a_receive_without_a_slice_waits(world: &World) {
    let (scene, _slice) = dry(world);
    let outstanding = scene.requests.outstanding();
    assert_eq!((outstanding.receives, outstanding.starved), (1, 1));
}

fn a_slice_that_returns_wakes_the_receive(world: &World) {
    let (mut scene, slice) = dry(world);
    scene.queue.notify().unwrap();
    scene.stays_quiet();
    give_back(world, slice);
    scene.fired();
    let done = scene.take_one();
    assert_eq!((done.token, done.content()), (5, b"patience".to_vec()));
}

fn no_timer_runs_meanwhile(world: &World) {
    let (mut scene, _slice) = dry(world);
    scene.queue.notify().unwrap();
    let before = scene.queue.system_calls();
    assert_eq!(scene.queue.wait(Some(Duration::from_millis(12))).unwrap(), WaitOutcome::TimedOut);
    let calls = scene.queue.system_calls() - before;
    assert!(calls <= 3, "{calls} calls of the system");
}

fn no_error_comes_meanwhile(world: &World) {
    let (mut scene, _slice) = dry(world);
    for look in 0..300 {
        assert!(scene.queue.dequeue(8).is_empty(), "look {look}");
    }
}

fn a_take_is_refused_by_type(world: &World) {
    let memory = Memory::new(world, Plan::default()).unwrap();
    let _slices = memory.take_many(4);
    let refused = memory.take_with(b"to be sent").unwrap_err();
    assert!(matches!(refused, TakeError::Exhausted(_)), "{refused}");
}

fn a_send_is_refused_with_its_data(world: &World) {
    let scene = Scene::new(world, limits(0, 1));
    let to = SendAs::to(scene.client_address());
    scene.requests.send_as(to, scene.pool.filled(b"in the way"), 0).unwrap();
    let chain: Chain =
        [&b"all "[..], b"of it"].map(|part| scene.pool.filled(part).freeze()).into_iter().collect();
    let refused = scene.requests.send_as(to, chain, 1).unwrap_err();
    assert!(matches!(refused.error, PostError::LimitReached { limit: 1, .. }), "{refused}");
    assert_eq!(refused.buffer.to_vec(), b"all of it");
}
