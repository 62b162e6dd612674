//! Cancel and close: every request completes once, and the memory is home again.

use std::io::Write;

use ringport::{BackendChoice, Completions, Status};

use crate::common::on_each_backend;
use crate::rig::{Rig, none, rig, take};

on_each_backend!(
    cancelled_requests_complete_once,
    the_socket_goes_on_after_a_cancel,
    memory_is_home_after_everything_was_dropped,
    limits_hold_until_the_dequeue,
);

fn cancelled_requests_complete_once(choice: BackendChoice) {
    let mut rig = rig(choice);
    for token in 0..8 {
        rig.requests.receive(rig.pool.take().unwrap(), token).unwrap();
    }
    rig.none();
    rig.requests.cancel();
    let done = rig.take(8);
    assert!(done.iter().map(|done| done.token()).eq(0..8));
    assert!(done.iter().all(|done| done.status() == Status::Aborted));
    rig.none();
}

fn the_socket_goes_on_after_a_cancel(choice: BackendChoice) {
    let mut rig = rig(choice);
    rig.requests.receive(rig.pool.take().unwrap(), 0).unwrap();
    rig.none();
    rig.requests.cancel();
    rig.peer.write_all(b"hello").unwrap();
    rig.requests.receive(rig.pool.take().unwrap(), 1).unwrap();
    let done = rig.take(2);
    assert_eq!((done[0].status(), done[1].bytes()), (Status::Aborted, 5));
}

fn memory_is_home_after_everything_was_dropped(choice: BackendChoice) {
    for order in 0..3 {
        let Rig { requests, mut queue, pool, socket, mut peer } = rig(choice);
        for token in 0..4 {
            requests.receive(pool.take().unwrap(), token).unwrap();
        }
        peer.write_all(b"some").unwrap();
        match order {
            0 => drop((requests, queue)),
            1 => drop((queue, requests)),
            _ => {
                drop(requests);
                take(&mut queue, 4);
                none(&mut queue);
            }
        }
        drop((socket, peer));
        assert_eq!(pool.free(), 64, "order {order}");
    }
}

fn limits_hold_until_the_dequeue(choice: BackendChoice) {
    let mut rig = rig(choice);
    for token in 0..8 {
        rig.requests.receive(rig.pool.take().unwrap(), token).unwrap();
    }
    rig.peer.write_all(&[0; 8 * crate::rig::SLICE]).unwrap();
    let refused = rig.requests.receive(rig.pool.take().unwrap(), 8).unwrap_err();
    drop(refused);
    assert_eq!(rig.take(8).len(), 8);
    rig.requests.receive(rig.pool.take().unwrap(), 8).unwrap();
    assert_eq!(rig.queue.dequeue(&mut Completions::with_capacity(1)), 0);
}
