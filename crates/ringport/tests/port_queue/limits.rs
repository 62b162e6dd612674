//! What is refused, with the buffer handed back, and when places are free again.

use ringport::queue::{PostError, QueueError};
use ringport::{
    BackendChoice, Chain, CompletionPort, CompletionQueue, Limits, PortRequestQueue, Receive, Status,
};

use crate::common::on_each_backend;
use crate::common::rig::{builder, limits, tokens};
use crate::rig::{Rig, is_silent, ready, socket};

on_each_backend!(
    a_receive_holds_its_place_until_it_is_dequeued,
    a_send_holds_its_place_until_it_is_dequeued,
    places_of_a_closed_queue_are_free_after_the_last_dequeue,
    a_queue_does_not_promise_more_than_it_has,
    impossible_queues_are_refused,
    a_socket_has_one_request_queue_on_a_queue,
    impossible_requests_are_refused_with_their_buffer,
    a_closed_queue_refuses,
    accepted_and_refused_posts_of_two_threads_add_up,
);

fn a_receive_holds_its_place_until_it_is_dequeued(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(3, 1));
    let refuse = |rig: &Rig| {
        let refused = rig.requests.receive(rig.marked(99), 99).unwrap_err();
        assert!(matches!(refused.error, PostError::LimitReached { what: "receives", limit: 3 }));
        assert_eq!(refused.buffer.context(), 99, "the buffer comes straight back");
    };
    rig.post(0..3);
    refuse(&rig);
    (0..4).for_each(|byte| rig.arrive(&[byte]));
    // Completed, and not dequeued: the places are still taken.
    rig.completed(3);
    refuse(&rig);
    let mut ready = rig.ready();
    refuse(&rig);
    // What was refused makes no completion, although a datagram waits.
    assert_eq!(tokens(&rig.dequeue(&mut ready)), [0, 1, 2]);
    assert!(rig.dequeue(&mut ready).is_empty());
    assert_eq!(rig.requests.outstanding().receives, 0);
    rig.post(3..6);
    refuse(&rig);
    ready.notify();
    assert_eq!(rig.take_one().token(), 3);
}

fn a_send_holds_its_place_until_it_is_dequeued(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(1, 2));
    let to = rig.client_address();
    for round in 0..3 {
        rig.requests.send_to(rig.filled(b"one"), to, round).unwrap();
        rig.requests.send_to(rig.filled(b"two"), to, round).unwrap();
        let refused = rig.requests.send_to(rig.filled(b"three"), to, 99).unwrap_err();
        assert!(matches!(refused.error, PostError::LimitReached { what: "sends", limit: 2 }));
        assert_eq!(&refused.buffer[..], b"three");
        // On the wire already, and still charged.
        assert_eq!((rig.reply(), rig.reply()), (b"one".to_vec(), b"two".to_vec()));
        assert_eq!(rig.requests.outstanding().sends, 2);
        assert_eq!(tokens(&rig.take(2)), [round, round]);
    }
}

fn places_of_a_closed_queue_are_free_after_the_last_dequeue(choice: BackendChoice) {
    let rig = Rig::new(choice, limits(4, 0));
    (0..3).for_each(|token| rig.requests.receive(rig.marked(0), token).unwrap());
    let Rig { requests, queue, port, pool, .. } = rig;
    requests.close();
    let mut one = ringport::Completions::with_capacity(1);
    let mut ready = ready(&port);
    for token in 0..3 {
        assert_eq!((queue.reserved(), queue.request_queues()), (4, 1));
        let refused = PortRequestQueue::new(&socket(), &queue, &queue, limits(1, 0), 0).unwrap_err();
        assert!(matches!(refused, QueueError::NoRoom { .. }), "{refused}");
        assert_eq!(ready.dequeue(&mut one), 1);
        let completion = one.drain().next().unwrap();
        assert_eq!((completion.token(), completion.status()), (token, Status::Aborted));
    }
    assert_eq!((queue.reserved(), queue.request_queues(), pool.figures().used), (0, 0, 0));
    PortRequestQueue::new(&socket(), &queue, &queue, limits(4, 0), 0).unwrap();
    // Nothing was posted on that one, so nothing is to be dequeued.
    assert_eq!(queue.reserved(), 0);
}

