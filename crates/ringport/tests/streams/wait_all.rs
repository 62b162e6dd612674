//! WAITALL: full, at the end, or cancelled; over one slice and over several.

use std::io::Write;
use std::net::Shutdown;

use ringport::queue::CompletedBuffer;
use ringport::{BackendChoice, ChainMut, Receive, Status};

use crate::common::on_each_backend;
use crate::rig::{Rig, SLICE, bytes, rig};

on_each_backend!(
    it_completes_when_the_slice_is_full,
    over_several_slices_it_means_all_of_them,
    what_follows_goes_to_the_next,
    at_the_end_it_has_what_came,
    cancelled_it_has_what_came,
    it_works_with_a_slice_of_the_pool,
);

const ALL: fn() -> Receive = || Receive::new().wait_all();

/// Sends byte by byte, and looks after each that nothing completes.
fn trickle(rig: &mut Rig, count: usize) {
    for byte in 0..count as u8 {
        rig.peer.write_all(&[byte]).unwrap();
        rig.none();
    }
}

fn it_completes_when_the_slice_is_full(choice: BackendChoice) {
    let mut rig = rig(choice);
    rig.peer.set_nodelay(true).unwrap();
    rig.requests.receive_with(rig.pool.take().unwrap(), ALL(), 1).unwrap();
    trickle(&mut rig, SLICE - 1);
    rig.peer.write_all(&[15]).unwrap();
    assert!(bytes(rig.take(1).remove(0)).into_iter().eq(0..SLICE as u8));
}

fn over_several_slices_it_means_all_of_them(choice: BackendChoice) {
    let mut rig = rig(choice);
    rig.peer.set_nodelay(true).unwrap();
    let chain: ChainMut = (0..3).map(|_| rig.pool.take().unwrap()).collect();
    rig.requests.receive_with(chain, ALL(), 1).unwrap();
    trickle(&mut rig, 3 * SLICE - 1);
    rig.peer.write_all(&[47]).unwrap();
    let done = rig.take(1).remove(0);
    assert_eq!(done.bytes(), 3 * SLICE);
    let CompletedBuffer::ChainMut(chain) = done.into_buffer() else { panic!("a chain was posted") };
    assert!(chain.buffers().iter().flat_map(|buffer| buffer.iter().copied()).eq(0..48));
}

fn what_follows_goes_to_the_next(choice: BackendChoice) {
    let mut rig = rig(choice);
    rig.requests.receive_with(rig.pool.take().unwrap(), ALL(), 1).unwrap();
    rig.requests.receive(rig.pool.take().unwrap(), 2).unwrap();
    rig.peer.write_all(&[1; SLICE + 3]).unwrap();
    let done: Vec<_> = rig.take(2).into_iter().map(|done| (done.token(), done.bytes())).collect();
    assert_eq!(done, [(1, SLICE), (2, 3)]);
}

fn at_the_end_it_has_what_came(choice: BackendChoice) {
    let mut rig = rig(choice);
    rig.requests.receive_with(rig.pool.take().unwrap(), ALL(), 1).unwrap();
    rig.requests.receive_with(rig.pool.take().unwrap(), ALL(), 2).unwrap();
    rig.peer.write_all(b"short").unwrap();
    rig.none();
    rig.peer.shutdown(Shutdown::Write).unwrap();
    let mut done = rig.take(2);
    assert!(done[1].is_end() && !done[0].is_end());
    assert_eq!((done[0].status(), bytes(done.remove(0))), (Status::Success, b"short".to_vec()));
}

fn cancelled_it_has_what_came(choice: BackendChoice) {
    let mut rig = rig(choice);
    rig.requests.receive_with(rig.pool.take().unwrap(), ALL(), 1).unwrap();
    rig.peer.write_all(b"short").unwrap();
    rig.none();
    rig.requests.cancel();
    let done = rig.take(1).remove(0);
    assert_eq!((done.status(), done.bytes()), (Status::Aborted, 5));
    assert_eq!(bytes(done), b"short");
    rig.requests.receive(rig.pool.take().unwrap(), 2).unwrap();
    rig.peer.write_all(b"next").unwrap();
    assert_eq!(bytes(rig.take(1).remove(0)), b"next");
}

fn it_works_with_a_slice_of_the_pool(choice: BackendChoice) {
    let mut rig = rig(choice);
    rig.requests.receive_pooled(&rig.pool, ALL(), 1).unwrap();
    rig.none();
    assert_eq!(rig.pool.free(), 64);
    rig.peer.write_all(b"short").unwrap();
    rig.none();
    rig.peer.write_all(&[9; SLICE - 5]).unwrap();
    assert_eq!(rig.take(1).remove(0).bytes(), SLICE);
}
