//! Limits: what a request queue reserves, when a place is taken, and when it is free again.
//!
//! By type: a request queue cannot be made on a completion queue that is closed (it borrows it).

use ringport::queue::{PostError, QueueError};
use ringport::{BackendChoice, Limits, RequestQueue, Status, UdpSocket};

use crate::common::on_each_backend;
use crate::common::rig::{Rig, builder, limits, pool, tokens};

on_each_backend!(
    the_sum_of_limits_never_exceeds_the_size,
    impossible_limits_and_sizes_are_refused,
    each_direction_reserves_in_its_own_queue,
    a_receive_holds_its_place_until_it_is_dequeued,
    a_send_holds_its_place_until_it_is_dequeued,
    places_of_a_closed_queue_are_free_after_the_last_dequeue,
    a_closed_queue_can_be_made_again_on_the_same_socket,
    a_direction_without_limit_refuses_its_requests,
    a_socket_has_one_request_queue_on_a_completion_queue,
    a_closed_completion_queue_refuses_and_the_other_goes_on,
);

fn socket() -> UdpSocket {
    UdpSocket::bind("127.0.0.1:0").unwrap()
}

fn the_sum_of_limits_never_exceeds_the_size(choice: BackendChoice) {
    let queue = builder(choice, 8).polled().unwrap();
    let (first, second) = (socket(), socket());
    let _six = RequestQueue::new(&first, &queue, &queue, limits(4, 2), 0).unwrap();
    assert_eq!((queue.size(), queue.reserved()), (8, 6));
    let refused = RequestQueue::new(&second, &queue, &queue, limits(2, 1), 0).unwrap_err();
    assert!(matches!(refused, QueueError::NoRoom { asked: 3, reserved: 6, size: 8 }), "{refused}");
    assert!(refused.to_string().contains("at least 9"), "{refused}");
    assert_eq!(queue.reserved(), 6);
    let _two = RequestQueue::new(&second, &queue, &queue, limits(1, 1), 0).unwrap();
    assert_eq!(queue.reserved(), 8);
}

fn impossible_limits_and_sizes_are_refused(choice: BackendChoice) {
    for size in [0, 0x800_0001] {
        let refused = builder(choice, size).polled().unwrap_err();
        assert!(matches!(refused, QueueError::InvalidSize { asked, .. } if asked == size), "{refused}");
    }
    let largest = builder(choice, 0x800_0000).polled().unwrap();
    assert_eq!(largest.size(), 0x800_0000);
    let one = builder(choice, 1).event().unwrap();
    let buffers = |buffers| Limits { receives: 1, receive_buffers: buffers, sends: 0, send_buffers: 0 };
    for wrong in [limits(0, 0), buffers(0), buffers(1025)] {
        let refused = RequestQueue::new(&socket(), &one, &one, wrong, 0).unwrap_err();
        assert!(matches!(refused, QueueError::InvalidLimits(_)), "{refused}");
        assert_eq!(one.reserved(), 0);
    }
    RequestQueue::new(&socket(), &one, &one, buffers(1024), 0).unwrap();
}

fn each_direction_reserves_in_its_own_queue(choice: BackendChoice) {
    let (receives, sends) = (builder(choice, 4).polled().unwrap(), builder(choice, 2).polled().unwrap());
    let refused = RequestQueue::new(&socket(), &receives, &sends, limits(4, 3), 0).unwrap_err();
    assert!(matches!(refused, QueueError::NoRoom { asked: 3, reserved: 0, size: 2 }), "{refused}");
    assert_eq!((receives.reserved(), sends.reserved()), (0, 0));
    let requests = RequestQueue::new(&socket(), &receives, &sends, limits(4, 2), 0).unwrap();
    assert_eq!((receives.reserved(), sends.reserved()), (4, 2));
    requests.close();
    assert_eq!((receives.reserved(), sends.reserved()), (0, 0));
}

fn a_receive_holds_its_place_until_it_is_dequeued(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(3, 1));
    let refuse = |rig: &Rig| {
        let refused = rig.requests.receive(rig.marked(99), 99).unwrap_err();
        assert!(matches!(refused.error, PostError::LimitReached { what: "receives", limit: 3 }));
        assert_eq!(refused.buffer.context(), 99, "the buffer comes straight back");
    };
    rig.post(0..3);
    refuse(&rig);
    for byte in 0..4 {
        rig.arrive(&[byte]);
    }
    // Completed, and not dequeued: the places are still taken.
    rig.wait();
    refuse(&rig);
    assert_eq!(rig.requests.outstanding().receives, 3);
    // What was refused makes no completion, although a datagram waits.
    assert_eq!(tokens(&rig.take(3)), [0, 1, 2]);
    rig.take_none();
    assert_eq!(rig.requests.outstanding().receives, 0);
    rig.post(3..6);
    refuse(&rig);
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
        assert_eq!(tokens(&rig.take(2)), [round, round]);
        rig.take_none();
        assert_eq!((rig.reply(), rig.reply()), (b"one".to_vec(), b"two".to_vec()));
    }
}