fn a_queue_does_not_promise_more_than_it_has(choice: BackendChoice) {
    let port = CompletionPort::new(1).unwrap();
    let (receives, sends) =
        (builder(choice, 4).on(&port, 1).unwrap(), builder(choice, 2).on(&port, 2).unwrap());
    let refused = PortRequestQueue::new(&socket(), &receives, &sends, limits(5, 2), 0).unwrap_err();
    assert!(matches!(refused, QueueError::NoRoom { asked: 5, reserved: 0, size: 4 }), "{refused}");
    // Refused before there is memory for it, which no machine has.
    let refused = PortRequestQueue::new(&socket(), &receives, &sends, limits(1, u32::MAX), 0).unwrap_err();
    assert!(matches!(refused, QueueError::NoRoom { asked: 0xffff_ffff, .. }), "{refused}");
    // The one that had room has it still.
    let refused = PortRequestQueue::new(&socket(), &receives, &sends, limits(4, 3), 0).unwrap_err();
    assert!(matches!(refused, QueueError::NoRoom { asked: 3, reserved: 0, size: 2 }), "{refused}");
    assert_eq!((receives.reserved(), sends.reserved()), (0, 0));
    let first = PortRequestQueue::new(&socket(), &receives, &receives, limits(2, 1), 0).unwrap();
    let refused = PortRequestQueue::new(&socket(), &receives, &receives, limits(1, 1), 0).unwrap_err();
    assert!(matches!(refused, QueueError::NoRoom { asked: 2, reserved: 3, size: 4 }), "{refused}");
    first.close();
    assert_eq!(receives.reserved(), 0);
}

fn impossible_queues_are_refused(choice: BackendChoice) {
    let port = CompletionPort::new(1).unwrap();
    for size in [0, 0x800_0001] {
        let refused = builder(choice, size).on(&port, 0).unwrap_err();
        assert!(matches!(refused, QueueError::InvalidSize { .. }), "{refused}");
    }
    let queue = CompletionQueue::builder(64).backend(choice).on(&port, 0).unwrap();
    let none = Limits { receives: 0, receive_buffers: 1, sends: 0, send_buffers: 1 };
    let no_slices = Limits { receives: 1, receive_buffers: 0, sends: 0, send_buffers: 1 };
    for limits in [none, no_slices] {
        let refused = PortRequestQueue::new(&socket(), &queue, &queue, limits, 0).unwrap_err();
        assert!(matches!(refused, QueueError::InvalidLimits(_)), "{refused}");
    }
    assert_eq!(queue.reserved(), 0);
}

fn a_socket_has_one_request_queue_on_a_queue(choice: BackendChoice) {
    let port = CompletionPort::new(1).unwrap();
    let queue = builder(choice, 64).on(&port, 0).unwrap();
    let socket = socket();
    let first = PortRequestQueue::new(&socket, &queue, &queue, limits(1, 1), 0).unwrap();
    let refused = PortRequestQueue::new(&socket.clone(), &queue, &queue, limits(1, 1), 0).unwrap_err();
    assert!(matches!(refused, QueueError::SocketTaken), "{refused}");
    assert_eq!((queue.reserved(), queue.request_queues()), (2, 1));
    // One that has been closed is in nobody's way, again and again.
    first.close();
    for _ in 0..20 {
        PortRequestQueue::new(&socket, &queue, &queue, limits(1, 1), 0).unwrap().close();
    }
}

