//! Where the kernel or the device does not cut: the datagrams leave one by one, at once, and it is remembered.
//!
//! On Linux only: it takes filters of system calls, and devices whose other end a test holds.

use std::net::Ipv4Addr;

use ringport::net::ControlBuffer;
use ringport::{BackendChoice, Limits, RequestQueue, Send, Status, UdpSocket};

use crate::common::rig::{builder, pool};
use crate::common::tap::{HERE, Tap};
use crate::common::{on_each_backend, seccomp};
use crate::rig::{Rig, Way, on_each_way, pattern, peer};

on_each_way!(
    a_device_that_refuses_gets_them_one_by_one,
    it_is_tried_again_after_a_while,
    a_send_that_fails_on_its_way_tells_how_far_it_got,
    a_source_that_is_not_ours_says_nothing_about_the_device,
);

on_each_backend!(each_socket_of_a_queue_is_tried);

const SIZE: usize = 100;
/// As many datagrams as one message holds, so that to send them is one call with one message.
const FULL: usize = 64 * SIZE;

/// Runs on a thread for which `sendmmsg` of so many messages fails so.
fn where_batches_fail(batches: &[(u32, i32)], run: impl FnOnce() + std::marker::Send) {
    std::thread::scope(|scope| {
        let filtered = || {
            seccomp::fail_batches(libc::SYS_sendmmsg, batches);
            run();
        };
        scope.spawn(filtered).join().unwrap();
    });
}

fn sent_cut(rig: &mut Rig, length: usize) {
    rig.post(&pattern(length), rig.to(0).segments(SIZE as u16), 1);
    let done = rig.take(1);
    assert_eq!((done[0].status(), done[0].bytes()), (Status::Success, length));
    rig.receives_cut(0, &pattern(length), SIZE);
}

fn a_device_that_refuses_gets_them_one_by_one(way: Way) {
    for error in [libc::EIO, libc::EINVAL, libc::EMSGSIZE, libc::EOPNOTSUPP, libc::ENOPROTOOPT] {
        where_batches_fail(&[(1, error)], || {
            let mut rig = Rig::new(way, 1);
            for round in 0..3 {
                sent_cut(&mut rig, if round == 1 { FULL - 1 } else { FULL });
                assert_eq!(rig.counters().unsegmented, 1, "it is remembered");
            }
            // Sends that would be joined are held apart, too.
            (0..64).for_each(|token| rig.post(&pattern(SIZE), rig.to(0).defer(), token));
            rig.commit();
            assert!(rig.take(64).iter().all(|done| done.status() == Status::Success));
            rig.receives_cut(0, &pattern(SIZE).repeat(64), SIZE);
            assert_eq!((rig.counters().unsegmented, rig.counters().failed), (1, 0));
        });
    }
}

fn it_is_tried_again_after_a_while(way: Way) {
    where_batches_fail(&[(1, libc::EIO)], || {
        let mut rig = Rig::new(way, 1);
        (0..4096 / 64).for_each(|_| sent_cut(&mut rig, FULL));
        assert_eq!(rig.counters().unsegmented, 1);
        sent_cut(&mut rig, FULL);
        assert_eq!(rig.counters().unsegmented, 2);
    });
}

fn a_send_that_fails_on_its_way_tells_how_far_it_got(way: Way) {
    // Two messages are refused; of its hundred datagrams then sixty-four leave, and not the rest.
    where_batches_fail(&[(2, libc::EIO), (36, libc::EPERM)], || {
        let mut rig = Rig::new(way, 1);
        rig.post(&pattern(100 * SIZE), rig.to(0).segments(SIZE as u16).defer(), 7);
        // More behind it, which no call of thirty-six messages has.
        rig.post(b"next", rig.to(0).defer(), 8);
        rig.commit();
        let done = rig.take(2);
        assert_eq!((done[0].token(), done[0].status(), done[0].bytes()), (7, Status::Success, 100 * SIZE));
        assert_eq!((done[1].token(), done[1].status()), (8, Status::Success));
        (0..101).for_each(|_| drop(rig.received(0)));
        rig.post(&pattern(100 * SIZE), rig.to(0).segments(SIZE as u16), 9);
        let done = rig.take(1);
        assert_eq!((done[0].status(), done[0].bytes()), (Status::Failed(libc::EPERM), FULL));
        rig.receives_cut(0, &pattern(100 * SIZE)[..FULL], SIZE);
        // The next send begins at its beginning.
        sent_cut(&mut rig, 3 * SIZE);
        assert_eq!(rig.counters().failed, 1);
    });
}

