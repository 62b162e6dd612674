//! How connections end: the peer's end, half-close, reset.

use std::io::{Read, Write};
use std::net::Shutdown;

use ringport::{BackendChoice, Operation, Receive, Status, StreamSocket};

use crate::common::on_each_backend;
use crate::common::system::ECONNRESET;
use crate::rig::{Rig, SLICES, bytes, is_over, rig, take};

on_each_backend!(
    the_end_completes_every_receive_and_is_told_again,
    bytes_before_the_end_are_not_lost,
    finish_follows_the_sends_and_receives_go_on,
    a_reset_fails_what_is_pending,
);

fn the_end_completes_every_receive_and_is_told_again(choice: BackendChoice) {
    let rig = rig(choice);
    for token in 0..8 {
        rig.requests.receive_pooled(&rig.pool, Receive::new(), token).unwrap();
    }
    rig.peer.shutdown(Shutdown::Write).unwrap();
    let done = rig.take(8);
    assert!(done.iter().map(|done| done.token()).eq(0..8) && done.iter().all(|done| done.is_end()));
    rig.requests.receive(rig.pool.take().unwrap(), 8).unwrap();
    assert!(rig.take(1)[0].is_end());
    assert_eq!(rig.pool.free(), SLICES);
}

fn bytes_before_the_end_are_not_lost(choice: BackendChoice) {
    for _ in 0..50 {
        let mut rig = rig(choice);
        (0..2).for_each(|token| rig.requests.receive(rig.pool.take().unwrap(), token).unwrap());
        rig.peer.write_all(b"last").unwrap();
        rig.peer.shutdown(Shutdown::Write).unwrap();
        let mut done = rig.take(2);
        assert!(done.remove(1).is_end());
        assert_eq!(bytes(done.remove(0)), b"last");
    }
}

fn finish_follows_the_sends_and_receives_go_on(choice: BackendChoice) {
    let mut rig = rig(choice);
    rig.requests.receive(rig.pool.take().unwrap(), 0).unwrap();
    rig.requests.send(rig.pool.take_with(b"bye").unwrap(), 1).unwrap();
    rig.requests.finish(2).unwrap();
    let done: Vec<_> = rig.take(2).iter().map(|done| (done.operation(), done.token())).collect();
    assert_eq!(done, [(Operation::Send, 1), (Operation::Finish, 2)]);
    let mut text = String::new();
    rig.peer.read_to_string(&mut text).unwrap();
    assert_eq!(text, "bye");
    rig.peer.write_all(b"answer").unwrap();
    assert_eq!(bytes(rig.take(1).remove(0)), b"answer");
}

fn a_reset_fails_what_is_pending(choice: BackendChoice) {
    let Rig { requests, port, pool, peer, queue, .. } = rig(choice);
    (0..4).for_each(|token| requests.receive(pool.take().unwrap(), token).unwrap());
    requests.counters();
    let peer = StreamSocket::from(peer);
    peer.reset_on_close().unwrap();
    drop(peer);
    let done = take(&port, 4);
    assert!(done.iter().all(|done| done.status() == Status::Failed(ECONNRESET)), "{done:?}");
    requests.receive(pool.take().unwrap(), 9).unwrap();
    assert_eq!(take(&port, 1)[0].status(), Status::Failed(ECONNRESET));
    requests.send(pool.take_with(b"late").unwrap(), 10).unwrap();
    assert!(is_over(take(&port, 1)[0].status()));
    drop((done, queue));
    assert_eq!(pool.free(), SLICES);
}
