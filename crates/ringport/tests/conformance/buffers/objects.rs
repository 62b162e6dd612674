//! Buffer objects: what they carry, who holds them, and how their slices return.

use std::sync::Barrier;

use super::rig::{Echo, Memory, Plan, allocations, drop_elsewhere, keep, received, share};
use crate::World;
use crate::framework::row::{Table, row};
use crate::rig::{Scene, limits};
use crate::system::sleeps;

pub(super) const TABLE: Table = Table {
    name: "objects",
    title: "Buffer objects",
    rows: &[
        row!(
            a_completion_gives_back_all_of_its_buffer,
            "Region, offset, capacity, filled part and the user's context come back with the completion.",
            broken by "the user's context is lost",
        ),
        row!(
            a_buffer_outlives_its_completion,
            "A buffer can be kept when its completion and its queue are gone, and its slice is its own.",
            broken by "its slice is given back under it",
        ),
        row!(
            the_last_reference_returns_the_slice,
            "Clones and views share one slice, which returns to its pool when the last of them goes.",
            broken by "it returns when the first one goes",
        ),
        row!(
            a_slice_returns_from_any_thread,
            "Slices return to their pool from whichever thread drops them.",
            broken by "those of another thread are kept",
        ),
        row!(
            taking_and_returning_never_sleeps,
            "Threads that take and return slices of one pool never wait for one another.",
            broken by "they take a lock",
            not on windows: "it does not tell how often a thread slept",
        ),
        row!(
            no_datagram_allocates,
            "Once it runs, no receive and no send allocates.",
            broken by "each datagram allocates once",
        ),
    ],
};

fn a_completion_gives_back_all_of_its_buffer(world: &World) {
    let mut scene = Scene::new(world, limits(1, 0));
    let mut slice = scene.pool.take();
    slice.set_context(42);
    let posted = (slice.region(), slice.offset(), slice.capacity());
    scene.requests.receive(slice, 0).unwrap();
    scene.arrive(b"five.");
    let slice = received(scene.take_one());
    assert_eq!((slice.region(), slice.offset(), slice.capacity()), posted);
    assert_eq!((&slice[..], slice.context()), (&b"five."[..], 42));
}

fn a_buffer_outlives_its_completion(world: &World) {
    let mut scene = Scene::new(world, limits(1, 0));
    scene.post(0..1);
    scene.arrive(b"kept");
    let kept = keep(world, scene.take_one());
    let Scene { requests, queue, pool, .. } = scene;
    requests.close();
    queue.close();
    assert_eq!((pool.figures().used, &kept[..]), (1, &b"kept"[..]));
    drop(kept);
    assert_eq!(pool.figures().used, 0);
}

fn the_last_reference_returns_the_slice(world: &World) {
    let memory = Memory::new(world, Plan::default()).unwrap();
    let first = memory.take_with(b"shared by three").unwrap().freeze();
    let second = share(world, &first);
    let third = second.view(10..).unwrap();
    drop((first, second));
    assert_eq!((memory.figures().used, &third[..]), (1, &b"three"[..]));
    drop(third);
    assert_eq!(memory.figures().used, 0);
}

fn a_slice_returns_from_any_thread(world: &World) {
    let memory = Memory::new(world, Plan::default()).unwrap();
    for _ in 0..3 {
        drop_elsewhere(world, memory.take_many(4));
        assert_eq!(memory.figures().free, 4);
    }
}

fn taking_and_returning_never_sleeps(world: &World) {
    const ROUNDS: i64 = 1000;
    const THREADS: usize = 3;
    let memory = Memory::new(world, Plan { slices: 64, ..Plan::default() }).unwrap();
    let pool = memory.hot();
    let begin = Barrier::new(THREADS);
    let work = || {
        begin.wait();
        pool.take_and_return();
        let before = sleeps();
        (0..ROUNDS).for_each(|_| pool.take_and_return());
        sleeps() - before
    };
    let slept: i64 = std::thread::scope(|scope| {
        let threads = [(); THREADS].map(|()| scope.spawn(work));
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    // A few are the kernel's own: a page that another thread is mapping, say.
    assert!(slept < ROUNDS / 50, "they slept {slept} times");
}

fn no_datagram_allocates(world: &World) {
    let mut echo = Echo::new(world);
    (0..40).for_each(|_| echo.exchange());
    let allocated = allocations::during(|| (0..40).for_each(|_| echo.exchange()));
    assert_eq!(allocated, 0, "in 40 datagrams and their answers");
}
