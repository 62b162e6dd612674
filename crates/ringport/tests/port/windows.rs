//! What Windows does for a port: the limit, the freshest thread first, and noticing who blocks.
//!
//! Threads find out a moment after a post what it means for them, so these tests wait for what must come, and look then
//! at what must not have come. Wine has completion ports without any of the three: there these print that they were
//! skipped.

use std::sync::mpsc::channel;

use ringport::port::MonitorState;

use crate::port;
use crate::system::lacked_by_wine;
use crate::until::until;
use crate::worker::Worker;

#[test]
fn no_more_threads_run_than_the_limit() {
    if lacked_by_wine("limit on the running threads of a completion port") {
        return;
    }
    let port = port(2);
    let workers = Worker::several(&port, 4);
    (0..4).for_each(|value| port.post(0, value).unwrap());
    until("two to run", || (port.counters().running == 2).then_some(()));
    let counters = port.counters();
    assert_eq!((counters.queued, counters.waiting), (2, 2), "no other thread may take them");
    port.close();
    drop(workers);
}

#[test]
fn the_freshest_thread_is_released_first() {
    if lacked_by_wine("order of the threads that wait on a completion port") {
        return;
    }
    let port = port(4);
    let workers = Worker::several(&port, 4);
    for value in 0..20 {
        port.post(0, value).unwrap();
        assert_eq!(workers[3].packet(), (0, value));
        workers[3].wait_asleep();
    }
    port.close();
}

#[test]
fn a_thread_that_blocks_without_saying_so_is_replaced() {
    if lacked_by_wine("limit on the running threads of a completion port") {
        return;
    }
    let port = port(1);
    let workers = Worker::several(&port, 2);
    let (end, ended) = channel::<()>();
    port.post(0, 1).unwrap();
    assert_eq!(workers[1].packet(), (0, 1));
    workers[1].run(move || _ = ended.recv());
    port.post(0, 2).unwrap();
    assert_eq!(workers[0].packet(), (0, 2));
    drop(end);
    port.close();
}

#[test]
fn the_system_is_the_monitor() {
    let counters = port(1).counters();
    assert_eq!((counters.monitor, counters.monitor_ticks), (MonitorState::System, 0));
}