fn a_source_that_is_not_ours_says_nothing_about_the_device(way: Way) {
    // What leaves as one message of sixty-four datagrams is one call of one message; cut, it would be refused here.
    where_batches_fail(&[(64, libc::EPERM)], || {
        let mut rig = Rig::with_socket(way, UdpSocket::bind("0.0.0.0:0").unwrap(), vec![peer("127.0.0.1:0")]);
        let mut control = ControlBuffer::new();
        control.source(Ipv4Addr::BROADCAST, 0).unwrap();
        rig.post(&pattern(300), rig.to(0).segments(SIZE as u16).control(&control), 3);
        let done = rig.take(1);
        assert_eq!((done[0].status(), done[0].bytes()), (Status::Failed(libc::EINVAL), 0));
        sent_cut(&mut rig, FULL);
        let counters = rig.counters();
        assert_eq!((counters.failed, counters.unsegmented), (1, 0));
    });
}

fn each_socket_of_a_queue_is_tried(choice: BackendChoice) {
    where_batches_fail(&[(1, libc::EIO)], || {
        let queue = builder(choice, 8).polled().unwrap();
        let pool = pool(FULL, 4);
        let peer = peer("127.0.0.1:0");
        let to = Send::new().to(peer.local_addr().unwrap()).segments(SIZE as u16);
        let sockets = [(); 2].map(|()| UdpSocket::bind("127.0.0.1:0").unwrap());
        let limits = Limits { receives: 0, receive_buffers: 0, sends: 4, send_buffers: 1 };
        for socket in &sockets {
            let requests = RequestQueue::new(socket, &queue, &queue, limits, 0).unwrap();
            requests.send_with(pool.take_with(&pattern(FULL)).unwrap(), to, 0).unwrap();
            assert_eq!(requests.counters().unsegmented, 1, "another socket may have another way out");
        }
    });
}

on_each_backend!(by crate::common::tap::in_a_network: a_full_socket);

fn a_full_socket(backend: BackendChoice, tap: &Tap) {
    the_rest_leaves_when_there_is_room(Way { backend, on_port: false }, tap, 2);
    the_rest_leaves_when_there_is_room(Way { backend, on_port: true }, tap, 3);
}

/// Part of a send leaves before the socket is full.
fn the_rest_leaves_when_there_is_room(way: Way, tap: &Tap, neighbour: u8) {
    // Less than the device keeps for us at a time.
    const ALL: usize = 12 * FULL;
    let there = Ipv4Addr::new(10, 9, 0, neighbour);
    let socket = UdpSocket::builder().send_buffer(1).bind((HERE, 0)).unwrap();
    let mut rig = Rig::with_socket(way, socket, Vec::new());
    let bytes = pattern(ALL);
    let parts: Vec<&[u8]> = bytes.chunks(2 * FULL + 50).collect();
    let to = Send::new().to((there, 9).into());
    rig.try_post(rig.chain(&parts), to.segments(SIZE as u16), 1).unwrap();
    rig.post(b"behind", to, 2);
    assert!(rig.counters().blocked > 0, "the socket was not full");
    tap.answer_for(there);
    let done = rig.take(2);
    assert_eq!((done[0].token(), done[0].status(), done[0].bytes()), (1, Status::Success, ALL));
    assert_eq!((done[1].token(), done[1].status()), (2, Status::Success));
    for datagram in bytes.chunks(SIZE) {
        assert!(tap.datagram() == datagram, "out of order, or cut elsewhere");
    }
    assert_eq!(tap.datagram(), b"behind");
}
