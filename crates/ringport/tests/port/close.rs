//! Closing a port.

use ringport::port::PortWaitError;

use crate::until::until;
use crate::worker::Worker;
use crate::{port, posted};

#[test]
fn every_waiter_returns_closed() {
    let port = port(2);
    let workers = Worker::several(&port, 8);
    port.close();
    for worker in workers {
        assert!(matches!(worker.report(), Err(PortWaitError::Closed)));
        worker.end().unwrap();
    }
    let counters = port.counters();
    assert_eq!((counters.threads, counters.running, counters.waiting), (0, 0, 0));
}

#[test]
fn every_later_wait_returns_closed() {
    let port = port(1);
    port.close();
    port.close();
    for time in [None, Some(std::time::Duration::ZERO), Some(std::time::Duration::from_secs(1000))] {
        assert!(matches!(port.wait(time), Err(PortWaitError::Closed)));
    }
    assert_eq!(port.counters().running, 0);
}

#[test]
fn packets_that_nobody_took_are_dropped() {
    let port = port(1);
    let worker = Worker::waiting(&port);
    (0..100).for_each(|value| port.post(0, value).unwrap());
    // On Windows the thread takes its packet a moment after the post.
    until("one to be taken", || (port.counters().queued == 99).then_some(()));
    port.close();
    assert_eq!((port.counters().queued, port.counters().dropped), (0, 99));
    assert_eq!(worker.packet(), (0, 0), "what was handed to a thread is its own");
    worker.wait();
    assert!(matches!(worker.report(), Err(PortWaitError::Closed)));
}

#[test]
fn a_thread_that_runs_is_not_disturbed() {
    let port = port(1);
    let worker = Worker::waiting(&port);
    port.post(0, 1).unwrap();
    assert_eq!(worker.packet(), (0, 1));
    port.close();
    assert_eq!(port.counters().running, 1);
    worker.wait();
    assert!(matches!(worker.report(), Err(PortWaitError::Closed)));
    assert_eq!(port.counters().running, 0);
}

#[test]
fn a_handle_less_changes_nothing() {
    let port = port(1);
    drop(port.clone());
    port.post(0, 7).unwrap();
    assert_eq!(posted(port.wait(None).unwrap()), (0, 7));
}

#[test]
fn close_races_with_post_and_wait() {
    for _ in 0..200 {
        let port = port(2);
        let takers = [(); 2].map(|()| {
            let port = port.clone();
            std::thread::spawn(move || std::iter::from_fn(|| port.wait(None).ok()).count())
        });
        let poster = {
            let port = port.clone();
            std::thread::spawn(move || (0..).take_while(|&value| port.post(0, value).is_ok()).count())
        };
        until("something is posted", || (port.counters().threads > 0).then_some(()));
        port.close();
        let posted = poster.join().unwrap();
        let taken = takers.into_iter().map(|taker| taker.join().unwrap()).sum::<usize>();
        let counters = port.counters();
        assert_eq!(taken + counters.dropped as usize, posted);
        assert_eq!((counters.queued, counters.running), (0, 0));
    }
}