fn impossible_requests_are_refused_with_their_buffer(choice: BackendChoice) {
    let rig = Rig::new(choice, Limits { receives: 1, receive_buffers: 1, sends: 1, send_buffers: 2 });
    let refused = rig.requests.send(rig.filled(b"x"), 0).unwrap_err();
    assert!(matches!(refused.error, PostError::NoDestination));
    let chain: Chain = (0..3).map(|_| rig.filled(b"x").freeze()).collect();
    let refused = rig.requests.send_to(chain, rig.client_address(), 0).unwrap_err();
    assert!(matches!(refused.error, PostError::SliceCount { given: 3, allowed: 2, .. }));
    assert_eq!(refused.buffer.len(), 3);
    let all = Receive::new().wait_all();
    let refused = rig.requests.receive_with(rig.marked(5), all, 0).unwrap_err();
    assert!(matches!(refused.error, PostError::NotSupported(_)) && refused.buffer.context() == 5);
    let other = builder(choice, 4).on(&rig.port, 0).unwrap();
    let only = PortRequestQueue::new(&socket(), &other, &other, limits(0, 1), 0).unwrap();
    let refused = only.receive(rig.marked(6), 0).unwrap_err();
    assert!(matches!(refused.error, PostError::NoDirection("receives")) && refused.buffer.context() == 6);
    drop(refused);
    // None of them was charged, or makes a completion.
    assert_eq!((rig.requests.outstanding().receives, rig.requests.outstanding().sends), (0, 0));
    rig.settled();
    assert!(is_silent(&rig.port));
    // The socket learns its peer later, and the request queue with it.
    rig.socket.connect(rig.client_address()).unwrap();
    rig.requests.send(rig.filled(b"now"), 1).unwrap();
    assert_eq!(rig.reply(), b"now");
}

fn a_closed_queue_refuses(choice: BackendChoice) {
    let rig = Rig::new(choice, limits(4, 4));
    rig.post(0..2);
    let to = rig.client_address();
    let buffer = rig.marked(9);
    let Rig { requests, queue, port, pool, client: _client, .. } = rig;
    drop(queue);
    let refused = requests.receive(buffer, 0).unwrap_err();
    assert!(matches!(refused.error, PostError::Closed) && refused.buffer.context() == 9);
    let refused = requests.send_to(refused.buffer, to, 0).unwrap_err();
    assert!(matches!(refused.error, PostError::Closed) && refused.buffer.context() == 9);
    drop(refused);
    let refused = requests.receive_when_free(&pool, Receive::new(), 0).unwrap_err();
    assert!(matches!(refused, PostError::Closed));
    requests.commit();
    requests.cancel();
    assert_eq!(pool.figures().used, 0, "its slices are back although the request queue is not dropped");
    assert!(is_silent(&port));
}

/// The last place is taken and freed all the time. For each that one thread misses, the other has one more.
fn accepted_and_refused_posts_of_two_threads_add_up(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(3, 1));
    rig.post(0..3);
    let over = std::sync::atomic::AtomicBool::new(false);
    let (requests, pool) = (&rig.requests, rig.pool.clone());
    std::thread::scope(|scope| {
        let intruder = scope.spawn(|| {
            let mut posted = 0;
            while !over.load(std::sync::atomic::Ordering::Relaxed) {
                posted += u64::from(requests.receive(pool.take().unwrap(), 99).is_ok());
            }
            posted
        });
        let mut missing = 0;
        for _ in 0..3000 {
            rig.client.send_to(b"x", rig.address).unwrap();
            let mut ready = ready(&rig.port);
            let taken = ready.dequeue(&mut rig.completions);
            rig.completions.clear();
            for _ in 0..taken {
                missing += u64::from(requests.receive(pool.take().unwrap(), 0).is_err());
            }
        }
        over.store(true, std::sync::atomic::Ordering::Relaxed);
        assert_eq!(missing, intruder.join().unwrap(), "a place was lost: refused, and nobody had it");
    });
    assert_eq!(rig.requests.outstanding().receives, 3);
}
