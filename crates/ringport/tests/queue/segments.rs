//! Deferred sends that leave as one message and are cut by the kernel: nobody can tell, whatever their lengths,
//! peers and control data are.
//!
//! On Linux only: it takes an option that has the kernel refuse to cut.

use std::net::UdpSocket as Plain;
use std::os::fd::AsRawFd;

use ringport::net::{ControlBuffer, Ecn};
use ringport::{BackendChoice, Completion, Send, Status};

use crate::common::on_each_backend;
use crate::common::rig::{Rig, limits, plain};

on_each_backend!(
    each_send_stays_a_datagram_of_its_own,
    more_than_one_message_may_hold_keeps_its_order,
    a_device_that_refuses_gets_them_one_by_one,
);

const LENGTHS: [usize; 14] = [100, 100, 100, 40, 100, 0, 100, 100, 250, 250, 1, 1, 1, 250];

fn without_checksums(socket: &impl AsRawFd) {
    let on: libc::c_int = 1;
    let size = size_of_val(&on) as libc::socklen_t;
    // SAFETY: the option is an integer of the size given, which is only read.
    let set = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_NO_CHECK,
            (&raw const on).cast(),
            size,
        )
    };
    assert_eq!(set, 0);
}

fn deferred(rig: &Rig, peer: &Plain, bytes: &[u8], token: u64, control: Option<&ControlBuffer>) {
    let mut options = Send::new().to(peer.local_addr().unwrap()).defer();
    if let Some(control) = control {
        options = options.control(control);
    }
    rig.requests.send_with(rig.filled(bytes), options, token).unwrap();
}

fn received(peer: &Plain) -> Vec<u8> {
    let mut bytes = vec![0; 65_536];
    let length = peer.recv(&mut bytes).unwrap();
    bytes.truncate(length);
    bytes
}

fn each_send_stays_a_datagram_of_its_own(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(1, 64));
    let peers = [plain(), plain()];
    let mut marked = ControlBuffer::new();
    marked.ecn(Ecn::Capable0).unwrap();
    // By peer in one piece, mixed from one to the next, and with control data on some.
    for (mixed, control) in [(false, false), (true, false), (false, true)] {
        let mut expected = [Vec::new(), Vec::new()];
        for (token, length) in LENGTHS.iter().chain(&LENGTHS).enumerate() {
            let peer = if mixed { token % 2 } else { token / LENGTHS.len() };
            let bytes = vec![token as u8; *length];
            let control = (control && token % 5 < 3).then_some(&marked);
            deferred(&rig, &peers[peer], &bytes, token as u64, control);
            expected[peer].push(bytes);
        }
        rig.requests.commit();
        for (peer, expected) in peers.iter().zip(expected) {
            for bytes in expected {
                assert_eq!(received(peer), bytes);
            }
        }
        let mut done = rig.take(2 * LENGTHS.len());
        // What leaves together is grouped by peer, and completes so.
        done.sort_by_key(Completion::token);
        for (token, completion) in done.iter().enumerate() {
            let length = LENGTHS[token % LENGTHS.len()];
            assert_eq!(completion.token(), token as u64);
            assert_eq!((completion.status(), completion.bytes()), (Status::Success, length));
        }
    }
}

fn more_than_one_message_may_hold_keeps_its_order(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(1, 200));
    for token in 0..200 {
        deferred(&rig, &rig.client, &[token as u8; 3], token, None);
    }
    rig.requests.commit();
    (0..200).for_each(|token| assert_eq!(rig.reply(), [token as u8; 3]));
    let tokens: Vec<u64> = rig.take(200).iter().map(Completion::token).collect();
    assert_eq!(tokens, (0..200).collect::<Vec<_>>());
}

fn a_device_that_refuses_gets_them_one_by_one(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(1, 8));
    // Without checksums of its own the kernel cuts nothing.
    without_checksums(&rig.socket);
    for _ in 0..2 {
        for token in 0..4 {
            deferred(&rig, &rig.client, &[token as u8; 200], token, None);
        }
        rig.requests.commit();
        (0..4).for_each(|token| assert_eq!(rig.reply(), [token as u8; 200]));
        assert!(rig.take(4).iter().all(|completion| completion.status() == Status::Success));
        assert_eq!(rig.requests.counters().unsegmented, 1, "it is remembered");
    }
}
