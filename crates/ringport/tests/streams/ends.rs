//! How connections end: half-close, the peer's end, reset.

use std::io::{Read, Write};
use std::net::Shutdown;

use ringport::{BackendChoice, Operation, Status, StreamSocket};

use crate::common::on_each_backend;
use crate::rig::{bytes, rig};

on_each_backend!(
    the_end_completes_every_receive,
    the_end_is_told_again_to_later_receives,
    bytes_before_the_end_are_not_lost,
    finish_follows_the_sends_and_receives_go_on,
    a_reset_fails_what_is_pending,
    closing_the_last_handle_ends_the_connection,
);

fn the_end_completes_every_receive(choice: BackendChoice) {
    let mut rig = rig(choice);
    for token in 0..8 {
        rig.requests.receive(rig.pool.take().unwrap(), token).unwrap();
    }
    rig.peer.shutdown(Shutdown::Write).unwrap();
    let done = rig.take(8);
    assert!(done.iter().map(|done| done.token()).eq(0..8));
    assert!(done.iter().all(|done| done.is_end()));
}

fn the_end_is_told_again_to_later_receives(choice: BackendChoice) {
    let mut rig = rig(choice);
    rig.peer.shutdown(Shutdown::Write).unwrap();
    for token in 0..3 {
        rig.requests.receive(rig.pool.take().unwrap(), token).unwrap();
        assert!(rig.take(1)[0].is_end());
    }
}

fn bytes_before_the_end_are_not_lost(choice: BackendChoice) {
    for _ in 0..50 {
        let mut rig = rig(choice);
        rig.requests.receive(rig.pool.take().unwrap(), 0).unwrap();
        rig.requests.receive(rig.pool.take().unwrap(), 1).unwrap();
        rig.peer.write_all(b"last").unwrap();
        drop(rig.peer.try_clone().unwrap());
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
    let mut rig = rig(choice);
    for token in 0..4 {
        rig.requests.receive(rig.pool.take().unwrap(), token).unwrap();
    }
    rig.none();
    let peer = StreamSocket::from(rig.peer.try_clone().unwrap());
    peer.reset_on_close().unwrap();
    drop(peer);
    let Rig { mut queue, peer, requests, pool, .. } = rig;
    drop(peer);
    let done = crate::rig::take(&mut queue, 4);
    assert!(done.iter().all(|done| done.status() == Status::Failed(ECONNRESET)), "{done:?}");
    requests.receive(pool.take().unwrap(), 9).unwrap();
    assert_eq!(crate::rig::take(&mut queue, 1)[0].status(), Status::Failed(ECONNRESET));
}

use crate::common::system::ECONNRESET;
use crate::rig::Rig;

fn closing_the_last_handle_ends_the_connection(choice: BackendChoice) {
    let Rig { requests, mut peer, socket, mut queue, .. } = rig(choice);
    drop(socket);
    requests.close();
    queue.dequeue(&mut ringport::Completions::with_capacity(8));
    assert_eq!(peer.read(&mut [0; 8]).unwrap(), 0);
}
