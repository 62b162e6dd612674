//! Only so many threads run.

use std::thread::available_parallelism;

use crate::port;
use crate::worker::Worker;

#[test]
fn no_more_threads_run_than_the_port_allows() {
    if !crate::decides_at_once() {
        return;
    }
    let port = port(2);
    let workers = Worker::several(&port, 4);
    (0..4).for_each(|value| port.post(0, value).unwrap());
    let counters = port.counters();
    assert_eq!((counters.running, counters.waiting, counters.queued), (2, 2, 2));
    assert_eq!((workers[3].packet(), workers[2].packet()), ((0, 0), (0, 1)));
    assert!(workers[0].is_silent() && workers[1].is_silent());
    port.close();
}

#[test]
fn any_number_of_threads_may_wait() {
    let port = port(1);
    let workers = Worker::several(&port, 20);
    let counters = port.counters();
    assert_eq!((counters.threads, counters.running, counters.waiting), (20, 0, 20));
    port.close();
    workers.into_iter().for_each(|worker| worker.end().unwrap());
}

#[test]
fn a_concurrency_of_zero_is_the_number_of_processors() {
    let processors = available_parallelism().unwrap().get();
    let port = port(0);
    assert_eq!((port.concurrency(), port.counters().concurrency), (processors, processors));
}

#[test]
fn at_the_limit_the_running_thread_takes_the_next_packet_without_a_switch() {
    if !crate::decides_at_once() {
        return;
    }
    let port = port(1);
    let workers = Worker::several(&port, 2);
    (0..10).for_each(|value| port.post(0, value).unwrap());
    for value in 0..10 {
        assert_eq!(workers[1].packet(), (0, value));
        assert_eq!(port.counters().waiting, 1, "the other thread sleeps on");
        workers[1].wait();
    }
    assert!(workers[0].is_silent());
    port.close();
}

#[test]
fn a_thread_that_comes_while_the_limit_is_reached_sleeps_beside_the_queue() {
    if !crate::decides_at_once() {
        return;
    }
    let port = port(1);
    let (running, late) = (Worker::waiting(&port), Worker::new(&port));
    port.post(0, 1).unwrap();
    assert_eq!(running.packet(), (0, 1));
    port.post(0, 2).unwrap();
    late.wait_asleep();
    assert_eq!(port.counters().queued, 1, "the packet is there, and the thread may not have it");
    // Its turn comes as soon as the other one ends.
    running.end().unwrap();
    assert_eq!(late.packet(), (0, 2));
    port.close();
}

#[test]
fn a_thread_that_only_waits_again_lets_the_next_one_run() {
    if !crate::decides_at_once() {
        return;
    }
    let port = port(2);
    let workers = Worker::several(&port, 3);
    (0..3).for_each(|value| port.post(0, value).unwrap());
    assert_eq!(port.counters().running, 2);
    assert_eq!((workers[2].packet(), workers[1].packet()), ((0, 0), (0, 1)));
    workers[1].wait();
    assert_eq!(workers[1].packet(), (0, 2), "it took the queued one itself");
    workers[2].wait_asleep();
    let counters = port.counters();
    assert_eq!((counters.running, counters.waiting, counters.queued), (1, 2, 0));
    port.close();
}
