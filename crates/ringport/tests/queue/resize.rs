//! Resizing: what is queued and what is posted carries over, and a refusal leaves everything as it was.

use ringport::queue::QueueError;
use ringport::{BackendChoice, RequestQueue, UdpSocket};

use crate::common::on_each_backend;
use crate::common::rig::{Rig, builder, bytes, limits, tokens};

on_each_backend!(
    completions_carry_over_when_a_completion_queue_is_resized,
    a_completion_queue_keeps_what_is_reserved,
    requests_carry_over_when_a_request_queue_is_resized,
    a_request_queue_keeps_what_is_outstanding,
    a_request_queue_grows_only_where_there_is_room,
    both_queues_grow_or_neither,
);

fn completions_carry_over_when_a_completion_queue_is_resized(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(8, 2));
    rig.post(0..8);
    for byte in 0..4 {
        rig.arrive(&[byte]);
    }
    rig.requests.send_to(rig.filled(b"sent"), rig.client_address(), 8).unwrap();
    rig.wait();
    rig.queue.resize(1000).unwrap();
    assert_eq!(rig.queue.size(), 1000);
    rig.queue.resize(10).unwrap();
    for byte in 4..8 {
        rig.arrive(&[byte]);
    }
    let mut completions = rig.take(9);
    completions.retain(|completion| completion.token() != 8);
    assert_eq!(tokens(&completions), [0, 1, 2, 3, 4, 5, 6, 7]);
    for (byte, completion) in completions.iter().enumerate() {
        assert_eq!(bytes(completion), [byte as u8]);
    }
}

fn a_completion_queue_keeps_what_is_reserved(choice: BackendChoice) {
    let mut queue = builder(choice, 10).event().unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let requests = RequestQueue::new(&socket, &queue, &queue, limits(4, 2), 0).unwrap();
    let refused = queue.resize(5).unwrap_err();
    assert!(matches!(refused, QueueError::InUse { asked: 5, needed: 6, .. }), "{refused}");
    for size in [0, 0x800_0001] {
        let refused = queue.resize(size).unwrap_err();
        assert!(matches!(refused, QueueError::InvalidSize { .. }), "{refused}");
    }
    assert_eq!((queue.size(), queue.reserved()), (10, 6));
    queue.resize(6).unwrap();
    let other = UdpSocket::bind("127.0.0.1:0").unwrap();
    assert!(RequestQueue::new(&other, &queue, &queue, limits(1, 0), 0).is_err());
    queue.resize(7).unwrap();
    let _one_more = RequestQueue::new(&other, &queue, &queue, limits(1, 0), 0).unwrap();
    drop(requests);
    queue.resize(1).unwrap();
    assert_eq!((queue.size(), queue.reserved()), (1, 1));
}

fn requests_carry_over_when_a_request_queue_is_resized(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(4, 2));
    rig.post(0..4);
    rig.queue.resize(1000).unwrap();
    rig.requests.resize(limits(200, 20)).unwrap();
    assert_eq!((rig.requests.limits(), rig.queue.reserved()), (limits(200, 20), 220));
    assert_eq!(rig.requests.outstanding().receives, 4);
    rig.pool = crate::common::rig::pool(256, 300);
    rig.post(4..200);
    assert!(rig.requests.receive(rig.marked(0), 0).is_err());
    let expected: Vec<u64> = (0..200).collect();
    let mut taken = Vec::new();
    for part in expected.chunks(50) {
        for number in part {
            rig.arrive(&number.to_le_bytes());
        }
        for completion in rig.take(part.len()) {
            assert_eq!(bytes(&completion), completion.token().to_le_bytes());
            taken.push(completion.token());
        }
    }
    assert_eq!(taken, expected);
    rig.requests.resize(limits(1, 1)).unwrap();
    assert_eq!(rig.queue.reserved(), 2);
    rig.post(0..1);
    assert!(rig.requests.receive(rig.marked(1), 1).is_err());
    rig.arrive(b"small again");
    assert_eq!(bytes(&rig.take_one()), b"small again");
}

fn a_request_queue_keeps_what_is_outstanding(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(4, 4));
    rig.post(0..3);
    rig.requests.send_to(rig.filled(b"a"), rig.client_address(), 7).unwrap();
    rig.requests.send_to(rig.filled(b"b"), rig.client_address(), 8).unwrap();
    for (small, needed) in [(limits(2, 4), 3), (limits(4, 1), 2)] {
        let refused = rig.requests.resize(small).unwrap_err();
        assert!(matches!(refused, QueueError::InUse { needed: least, .. } if least == needed), "{refused}");
        assert_eq!((rig.requests.limits(), rig.queue.reserved()), (limits(4, 4), 8));
    }
    let refused = rig.requests.resize(limits(0, 0)).unwrap_err();
    assert!(matches!(refused, QueueError::InvalidLimits(_)), "{refused}");
    assert_eq!(rig.take(2).len(), 2);
    rig.requests.resize(limits(3, 1)).unwrap();
    assert_eq!((rig.requests.limits(), rig.queue.reserved()), (limits(3, 1), 4));
    rig.arrive(b"to the first");
    assert_eq!(rig.take_one().token(), 0);
}

fn a_request_queue_grows_only_where_there_is_room(choice: BackendChoice) {
    let rig = Rig::new(choice, limits(4, 4));
    let refused = rig.requests.resize(limits(6, 3)).unwrap_err();
    assert!(matches!(refused, QueueError::NoRoom { asked: 1, reserved: 8, size: 8 }), "{refused}");
    assert_eq!((rig.requests.limits(), rig.queue.reserved()), (limits(4, 4), 8));
    // What one direction gives up the other may take.
    rig.requests.resize(limits(6, 2)).unwrap();
    assert_eq!(rig.queue.reserved(), 8);
    let one_way = Rig::new(choice, limits(4, 0));
    let refused = one_way.requests.resize(limits(2, 1)).unwrap_err();
    assert!(matches!(refused, QueueError::InvalidLimits(_)), "{refused}");
    assert_eq!(one_way.requests.limits(), limits(4, 0));
}

fn both_queues_grow_or_neither(choice: BackendChoice) {
    let (receives, sends) = (builder(choice, 9).polled().unwrap(), builder(choice, 2).polled().unwrap());
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let requests = RequestQueue::new(&socket, &receives, &sends, limits(4, 2), 0).unwrap();
    let refused = requests.resize(limits(9, 3)).unwrap_err();
    assert!(matches!(refused, QueueError::NoRoom { asked: 1, reserved: 2, size: 2 }), "{refused}");
    assert_eq!((receives.reserved(), sends.reserved()), (4, 2));
    requests.resize(limits(9, 1)).unwrap();
    assert_eq!((receives.reserved(), sends.reserved()), (9, 1));
}
