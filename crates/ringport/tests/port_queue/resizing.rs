//! Resizing a queue on a port and the limits of request queues on it, while things are under way.

use ringport::queue::QueueError;
use ringport::{BackendChoice, CompletionPort, Limits, PortRequestQueue, Status};

use crate::common::on_each_backend;
use crate::common::rig::{builder, limits, tokens};
use crate::rig::{KEY, Rig, socket};

on_each_backend!(
    a_queue_grows_and_shrinks_with_completions_in_it,
    limits_grow_and_shrink_with_requests_under_way,
    what_cannot_be_is_refused_and_changes_nothing,
    resizes_of_many_threads_leave_the_books_right,
);

fn a_queue_grows_and_shrinks_with_completions_in_it(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(4, 0));
    let queue = builder(choice, 4).grows_to(64).on(&rig.port, KEY).unwrap();
    rig.set_aside(choice);
    rig.requests = PortRequestQueue::new(&rig.socket, &queue, &queue, limits(4, 0), 0).unwrap();
    rig.queue = queue;
    rig.post(0..4);
    (0..4).for_each(|_| rig.arrive(b"x"));
    rig.completed(4);
    let refused = PortRequestQueue::new(&socket(), &rig.queue, &rig.queue, limits(1, 0), 0).unwrap_err();
    assert!(matches!(refused, QueueError::NoRoom { .. }), "{refused}");
    rig.queue.resize(64).unwrap();
    let other = PortRequestQueue::new(&socket(), &rig.queue, &rig.queue, limits(60, 0), 0).unwrap();
    let refused = rig.queue.resize(63).unwrap_err();
    assert!(matches!(refused, QueueError::InUse { asked: 63, needed: 64, .. }), "{refused}");
    other.close();
    rig.queue.resize(4).unwrap();
    assert_eq!((rig.queue.size(), rig.queue.reserved()), (4, 4));
    assert_eq!(tokens(&rig.take(4)), [0, 1, 2, 3], "what was queued stays");
}

fn limits_grow_and_shrink_with_requests_under_way(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(4, 4));
    let queue = builder(choice, 64).on(&rig.port, KEY).unwrap();
    rig.set_aside(choice);
    rig.requests = PortRequestQueue::new(&rig.socket, &queue, &queue, limits(4, 4), 0).unwrap();
    rig.queue = queue;
    rig.post(0..4);
    let more = Limits { receives: 48, ..limits(0, 4) };
    rig.requests.resize(more).unwrap();
    assert_eq!((rig.queue.reserved(), rig.requests.limits()), (52, more));
    rig.post(4..48);
    assert!(rig.requests.receive(rig.marked(0), 99).is_err());
    let refused = rig.requests.resize(limits(47, 4)).unwrap_err();
    assert!(matches!(refused, QueueError::InUse { asked: 47, needed: 48, .. }), "{refused}");
    assert_eq!((rig.queue.reserved(), rig.requests.limits()), (52, more));
    for token in 0..40 {
        rig.arrive(b"x");
        assert_eq!(rig.take_one().token(), token);
    }
    rig.requests.resize(limits(8, 4)).unwrap();
    assert!(rig.requests.receive(rig.marked(0), 99).is_err());
    assert_eq!(rig.queue.reserved(), 12);
    // Those that were posted before go on, and so do sends under way.
    let later = ringport::Send::new().to(rig.client_address()).defer();
    (0..4).for_each(|token| rig.requests.send_with(rig.filled(b"y"), later, 100 + token).unwrap());
    rig.requests.resize(limits(16, 4)).unwrap();
    rig.requests.commit();
    assert_eq!(tokens(&rig.take(4)), [100, 101, 102, 103]);
    rig.requests.cancel();
    let aborted = rig.take(8);
    assert!(aborted.iter().all(|completion| completion.status() == Status::Aborted));
    assert_eq!(tokens(&aborted), (40..48).collect::<Vec<_>>());
}

fn what_cannot_be_is_refused_and_changes_nothing(choice: BackendChoice) {
    let port = CompletionPort::new(1).unwrap();
    let queue = builder(choice, 16).on(&port, 0).unwrap();
    for size in [0, 17, usize::MAX] {
        let refused = queue.resize(size).unwrap_err();
        assert!(matches!(refused, QueueError::InvalidSize { largest: 16, .. }), "{refused}");
    }
    let requests = PortRequestQueue::new(&socket(), &queue, &queue, limits(4, 4), 0).unwrap();
    let refused = requests.resize(limits(13, 4)).unwrap_err();
    assert!(matches!(refused, QueueError::NoRoom { asked: 9, reserved: 8, size: 16 }), "{refused}");
    // One side could be changed, the other could not.
    let refused = requests.resize(limits(2, 5)).unwrap_err();
    assert!(matches!(refused, QueueError::InvalidLimits(_)), "{refused}");
    for wrong in [limits(0, 0), Limits { receive_buffers: 0, ..limits(4, 4) }] {
        let refused = requests.resize(wrong).unwrap_err();
        assert!(matches!(refused, QueueError::InvalidLimits(_)), "{refused}");
    }
    assert_eq!((requests.limits(), queue.reserved()), (limits(4, 4), 8));
    let only = PortRequestQueue::new(&socket(), &queue, &queue, limits(4, 0), 0).unwrap();
    assert!(matches!(only.resize(limits(4, 1)), Err(QueueError::InvalidLimits(_))));
    drop(queue);
    assert!(matches!(requests.resize(limits(5, 4)), Err(QueueError::Closed)));
}

fn resizes_of_many_threads_leave_the_books_right(choice: BackendChoice) {
    let port = CompletionPort::new(1).unwrap();
    let queue = builder(choice, 256).on(&port, 0).unwrap();
    let requests = PortRequestQueue::new(&socket(), &queue, &queue, limits(8, 8), 0).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let requests = &requests;
            scope.spawn(move || {
                for round in 0..100 {
                    requests.resize(limits(4 + (round + thread) % 5 * 8, 8)).unwrap();
                }
            });
        }
    });
    let Limits { receives, sends, .. } = requests.limits();
    assert_eq!(queue.reserved(), (receives + sends) as usize);
    drop(requests);
    assert_eq!(queue.reserved(), 0);
}
