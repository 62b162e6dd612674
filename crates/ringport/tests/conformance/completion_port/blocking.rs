//! Threads that block: others go on in their place.

use super::rig::{Port, Worker};
use crate::World;
use crate::framework::row::{Table, row};

pub(super) const TABLE: Table = Table {
    name: "blocking",
    title: "A running thread blocks",
    rows: &[
        row!(
            a_declared_scope_hands_the_place_on,
            "A thread that declares that it blocks hands its place to another at once.",
            broken by "the declaration is ignored",
            not on windows: "Windows counts the threads itself; `tests/port/windows.rs` asks a real machine, and Wine has no limit",
        ),
        row!(
            a_thread_that_blocks_is_noticed,
            "A thread that blocks without a word is found by the port, and another is released.",
            broken by "nobody looks",
            not on windows: "Windows counts the threads itself; `tests/port/windows.rs` asks a real machine, and Wine has no limit",
        ),
        row!(
            one_that_returns_exceeds_the_limit,
            "A thread that comes back exceeds the limit, until the next wait of any.",
            broken by "the figures hide it",
            not on windows: "Windows counts the threads itself; `tests/port/windows.rs` asks a real machine, and Wine has no limit",
        ),
    ],
};

/// A port at its limit by the calling thread and those that come last; another that waits, and a packet for it.
fn with_another(world: &World, limit: usize) -> (Port, Worker, Vec<Worker>) {
    let port = Port::new(world, limit);
    (0..limit).for_each(|_| port.post(0, 0).unwrap());
    assert_eq!(port.posted(), (0, 0));
    let running: Vec<_> = (1..limit).map(|_| Worker::new(&port)).collect();
    for worker in &running {
        worker.wait();
        assert_eq!(worker.packet(), (0, 0));
    }
    let other = Worker::waiting(&port);
    port.post(0, 1).unwrap();
    assert!(other.is_silent());
    (port, other, running)
}

fn a_declared_scope_hands_the_place_on(world: &World) {
    let (port, other, _running) = with_another(world, 2);
    port.blocking(|| {
        // Were the place not handed on, the packet would wait for this thread, and this thread for the packet.
        assert_eq!(other.packet(), (0, 1));
        assert_eq!((port.counters().running, port.counters().blocked), (2, 1));
    });
}

fn a_thread_that_blocks_is_noticed(world: &World) {
    let port = Port::watched(world, 1);
    let (second, first) = (Worker::waiting(&port), Worker::waiting(&port));
    port.post(0, 1).unwrap();
    assert_eq!(first.packet(), (0, 1));
    // It sleeps now, for its next order, and has told nobody.
    port.post(0, 2).unwrap();
    assert_eq!(second.packet(), (0, 2));
    assert!(port.counters().released_by_monitor > 0);
}

fn one_that_returns_exceeds_the_limit(world: &World) {
    let (port, other, _) = with_another(world, 1);
    port.blocking(|| world.until("the other thread to run", || (port.counters().queued == 0).then_some(())));
    assert_eq!(port.counters().running, 2);
    other.packet();
    other.wait_asleep();
    assert_eq!(port.counters().running, 1);
}
