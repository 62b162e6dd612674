//! How connections end.

use ringport::{Status, StreamSocket};

use super::Stage;
use crate::World;
use crate::rig::SendAs;
use crate::system::ECONNRESET;

pub(super) fn the_end_completes_every_receive(world: &World) {
    let mut stage = Stage::new(world);
    stage.post(0..3);
    stage.peer.shutdown(std::net::Shutdown::Write).unwrap();
    let done = stage.take(3);
    assert!(done.iter().all(|done| (done.status, done.bytes) == (Status::Success, 0)), "{done:?}");
}

pub(super) fn the_end_follows_the_sends(world: &World) {
    let mut stage = Stage::new(world);
    stage.post(0..1);
    stage.requests.send_as(SendAs::default(), stage.pool.filled(b"the last"), 1).unwrap();
    stage.requests.finish(2).unwrap();
    assert_eq!(stage.all_that_was_sent(), b"the last");
    stage.arrive(b"an answer");
    let done = stage.take(3);
    assert!(done.iter().any(|done| done.content() == b"an answer"), "{done:?}");
}

pub(super) fn a_reset_fails_what_is_pending(world: &World) {
    let mut stage = Stage::new(world);
    stage.post(0..3);
    stage.none();
    let peer = StreamSocket::from(stage.peer.try_clone().unwrap());
    peer.reset_on_close().unwrap();
    drop(peer);
    let Stage { requests: _requests, mut queue, peer, .. } = stage;
    drop(peer);
    let mut done = Vec::new();
    world.until("completions", || {
        done.extend(queue.dequeue(8));
        (done.len() >= 3).then_some(())
    });
    assert!(done.iter().all(|done| done.status == Status::Failed(ECONNRESET)), "{done:?}");
}

pub(super) fn the_last_handle_ends_the_connection(world: &World) {
    let stage = Stage::new(world);
    stage.post(0..2);
    let Stage { requests, mut queue, mut peer, socket, .. } = stage;
    drop(socket);
    requests.close();
    queue.dequeue(8);
    let end = std::io::Read::read(&mut peer, &mut [0; 8]);
    assert_eq!(end.expect("the end of the stream"), 0);
}
