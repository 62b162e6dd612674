//! Threads, descriptors and locked memory: none is left behind, and without one there is an error that says so.
//!
//! On Linux only: that tells what a process has, and limits it.

use ringport::queue::QueueError;
use ringport::{BackendChoice, BufferPool, CompletionPort, Lock, PortRequestQueue};

use crate::common::rig::{builder, limits, pool};
use crate::common::system::{allow, descriptors, locked, threads};
use crate::common::{on_each_backend, until};
use crate::rig::{Rig, is_silent, ready, socket};

// Each has a process of its own, whose descriptors and threads are its alone.
on_each_backend!(by crate::common::in_a_child: a_thousand_queues, no_descriptor);

/// A thread that was joined may be in the list for an instant more.
fn no_more_threads_than(before: usize) {
    until("the threads to be gone", || (threads() <= before).then_some(()));
}

fn a_thousand_queues(choice: BackendChoice) {
    let port = CompletionPort::new(2).unwrap();
    let builder_of_pool = BufferPool::builder().slice_size(256).slices_per_region(64).regions(1..=1);
    let pool = builder_of_pool.lock(Lock::Off).build().unwrap();
    // What is opened once a process is open before anything is counted.
    drop(builder(choice, 64).on(&port, 0).unwrap());
    no_more_threads_than(2);
    let (before, threads_before, locked_before) = (descriptors(), threads(), locked());
    for round in 0..1000u64 {
        let queue = builder(choice, 64).on(&port, round).unwrap();
        let socket = socket();
        let requests = PortRequestQueue::new(&socket, &queue, &queue, limits(8, 8), 0).unwrap();
        for token in 0..4 {
            requests.receive_from(pool.take().unwrap(), token).unwrap();
        }
        let me = socket.local_addr().unwrap();
        requests.send_to(pool.take_with(b"to myself").unwrap(), me, 4).unwrap();
        match round % 4 {
            0 => drop((queue, requests)),
            1 => drop((requests, queue)),
            // Its packet stays in the port, and then in our hands.
            2 => drop((ready(&port), requests, queue)),
            _ => drop((ready(&port), queue, requests)),
        }
        while !is_silent(&port) {}
    }
    no_more_threads_than(threads_before);
    assert_eq!((descriptors(), locked()), (before, locked_before));
    assert_eq!(pool.figures().used, 0);
}

fn no_descriptor(choice: BackendChoice) {
    // What exists works on, and nothing more can be made.
    let mut rig = Rig::new(choice, limits(2, 2));
    rig.pool = pool(64, 8);
    let taken = allow(0);
    rig.post(0..1);
    rig.arrive(b"still");
    assert_eq!(rig.take_one().bytes(), 5);
    let refused = builder(choice, 64).on(&rig.port, 0).unwrap_err();
    assert!(matches!(refused, QueueError::System { .. } | QueueError::Backend(_)), "{refused:?}");
    drop(taken);
    builder(choice, 64).on(&rig.port, 0).unwrap();
}
