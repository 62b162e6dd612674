//! Each accepted request completes once, with its data, its buffer and what it was given.

use ringport::queue::CompletedBuffer;
use ringport::{BackendChoice, ChainMut, Limits, Operation, PortRequestQueue, Receive, Status};

use crate::common::on_each_backend;
use crate::common::rig::{bytes, limits, plain, pool, tokens};
use crate::rig::{CONTEXT, KEY, Rig, is_silent, ready, socket};

on_each_backend!(
    receives_fill_in_post_order_and_complete_once,
    the_source_address_comes_with_the_datagram,
    a_datagram_larger_than_its_slice_is_told_as_truncated,
    datagrams_without_bytes_complete,
    chains_are_filled_and_sent,
    sends_and_receives_complete_in_queues_of_their_own,
    cancelled_requests_complete_as_aborted_once,
    a_receive_waits_for_a_slice_of_its_pool,
    what_waits_for_a_pool_is_aborted,
);

fn receives_fill_in_post_order_and_complete_once(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(8, 1));
    for round in 0..20u8 {
        rig.post(0..8);
        (0..8).for_each(|number| rig.arrive(&[round, number]));
        let taken = rig.take(8);
        for (number, completion) in (0..8u8).zip(&taken) {
            assert_eq!((completion.token(), completion.socket_context()), (number.into(), CONTEXT));
            assert_eq!((completion.operation(), completion.status()), (Operation::Receive, Status::Success));
            assert_eq!(bytes(completion), [round, number]);
            assert_eq!(completion.buffer().unwrap().context(), number.into(), "the slice that was posted");
        }
    }
    rig.nothing_more();
    assert_eq!((rig.requests.outstanding().receives, rig.pool.figures().used), (0, 0));
}

fn the_source_address_comes_with_the_datagram(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(2, 1));
    rig.requests.receive_from(rig.marked(0), 0).unwrap();
    rig.requests.receive_with(rig.marked(1), Receive::new().addresses(), 1).unwrap();
    let other = plain();
    rig.arrive(b"one");
    assert_eq!(rig.take_one().peer(), Some(rig.client_address()));
    other.send_to(b"two", rig.address).unwrap();
    assert_eq!(rig.take_one().peer(), Some(other.local_addr().unwrap()));
}

fn a_datagram_larger_than_its_slice_is_told_as_truncated(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(4, 1));
    for (token, options) in [(0, Receive::new()), (1, Receive::new().addresses())] {
        rig.requests.receive_with(rig.marked(0), options, token).unwrap();
        rig.arrive(&[5; 1000]);
        let completion = rig.take_one();
        assert_eq!((completion.status(), completion.bytes()), (Status::Truncated, 256));
        assert_eq!(bytes(&completion), [5; 256]);
    }
    assert_eq!(rig.requests.counters().truncated, 2);
}

fn datagrams_without_bytes_complete(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(8, 2));
    for round in 0..5 {
        rig.post(0..6);
        for number in 0..6u8 {
            rig.arrive(&[number][..usize::from(number % 2)]);
        }
        let lengths: Vec<_> = rig.take(6).iter().map(ringport::Completion::bytes).collect();
        assert_eq!(lengths, [0, 1, 0, 1, 0, 1], "round {round}");
        rig.requests.send_to(rig.filled(b""), rig.client_address(), 9).unwrap();
        assert_eq!((rig.take_one().status(), rig.reply()), (Status::Success, Vec::new()));
    }
}

fn chains_are_filled_and_sent(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(4, 4));
    let chain = |rig: &Rig| -> ChainMut { (0..3).map(|_| rig.pool.take().unwrap()).collect() };
    for length in [10, 300, 768, 1000u32] {
        rig.requests.receive_from(chain(&rig), 1).unwrap();
        let sent: Vec<u8> = (0..length).map(|byte| byte as u8).collect();
        rig.arrive(&sent);
        let completion = rig.take_one();
        let status = if length > 768 { Status::Truncated } else { Status::Success };
        assert_eq!((completion.status(), completion.bytes()), (status, length.min(768) as usize));
        let CompletedBuffer::ChainMut(chain) = completion.into_buffer() else { panic!("not the chain") };
        let received: Vec<u8> = chain.buffers().iter().flat_map(|buffer| buffer.to_vec()).collect();
        assert_eq!(received, sent[..sent.len().min(768)]);
        rig.requests.send_to(chain, rig.client_address(), 2).unwrap();
        assert_eq!((rig.take_one().token(), rig.reply()), (2, received));
    }
    assert_eq!(rig.pool.figures().used, 0);
}

