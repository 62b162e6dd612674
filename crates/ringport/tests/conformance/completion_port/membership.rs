//! Which threads belong to a port.

use super::rig::{Port, Worker};
use crate::World;
use crate::framework::row::{Table, row};

pub(super) const TABLE: Table = Table {
    name: "membership",
    title: "A thread belongs to a port",
    rows: &[
        row!(
            a_thread_belongs_from_its_first_wait,
            "A thread belongs to a port from its first wait on, and not for posting to it.",
            broken by "it belongs when it posts",
        ),
        row!(
            a_thread_belongs_until_it_ends,
            "A thread that ends leaves its port, and its place.",
            broken by "it stays counted",
        ),
        row!(
            a_wait_on_another_port_moves_the_thread,
            "A thread that waits on another port leaves the first.",
            broken by "it belongs to the first one still",
        ),
    ],
};

fn a_thread_belongs_from_its_first_wait(world: &World) {
    let port = Port::new(world, 2);
    port.post(31, 0).unwrap();
    assert_eq!(port.counters().threads, 0);
    port.posted();
    assert_eq!((port.counters().threads, port.counters().running), (1, 1));
}

fn a_thread_belongs_until_it_ends(world: &World) {
    let port = Port::new(world, 1);
    let worker = Worker::waiting(&port);
    port.post(0, 0).unwrap();
    worker.packet();
    assert_eq!((port.counters().threads, port.counters().running), (1, 1));
    worker.end().unwrap();
    assert_eq!((port.counters().threads, port.counters().running), (0, 0));
}

fn a_wait_on_another_port_moves_the_thread(world: &World) {
    let (first, second) = (Port::new(world, 2), Port::new(world, 7));
    first.post(0, 1).unwrap();
    first.posted();
    second.post(0, 2).unwrap();
    assert_eq!(second.posted(), (0, 2));
    assert_eq!((first.counters().threads, second.counters().threads), (0, 1));
}
