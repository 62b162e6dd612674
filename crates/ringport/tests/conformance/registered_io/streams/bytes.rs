//! How bytes move.

use std::io::Read;

use ringport::{Chain, ChainMut, Status};

use super::Stage;
use crate::World;
use crate::rig::{ReceiveAs, SendAs};

const ALL: ReceiveAs = ReceiveAs { addresses: false, silent: false, wait_all: true };

pub(super) fn waiting_for_all_fills_the_slice(world: &World) {
    let mut stage = Stage::new(world);
    stage.requests.receive_as(ALL, stage.pool.take(), 0).unwrap();
    for part in [100, 100, 55] {
        stage.arrive(&vec![1; part]);
        stage.none();
    }
    stage.arrive(&[1]);
    assert_eq!(stage.take(1).remove(0).content(), [1; 256]);
}

pub(super) fn waiting_for_all_fills_every_slice(world: &World) {
    let mut stage = Stage::new(world);
    let chain: ChainMut = (0..3).map(|_| stage.pool.take()).collect();
    stage.requests.receive_as(ALL, chain, 0).unwrap();
    // The first slice, most of the second, and all but the last byte.
    for part in [256, 200, 311] {
        stage.arrive(&vec![2; part]);
        stage.none();
    }
    stage.arrive(&[2]);
    assert_eq!(stage.take(1).remove(0).content(), [2; 768]);
}

pub(super) fn waiting_for_all_ends_with_the_stream(world: &World) {
    let mut stage = Stage::new(world);
    stage.requests.receive_pooled(ALL, &stage.pool, 0).unwrap();
    stage.arrive(b"short");
    stage.none();
    stage.peer.shutdown(std::net::Shutdown::Write).unwrap();
    let done = stage.take(1).remove(0);
    assert_eq!((done.status, done.content()), (Status::Success, b"short".to_vec()));
}

pub(super) fn waiting_for_all_ends_when_cancelled(world: &World) {
    let mut stage = Stage::new(world);
    stage.requests.receive_pooled(ALL, &stage.pool, 0).unwrap();
    stage.arrive(b"short");
    world.until("the bytes to be taken", || {
        stage.none();
        (stage.pool.figures().used == 1).then_some(())
    });
    stage.requests.cancel();
    let done = stage.take(1).remove(0);
    assert_eq!((done.status, done.content()), (Status::Aborted, b"short".to_vec()));
}

pub(super) fn a_send_leaves_whole(world: &World) {
    const SLICES: usize = 1024;
    let mut stage = Stage::new(world);
    stage.socket.set_send_buffer(4096).unwrap();
    let part = stage.pool.filled(&[3; 256]).freeze();
    stage.requests.resize(ringport::Limits { send_buffers: 1024, ..stage.requests.limits() }).unwrap();
    for token in 0..4 {
        let chain: Chain = (0..SLICES / 4).map(|_| part.clone()).collect();
        stage.requests.send_as(SendAs::default(), chain, token).unwrap();
    }
    let (mut read, mut done, mut bytes) = (0, Vec::new(), vec![0; 65_536]);
    stage.peer.set_nonblocking(true).unwrap();
    world.until("all of it", || {
        done.extend(stage.queue.dequeue(8));
        read += stage.peer.read(&mut bytes).unwrap_or(0);
        (read == SLICES * 256 && done.len() >= 4).then_some(())
    });
    assert!(done.iter().all(|done| done.bytes == SLICES / 4 * 256), "{:?}", done[0].bytes);
}

pub(super) fn an_idle_connection_holds_no_slice(world: &World) {
    let mut stage = Stage::new(world);
    let plain = ReceiveAs::default();
    (0..3).for_each(|token| stage.requests.receive_pooled(plain, &stage.pool, token).unwrap());
    stage.none();
    assert_eq!((stage.pool.figures().used, stage.requests.outstanding().receives), (0, 3));
    stage.arrive(b"bytes");
    assert_eq!(stage.take(1).remove(0).content(), b"bytes");
}
