//! Creating a port: how many of its threads may run.

use super::rig::{Port, Worker};
use crate::World;
use crate::framework::row::{Table, row};

pub(super) const TABLE: Table = Table {
    name: "creating",
    title: "Create",
    rows: &[
        row!(
            no_more_threads_run_than_the_limit,
            "The concurrency of a port limits the threads that run.",
            broken by "one more may run",
            not on windows: "Windows counts the threads itself; `tests/port/windows.rs` asks a real machine, and Wine has no limit",
        ),
        row!(
            any_number_of_threads_may_wait,
            "The concurrency of a port does not limit the threads that wait.",
            broken by "the eleventh is turned away",
        ),
        row!(
            a_limit_of_zero_is_the_processors,
            "A concurrency of 0 means the number of processors.",
            broken by "it means a thousand",
        ),
    ],
};

fn no_more_threads_run_than_the_limit(world: &World) {
    let port = Port::new(world, 3);
    let workers = Worker::several(&port, 5);
    (0..5).for_each(|value| port.post(0, value).unwrap());
    let counters = port.counters();
    assert_eq!((counters.running, counters.waiting, counters.queued), (3, 2, 2));
    assert_eq!((workers[4].packet(), workers[3].packet(), workers[2].packet()), ((0, 0), (0, 1), (0, 2)));
    assert!(workers[0].is_silent() && workers[1].is_silent());
}

fn any_number_of_threads_may_wait(world: &World) {
    let port = Port::new(world, 1);
    let _workers = Worker::several(&port, 12);
    assert_eq!((port.counters().running, port.counters().waiting), (0, 12));
}

fn a_limit_of_zero_is_the_processors(world: &World) {
    let processors = std::thread::available_parallelism().unwrap().get();
    assert_eq!(Port::new(world, 0).concurrency(), processors);
}
