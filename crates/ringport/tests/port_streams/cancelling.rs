//! Cancel: each request completes once, with the bytes it has moved, and the connection goes on.

use std::io::{Read, Write};

use ringport::{BackendChoice, ChainMut, Receive, Status};

use crate::common::system::unread;
use crate::common::{on_each_backend, until};
use crate::rig::{SLICES, bytes, rig};
use crate::sending::{LARGE, large, send_large};

on_each_backend!(
    cancelled_receives_complete_once,
    one_that_waits_for_all_has_what_came,
    a_send_has_what_has_left,
);

fn cancelled_receives_complete_once(choice: BackendChoice) {
    let mut rig = rig(choice);
    for token in 0..8 {
        match token % 2 {
            0 => rig.requests.receive(rig.pool.take().unwrap(), token).unwrap(),
            _ => rig.requests.receive_pooled(&rig.pool, Receive::new(), token).unwrap(),
        }
    }
    rig.requests.cancel();
    let done = rig.take(8);
    assert!(done.iter().map(|done| done.token()).eq(0..8));
    assert!(done.iter().all(|done| done.status() == Status::Aborted));
    drop(done);
    rig.none();
    assert_eq!(rig.pool.free(), SLICES);
    rig.requests.receive(rig.pool.take().unwrap(), 8).unwrap();
    rig.peer.write_all(b"next").unwrap();
    assert_eq!(bytes(rig.take(1).remove(0)), b"next");
}

fn one_that_waits_for_all_has_what_came(choice: BackendChoice) {
    for kind in 0..3 {
        let mut rig = rig(choice);
        let all = Receive::new().wait_all();
        match kind {
            0 => rig.requests.receive_with(rig.pool.take().unwrap(), all, 1).unwrap(),
            1 => rig.requests.receive_pooled(&rig.pool, all, 1).unwrap(),
            _ => {
                let chain: ChainMut = (0..2).map(|_| rig.pool.take().unwrap()).collect();
                rig.requests.receive_with(chain, all, 1).unwrap();
            }
        }
        rig.peer.write_all(b"short").unwrap();
        until("the bytes to be taken", || {
            (rig.requests.outstanding().receives == 1 && unread(&rig.socket) == 0).then_some(())
        });
        rig.requests.cancel();
        let done = rig.take(1).remove(0);
        assert_eq!((done.status(), done.bytes()), (Status::Aborted, 5), "kind {kind}");
        drop(done);
        rig.requests.receive(rig.pool.take().unwrap(), 2).unwrap();
        rig.peer.write_all(b"next").unwrap();
        assert_eq!(bytes(rig.take(1).remove(0)), b"next");
        assert_eq!(rig.pool.free(), SLICES);
    }
}

fn a_send_has_what_has_left(choice: BackendChoice) {
    let rig = rig(choice);
    let pool = large(12);
    (0..12).for_each(|token| send_large(&rig, &pool, token));
    rig.until_full();
    rig.requests.cancel();
    let done = rig.take(12);
    let first = done.iter().position(|done| done.status() != Status::Success).unwrap();
    assert!(done[first..].iter().all(|done| done.status() == Status::Aborted));
    assert!(done[first + 1..].iter().all(|done| done.bytes() == 0), "one at most is half way");
    let left: usize = done.iter().map(|done| done.bytes()).sum();
    assert!(left >= first * LARGE && left < 12 * LARGE);
    drop(done);
    assert_eq!(pool.figures().used, 0);
    // The peer gets what has left, and then what is sent next.
    let mut peer = rig.peer.try_clone().unwrap();
    let reader = std::thread::spawn(move || {
        let mut got = vec![0; left + 4];
        peer.read_exact(&mut got).unwrap();
        got.split_off(left)
    });
    rig.requests.send(rig.pool.take_with(b"next").unwrap(), 99).unwrap();
    assert_eq!((rig.take(1)[0].status(), reader.join().unwrap()), (Status::Success, b"next".to_vec()));
}
