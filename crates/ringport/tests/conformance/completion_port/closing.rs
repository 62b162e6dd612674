//! Closing a port.

use ringport::port::PortWaitError;

use super::rig::{Port, Udp, Worker};
use crate::World;
use crate::framework::row::{Table, row};
use crate::rig::Pool;

pub(super) const TABLE: Table = Table {
    name: "closing",
    title: "Close",
    rows: &[
        row!(
            every_waiter_returns_closed,
            "Every thread that waits is told that the port is closed.",
            broken by "their time is over",
        ),
        row!(
            what_is_outstanding_is_cancelled,
            "Operations that are outstanding are cancelled and drained, and their buffers return.",
            broken by "they stay outstanding",
        ),
        row!(
            what_nobody_took_is_dropped_and_counted,
            "Packets that nobody took are dropped and counted.",
            broken by "they are not counted",
        ),
    ],
};

fn every_waiter_returns_closed(world: &World) {
    let port = Port::new(world, 2);
    let workers = Worker::several(&port, 5);
    port.close();
    for worker in workers {
        let ended = worker.report();
        assert!(matches!(ended, Err(PortWaitError::Closed)), "{ended:?}");
        worker.end().unwrap();
    }
    assert_eq!((port.counters().threads, port.counters().waiting), (0, 0));
}

fn what_is_outstanding_is_cancelled(world: &World) {
    let (port, pool) = (Port::new(world, 1), Pool::new(world, 64, 8).unwrap());
    let udp = Udp::new(&port, 1);
    (0..8).for_each(|context| drop(udp.receive(pool.take(), context).unwrap()));
    assert_eq!(pool.figures().used, 8);
    port.close();
    assert_eq!(pool.figures().used, 0);
}

fn what_nobody_took_is_dropped_and_counted(world: &World) {
    let port = Port::new(world, 1);
    (0..9).for_each(|value| port.post(0, value).unwrap());
    port.close();
    assert_eq!((port.counters().queued, port.counters().dropped), (0, 9));
}
