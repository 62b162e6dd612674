//! A thread belongs to a port from its first wait until it ends or waits on another.

#![allow(clippy::missing_const_for_thread_local, reason = "not every system's is seen to be one that is")]

use std::cell::RefCell;
use std::sync::mpsc::channel;
use std::time::Duration;

use ringport::CompletionPort;

use crate::worker::Worker;
use crate::{port, posted};

#[test]
fn from_its_first_wait_until_it_ends() {
    let port = port(1);
    let worker = Worker::new(&port);
    worker.finish(|| ());
    assert_eq!(port.counters().threads, 0);
    for _ in 0..3 {
        worker.wait_asleep();
        assert_eq!(port.counters().threads, 1);
        port.post(0, 0).unwrap();
        worker.packet();
    }
    assert_eq!(port.counters().running, 1);
    worker.end().unwrap();
    assert_eq!((port.counters().threads, port.counters().running), (0, 0));
}

#[test]
fn posting_does_not_make_a_member() {
    let port = port(1);
    port.post(0, 0).unwrap();
    assert_eq!(port.counters().threads, 0);
}

#[test]
fn a_wait_on_another_port_leaves_the_first() {
    if !crate::decides_at_once() {
        return;
    }
    let (first, second) = (port(1), port(1));
    let (wanderer, other) = (Worker::new(&first), Worker::waiting(&first));
    first.post(0, 1).unwrap();
    assert_eq!(other.packet(), (0, 1));
    let sleeper = Worker::waiting(&first);
    first.post(0, 2).unwrap();
    assert!(sleeper.is_silent() && first.counters().queued == 1);
    // Its place at the first port becomes free while it sleeps at the second.
    let moved = second.clone();
    other.run(move || drop(moved.wait(None)));
    assert_eq!(sleeper.packet(), (0, 2));
    assert_eq!((first.counters().threads, second.counters().threads), (1, 1));
    second.close();
    other.end().unwrap();
    wanderer.end().unwrap();
}

#[test]
fn a_thread_that_panics_while_it_runs_frees_its_place() {
    if !crate::decides_at_once() {
        return;
    }
    let port = port(1);
    let (sleeper, unlucky) = (Worker::waiting(&port), Worker::waiting(&port));
    port.post(0, 1).unwrap();
    port.post(0, 2).unwrap();
    assert_eq!(unlucky.packet(), (0, 1));
    assert!(sleeper.is_silent());
    unlucky.run(|| panic!("on purpose"));
    assert_eq!(sleeper.packet(), (0, 2));
    assert!(unlucky.end().is_err());
    assert_eq!((port.counters().threads, port.counters().running), (1, 1));
}

#[test]
fn a_thread_does_not_keep_a_port_that_nobody_holds() {
    let kept = port(1);
    let worker = Worker::new(&kept);
    for _ in 0..100 {
        worker.finish(|| drop(port(1).wait(Some(Duration::ZERO))));
    }
    kept.post(0, 3).unwrap();
    worker.wait();
    assert_eq!(worker.packet(), (0, 3));
    worker.end().unwrap();
}

/// Waits on a port when its thread ends.
struct Late(CompletionPort, std::sync::mpsc::Sender<(u64, u64)>);

impl Drop for Late {
    fn drop(&mut self) {
        self.1.send(posted(self.0.wait(None).unwrap())).unwrap();
    }
}

thread_local! {
    static LATE: RefCell<Option<Late>> = const { RefCell::new(None) };
}

#[test]
fn a_thread_that_waits_while_it_ends_leaves_nothing_behind() {
    let port = port(1);
    let worker = Worker::new(&port);
    let ((sent, received), late) = (channel(), port.clone());
    // Its variables are destroyed in the order in which they came to be, so the port's own goes first or last.
    worker.finish(move || LATE.set(Some(Late(late, sent))));
    port.post(0, 1).unwrap();
    worker.wait();
    assert_eq!(worker.packet(), (0, 1));
    port.post(0, 2).unwrap();
    worker.end().unwrap();
    assert_eq!(received.recv().unwrap(), (0, 2));
    assert_eq!((port.counters().threads, port.counters().running), (0, 0));
}
