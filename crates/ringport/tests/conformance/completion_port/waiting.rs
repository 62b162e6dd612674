//! Waiting for one packet: how it ends, and which thread gets which packet.

use std::time::{Duration, Instant};

use ringport::port::PortWaitError;

use super::operations::done;
use super::rig::{Outcome, Port, Udp, Worker};
use crate::World;
use crate::framework::row::{Table, row};
use crate::system::EDESTADDRREQ;

pub(super) const TABLE: Table = Table {
    name: "waiting",
    title: "Wait for one",
    rows: &[
        row!(
            a_failure_carries_its_error,
            "The packet of an operation that failed carries the error of the system.",
            broken by "the error is lost",
        ),
        row!(
            a_time_out_takes_nothing,
            "A wait whose time is over says so, and takes no packet.",
            broken by "the packet that comes next is lost",
        ),
        row!(
            a_closed_port_is_told_apart,
            "A wait on a closed port says that it is closed, whatever its time.",
            broken by "it says that its time is over",
        ),
        row!(
            packets_come_first_in_first_out,
            "Packets come in the order in which they were queued.",
            broken by "two of them change places",
        ),
        row!(
            threads_are_released_last_in_first_out,
            "The thread that began to wait last is released first.",
            broken by "the one that began first is released first",
            not on windows: "Windows releases them; `tests/port/windows.rs` asks a real machine, and Wine releases the first",
        ),
        row!(
            at_the_limit_the_running_thread_goes_on,
            "At the limit, the running thread takes the next packet while the others sleep on.",
            broken by "it hands its place to another",
            not on windows: "Windows counts the threads itself; `tests/port/windows.rs` asks a real machine, and Wine has no limit",
        ),
        row!(
            short_times_are_not_rounded_to_zero,
            "A time below a millisecond, and a fraction of one above it, is waited out.",
            broken by "times are rounded down to milliseconds",
        ),
    ],
};

fn a_failure_carries_its_error(world: &World) {
    let port = Port::new(world, 1);
    Udp::new(&port, 1).send(b"to whom?".to_vec(), 61).unwrap();
    assert_eq!(done(&port).outcome, Outcome::Failed(Some(EDESTADDRREQ)));
}

fn a_time_out_takes_nothing(world: &World) {
    let port = Port::new(world, 1);
    let ended = port.wait(Some(Duration::from_micros(200)));
    assert!(matches!(ended, Err(PortWaitError::TimedOut)), "{ended:?}");
    port.post(0, 1).unwrap();
    assert_eq!((port.counters().queued, port.posted()), (1, (0, 1)));
}

fn a_closed_port_is_told_apart(world: &World) {
    let port = Port::new(world, 1);
    port.close();
    for time in [None, Some(Duration::ZERO), Some(Duration::from_secs(1000))] {
        let ended = port.wait(time);
        assert!(matches!(ended, Err(PortWaitError::Closed)), "{ended:?}");
    }
}

fn packets_come_first_in_first_out(world: &World) {
    let port = Port::new(world, 1);
    (0..50).for_each(|value| port.post(3, value).unwrap());
    (0..50).for_each(|value| assert_eq!(port.posted(), (3, value)));
}

fn threads_are_released_last_in_first_out(world: &World) {
    let port = Port::new(world, 4);
    let workers = port.waiting_in_order(3);
    (0..3).for_each(|value| port.post(0, value).unwrap());
    let taken: Vec<_> = workers.iter().map(|worker| worker.packet().1).collect();
    assert_eq!(taken, [2, 1, 0]);
}

fn at_the_limit_the_running_thread_goes_on(world: &World) {
    let port = Port::new(world, 1);
    let workers = Worker::several(&port, 2);
    (0..5).for_each(|value| port.post(0, value).unwrap());
    for value in 0..5 {
        assert_eq!(workers[1].packet(), (0, value));
        workers[1].wait();
    }
    assert!(workers[0].is_silent(), "the other thread was woken");
}

fn short_times_are_not_rounded_to_zero(world: &World) {
    let port = Port::new(world, 1);
    for nanoseconds in [1, 999, 300_000, 999_999, 1_000_001, 1_500_000] {
        let time = Duration::from_nanos(nanoseconds);
        let start = Instant::now();
        assert!(matches!(port.wait(Some(time)), Err(PortWaitError::TimedOut)));
        assert!(start.elapsed() >= time, "{time:?} was over after {:?}", start.elapsed());
    }
}
