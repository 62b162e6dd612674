//! Packets first in, first out; threads last in, first out.

use crate::worker::Worker;
use crate::{port, posted};

#[test]
fn packets_come_first_in_first_out() {
    let port = port(1);
    // More than the queue has room for from the start, and taken in between.
    let mut taken = Vec::new();
    for value in 0..5000 {
        port.post(value % 7, value).unwrap();
        if value % 3 == 0 {
            taken.push(posted(port.wait(None).unwrap()));
        }
    }
    while let Ok(packet) = port.wait(Some(std::time::Duration::ZERO)) {
        taken.push(posted(packet));
    }
    assert_eq!(taken, (0..5000).map(|value| (value % 7, value)).collect::<Vec<_>>());
}

#[test]
fn threads_are_released_last_in_first_out() {
    if !crate::decides_at_once() {
        return;
    }
    let port = port(4);
    let workers = Worker::several(&port, 4);
    (0..4).for_each(|value| port.post(0, value).unwrap());
    let order = workers.iter().map(Worker::packet).collect::<Vec<_>>();
    assert_eq!(order, [(0, 3), (0, 2), (0, 1), (0, 0)]);
    port.close();
}

#[test]
fn the_same_thread_serves_packets_that_come_one_at_a_time() {
    if !crate::decides_at_once() {
        return;
    }
    let port = port(4);
    let workers = Worker::several(&port, 4);
    for value in 0..100 {
        port.post(0, value).unwrap();
        assert_eq!(workers[3].packet(), (0, value));
        workers[3].wait_asleep();
    }
    port.close();
    workers.iter().for_each(|worker| assert!(worker.report().is_err()));
}

#[test]
fn a_thread_whose_time_is_over_loses_its_place_in_the_order() {
    let port = port(4);
    let (first, second) = (Worker::waiting(&port), Worker::new(&port));
    second.wait_for(Some(std::time::Duration::from_micros(300)));
    assert!(second.report().is_err());
    port.post(0, 5).unwrap();
    assert_eq!(first.packet(), (0, 5));
    port.close();
}