fn sends_and_receives_complete_in_queues_of_their_own(choice: BackendChoice) {
    let rig = Rig::new(choice, limits(4, 4));
    let sends = crate::common::rig::builder(choice, 4).on(&rig.port, KEY + 1).unwrap();
    let receives = crate::common::rig::builder(choice, 4).on(&rig.port, KEY + 2).unwrap();
    let socket = socket();
    let requests = PortRequestQueue::new(&socket, &receives, &sends, limits(4, 4), 3).unwrap();
    assert_eq!((receives.reserved(), sends.reserved()), (4, 4));
    let mut some = ringport::Completions::with_capacity(8);
    for token in 0..10 {
        requests.receive(rig.marked(0), token).unwrap();
        requests.send_to(rig.filled(b"to myself"), socket.local_addr().unwrap(), 100 + token).unwrap();
        for _ in 0..2 {
            let mut ready = ready(&rig.port);
            assert_eq!(ready.dequeue(&mut some), 1);
            let completion = some.drain().next().unwrap();
            let expected = match completion.operation() {
                Operation::Receive => (KEY + 2, token),
                _ => (KEY + 1, 100 + token),
            };
            assert_eq!((ready.key(), completion.token()), expected);
        }
        assert!(is_silent(&rig.port));
    }
    drop(requests);
    assert_eq!((receives.reserved(), sends.reserved()), (0, 0));
}

fn cancelled_requests_complete_as_aborted_once(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(8, 8));
    let later = ringport::Send::new().to(rig.client_address()).defer();
    for _ in 0..10 {
        rig.post(0..4);
        rig.arrive(b"first");
        rig.completed(1);
        (10..13).for_each(|token| rig.requests.send_with(rig.filled(b"x"), later, token).unwrap());
        rig.requests.cancel();
        let taken = rig.take(7);
        let of = |status| taken.iter().filter(|completion| completion.status() == status).count();
        assert!(of(Status::Success) <= 1 && of(Status::Success) + of(Status::Aborted) == 7, "{taken:?}");
        let mut all = tokens(&taken);
        all.sort_unstable();
        assert_eq!(all, [0, 1, 2, 3, 10, 11, 12]);
        drop(taken);
        // What was not received then is received now, and the queue goes on.
        rig.post(20..22);
        rig.arrive(b"second");
        let mut first = rig.take_one();
        if bytes(&first) == b"first" {
            first = rig.take_one();
        }
        assert_eq!(bytes(&first), b"second");
        rig.requests.cancel();
        rig.take(rig.requests.outstanding().receives as usize);
        rig.nothing_more();
        rig = Rig::new(choice, limits(8, 8));
    }
}

/// A rig whose pool has only so many slices.
fn scarce(choice: BackendChoice, receives: u32, slices: usize) -> Rig {
    let none = Limits { receives, receive_buffers: 1, sends: 0, send_buffers: 0 };
    let mut rig = Rig::new(choice, none);
    rig.pool = pool(64, slices);
    rig
}

fn a_receive_waits_for_a_slice_of_its_pool(choice: BackendChoice) {
    let mut rig = scarce(choice, 6, 4);
    for token in 0..6 {
        rig.requests.receive_when_free(&rig.pool, Receive::new(), token).unwrap();
    }
    rig.settled();
    let outstanding = rig.requests.outstanding();
    assert_eq!((outstanding.receives, outstanding.starved), (6, 2));
    assert!(rig.requests.receive_when_free(&rig.pool, Receive::new(), 6).is_err());
    (0..6).for_each(|byte| rig.arrive(&[byte]));
    let mut held = rig.take(4);
    rig.nothing_more();
    // One slice comes home, from another thread, and one receive goes on.
    let first = held.remove(0);
    std::thread::spawn(move || drop(first)).join().unwrap();
    let fifth = rig.take_one();
    assert_eq!((fifth.token(), bytes(&fifth)), (4, &[4][..]));
    drop(fifth);
    assert_eq!(bytes(&rig.take_one()), [5]);
}

fn what_waits_for_a_pool_is_aborted(choice: BackendChoice) {
    let mut rig = scarce(choice, 5, 2);
    for token in 0..5 {
        rig.requests.receive_when_free(&rig.pool, Receive::new(), token).unwrap();
    }
    rig.requests.cancel();
    let without = |completion: ringport::Completion| {
        assert_eq!(completion.status(), Status::Aborted);
        matches!(completion.into_buffer(), CompletedBuffer::None)
    };
    let without: Vec<_> = rig.take(5).into_iter().map(without).collect();
    assert_eq!(without, [false, false, true, true, true]);
    assert_eq!((rig.pool.free(), rig.requests.outstanding().receives), (2, 0));
}
