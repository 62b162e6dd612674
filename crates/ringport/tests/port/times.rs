//! Waits with a time.

use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use ringport::port::PortWaitError;

use crate::worker::Worker;
use crate::{port, posted};

#[test]
fn a_time_out_takes_nothing() {
    let port = port(1);
    assert!(matches!(port.wait(Some(Duration::from_micros(200))), Err(PortWaitError::TimedOut)));
    port.post(0, 1).unwrap();
    assert_eq!((port.counters().queued, posted(port.wait(None).unwrap())), (1, (0, 1)));
}

#[test]
fn a_time_below_a_millisecond_is_not_rounded_to_zero() {
    let port = port(1);
    for nanoseconds in [1, 999, 50_000, 300_000, 999_999, 1_000_001, 1_500_000] {
        let time = Duration::from_nanos(nanoseconds);
        let start = Instant::now();
        assert!(matches!(port.wait(Some(time)), Err(PortWaitError::TimedOut)));
        assert!(start.elapsed() >= time, "{time:?} was over after {:?}", start.elapsed());
    }
}

#[test]
fn a_time_of_zero_only_looks() {
    let port = port(1);
    assert!(matches!(port.wait(Some(Duration::ZERO)), Err(PortWaitError::TimedOut)));
    port.post(3, 4).unwrap();
    assert_eq!(posted(port.wait(Some(Duration::ZERO)).unwrap()), (3, 4));
}

#[test]
fn a_time_that_no_clock_can_hold_is_for_ever() {
    let port = port(1);
    let worker = Worker::new(&port);
    worker.wait_for(Some(Duration::MAX));
    crate::until::until("it sleeps", || (port.counters().waiting == 1).then_some(()));
    port.post(0, 9).unwrap();
    assert_eq!(worker.packet(), (0, 9));
}

#[test]
fn a_thread_whose_time_is_over_runs_until_it_waits_again() {
    if !crate::decides_at_once() {
        return;
    }
    let port = port(1);
    assert!(port.wait(Some(Duration::ZERO)).is_err());
    assert_eq!(port.counters().running, 1);
    let other = Worker::waiting(&port);
    port.post(0, 1).unwrap();
    assert_eq!(port.counters().queued, 1, "this thread runs, so the other may not");
    assert!(other.is_silent());
    assert_eq!(posted(port.wait(None).unwrap()), (0, 1));
    port.close();
}

#[test]
fn a_packet_that_comes_as_the_time_ends_is_neither_lost_nor_doubled() {
    const ROUNDS: u64 = 3000;
    let port = port(2);
    let (told, tell) = channel();
    let poster = {
        let port = port.clone();
        thread::spawn(move || tell.into_iter().for_each(|value| port.post(0, value).unwrap()))
    };
    for value in 0..ROUNDS {
        told.send(value).unwrap();
        let mut time = Duration::from_nanos(value % 64 * 1000);
        loop {
            match port.wait(Some(time)) {
                Ok(packet) => break assert_eq!(posted(packet), (0, value)),
                Err(PortWaitError::TimedOut) => {}
                Err(error) => panic!("{error}"),
            }
            time += Duration::from_micros(20);
        }
    }
    drop(told);
    poster.join().unwrap();
    assert_eq!(port.counters().queued, 0);
}