fn places_of_a_closed_queue_are_free_after_the_last_dequeue(choice: BackendChoice) {
    let mut queue = builder(choice, 4).polled().unwrap();
    let pool = pool(64, 8);
    let requests = RequestQueue::new(&socket(), &queue, &queue, limits(4, 0), 0).unwrap();
    for token in 0..3 {
        requests.receive(pool.take().unwrap(), token).unwrap();
    }
    requests.close();
    let mut one = ringport::Completions::with_capacity(1);
    for token in 0..3 {
        assert_eq!(queue.reserved(), 4);
        let refused = RequestQueue::new(&socket(), &queue, &queue, limits(1, 0), 0).unwrap_err();
        assert!(matches!(refused, QueueError::NoRoom { .. }), "{refused}");
        assert_eq!(queue.dequeue(&mut one), 1);
        let completion = one.drain().next().unwrap();
        assert_eq!((completion.token(), completion.status()), (token, Status::Aborted));
    }
    assert_eq!((queue.reserved(), pool.free()), (0, 8));
    RequestQueue::new(&socket(), &queue, &queue, limits(4, 0), 0).unwrap();
}

fn a_closed_queue_can_be_made_again_on_the_same_socket(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(2, 1));
    for round in 0..20u8 {
        rig.post(0..2);
        rig.arrive(&[round]);
        let completion = rig.take_one();
        assert_eq!(completion.buffer().unwrap()[..], [round]);
        drop(completion);
        // The receive that is left makes room only with its dequeue.
        rig.requests.cancel();
        let aborted = rig.take_one();
        assert_eq!((aborted.token(), aborted.status()), (1, Status::Aborted));
        let (socket, queue) = (rig.socket.clone(), builder(choice, 3).event().unwrap());
        rig.set_aside(choice);
        rig.requests = RequestQueue::new(&socket, &queue, &queue, limits(2, 1), 0).unwrap();
        rig.queue = queue;
    }
}

fn a_direction_without_limit_refuses_its_requests(choice: BackendChoice) {
    let (receives, sends) = (Rig::new(choice, limits(1, 0)), Rig::new(choice, limits(0, 1)));
    let refused = sends.requests.receive(sends.marked(5), 0).unwrap_err();
    assert!(matches!(refused.error, PostError::NoDirection("receives")));
    assert_eq!(refused.buffer.context(), 5);
    let refused = receives.requests.send_to(receives.filled(b"x"), sends.address, 0).unwrap_err();
    assert!(matches!(refused.error, PostError::NoDirection("sends")));
    assert_eq!(&refused.buffer[..], b"x");
}

fn a_closed_completion_queue_refuses_and_the_other_goes_on(choice: BackendChoice) {
    let receives = builder(choice, 4).polled().unwrap();
    let mut sends = builder(choice, 4).polled().unwrap();
    let (pool, socket) = (pool(64, 8), socket());
    let requests = RequestQueue::new(&socket, &receives, &sends, limits(4, 4), 0).unwrap();
    requests.receive(pool.take().unwrap(), 1).unwrap();
    drop(receives);
    assert_eq!(pool.free(), 8, "what was posted is back");
    let refused = requests.receive(pool.take().unwrap(), 2).unwrap_err();
    assert!(matches!(refused.error, PostError::Closed));
    drop(refused);
    requests.send_to(pool.take_with(b"still").unwrap(), socket.local_addr().unwrap(), 3).unwrap();
    let mut completions = ringport::Completions::with_capacity(4);
    assert_eq!(sends.dequeue(&mut completions), 1);
    assert!(matches!(requests.resize(limits(5, 4)), Err(QueueError::Closed)));
}

fn a_socket_has_one_request_queue_on_a_completion_queue(choice: BackendChoice) {
    let (one, other) = (builder(choice, 16).polled().unwrap(), builder(choice, 16).polled().unwrap());
    let socket = socket();
    let receives = RequestQueue::new(&socket, &one, &other, limits(4, 2), 0).unwrap();
    for (queue, limits) in [(&one, limits(0, 1)), (&other, limits(1, 0))] {
        let refused = RequestQueue::new(&socket, queue, queue, limits, 0).unwrap_err();
        assert!(matches!(refused, QueueError::SocketTaken), "{refused}");
    }
    assert_eq!((one.reserved(), other.reserved()), (4, 2));
    drop(receives);
    RequestQueue::new(&socket, &one, &one, limits(1, 1), 0).unwrap();
}
