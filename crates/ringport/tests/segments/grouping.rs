//! Sends to many peers that leave together: grouped, with few calls, and nobody can tell.

use ringport::net::{ControlBuffer, Ecn, gso_supported};
use ringport::{Completion, Status, UdpSocket};

use crate::common::system::EINVAL;
use crate::rig::{Rig, Way, on_each_way, pattern, peer};

on_each_way!(
    mixed_peers_leave_with_one_call,
    one_peer_after_the_other_leaves_with_one_call,
    plain_sends_keep_their_places,
    each_peer_keeps_its_order_whatever_it_is_sent,
    peers_of_both_families_are_told_apart,
    a_peer_that_fails_does_not_hold_up_the_others,
    a_large_batch_is_complete,
);

/// Posts `each` deferred sends to each peer, `stride` to one before the next has its turn.
fn defer_mixed(rig: &Rig, each: usize, stride: usize) {
    let mut token = 0;
    for turn in (0..each).step_by(stride) {
        for peer in 0..rig.peers.len() {
            for number in turn..(turn + stride).min(each) {
                rig.post(&name(peer, number), rig.to(peer).defer(), token);
                token += 1;
            }
        }
    }
}

fn name(peer: usize, number: usize) -> [u8; 8] {
    ((peer << 16 | number) as u64).to_le_bytes()
}

fn all_succeeded(done: &[Completion]) {
    assert!(done.iter().all(|done| done.status() == Status::Success), "{done:?}");
}

/// How many calls it took; where the system cannot cut messages they are as many as there are datagrams.
fn calls_of_mixed(way: Way, stride: usize) -> u64 {
    let mut rig = Rig::new(way, 64);
    let before = rig.system_calls();
    defer_mixed(&rig, 8, stride);
    rig.commit();
    let calls = rig.system_calls() - before;
    let mut done = rig.take(512);
    all_succeeded(&done);
    done.sort_by_key(Completion::token);
    assert!(done.iter().zip(0..).all(|(done, token)| done.token() == token));
    for peer in 0..64 {
        (0..8).for_each(|number| assert_eq!(rig.received(peer), name(peer, number)));
        rig.receives_nothing(peer);
    }
    if gso_supported() { calls } else { 1 }
}

fn mixed_peers_leave_with_one_call(way: Way) {
    assert_eq!(calls_of_mixed(way, 1), 1);
}

fn one_peer_after_the_other_leaves_with_one_call(way: Way) {
    assert_eq!(calls_of_mixed(way, 8), 1);
}

fn plain_sends_keep_their_places(way: Way) {
    let mut rig = Rig::new(way, 3);
    // Deferred to 0 1 0, plain to 1, deferred to 0 1 0, plain to 0; and then by a commit.
    for (token, (peer, plain)) in [
        (0, false),
        (1, false),
        (0, false),
        (1, true),
        (0, false),
        (1, false),
        (0, false),
        (0, true),
        (1, false),
    ]
    .into_iter()
    .enumerate()
    {
        let send = if plain { rig.to(peer) } else { rig.to(peer).defer() };
        rig.post(&[token as u8], send, token as u64);
    }
    rig.commit();
    // As they left.
    let tokens: Vec<u64> = rig.take(9).iter().map(Completion::token).collect();
    let grouped = [0, 2, 1, 3, 4, 6, 5, 7, 8];
    // Without messages of several datagrams there is no reason to.
    let as_posted = !gso_supported() && tokens == [0, 1, 2, 3, 4, 5, 6, 7, 8];
    assert!(tokens == grouped || as_posted, "{tokens:?}");
    for token in [0, 2, 4, 6, 7] {
        assert_eq!(rig.received(0), [token]);
    }
    for token in [1, 3, 5, 8] {
        assert_eq!(rig.received(1), [token]);
    }
}

fn each_peer_keeps_its_order_whatever_it_is_sent(way: Way) {
    let mut rig = Rig::new(way, 3);
    let mut marked = ControlBuffer::new();
    marked.ecn(Ecn::Capable0).unwrap();
    let bytes = pattern(3000);
    let mut expected = [const { Vec::new() }; 3];
    for token in 0..60usize {
        let peer = token * 7 % 5 % 3;
        let payload = &bytes[token..token + token * 31 % 400];
        let size = [0, 0, 100, 0, 50][token % 5];
        let send = rig.to(peer).segments(size).defer();
        let send = if token % 4 == 3 { send.control(&marked) } else { send };
        rig.post(payload, send, token as u64);
        match (size, payload.len()) {
            (0, _) | (_, 0) => expected[peer].push(payload),
            (size, _) => expected[peer].extend(payload.chunks(usize::from(size))),
        }
    }
    rig.commit();
    all_succeeded(&rig.take(60));
    for (peer, expected) in expected.iter().enumerate() {
        expected
            .iter()
            .for_each(|expected| assert!(rig.received(peer) == *expected, "another order, or cut elsewhere"));
        rig.receives_nothing(peer);
    }
}

fn peers_of_both_families_are_told_apart(way: Way) {
    if UdpSocket::bind("[::1]:0").is_err() {
        return eprintln!("skipped: no IPv6 here");
    }
    let peers = vec![peer("[::1]:0"), peer("[::1]:0"), peer("127.0.0.1:0")];
    let mut rig = Rig::with_socket(way, UdpSocket::bind("[::]:0").unwrap(), peers);
    let mapped = format!("[::ffff:127.0.0.1]:{}", rig.address(2).port()).parse().unwrap();
    for number in 0..30 {
        let send = if number % 3 == 2 { ringport::Send::new().to(mapped) } else { rig.to(number % 3) };
        rig.post(&[number as u8], send.defer(), number as u64);
    }
    rig.commit();
    all_succeeded(&rig.take(30));
    for peer in 0..3 {
        (peer..30).step_by(3).for_each(|number| assert_eq!(rig.received(peer), [number as u8]));
    }
}

fn a_peer_that_fails_does_not_hold_up_the_others(way: Way) {
    let mut rig = Rig::new(way, 2);
    // Nothing is sent to port 0.
    let nowhere = ringport::Send::new().to(([127, 0, 0, 1], 0).into());
    for number in 0..30u8 {
        let send = if number % 3 == 1 { nowhere } else { rig.to(usize::from(number % 3 / 2)) };
        rig.post(&[number; 40], send.defer(), number.into());
    }
    rig.commit();
    for done in rig.take(30) {
        let expected = if done.token() % 3 == 1 { Status::Failed(EINVAL) } else { Status::Success };
        assert_eq!(done.status(), expected);
    }
    for (peer, first) in [(0, 0), (1, 2)] {
        (first..30).step_by(3).for_each(|number| assert_eq!(rig.received(peer), [number; 40]));
    }
    let counters = rig.counters();
    assert_eq!((counters.failed, counters.unsegmented), (10, 0), "it was not about cutting");
}

fn a_large_batch_is_complete(way: Way) {
    let mut rig = Rig::new(way, 200);
    defer_mixed(&rig, 3, 1);
    rig.commit();
    all_succeeded(&rig.take(600));
    for peer in 0..200 {
        (0..3).for_each(|number| assert_eq!(rig.received(peer), name(peer, number)));
        rig.receives_nothing(peer);
    }
}
