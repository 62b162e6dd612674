//! Receives from any thread: into a slice, a chain, a slice of the pool; filled in post order.

use std::io::Write;

use ringport::queue::CompletedBuffer;
use ringport::{BackendChoice, ChainMut, Operation, Receive, Status};

use crate::common::on_each_backend;
use crate::rig::{Rig, SLICE, SLICES, bytes, pool, rig};

on_each_backend!(
    a_receive_completes_with_what_there_is,
    bytes_fill_slices_chains_and_pooled_slices_in_post_order,
    wait_all_waits_over_several_slices,
    receives_of_several_threads_are_each_filled_once,
    an_idle_connection_holds_no_slice,
    a_dry_pool_keeps_the_bytes_and_goes_on_when_a_slice_returns,
    a_receive_of_a_second_pool_is_aborted,
);

fn a_receive_completes_with_what_there_is(choice: BackendChoice) {
    let mut rig = rig(choice);
    rig.requests.receive(rig.pool.take().unwrap(), 1).unwrap();
    rig.none();
    rig.peer.write_all(b"hello").unwrap();
    let done = rig.take(1).remove(0);
    assert_eq!((done.operation(), done.status(), done.token()), (Operation::Receive, Status::Success, 1));
    assert_eq!(bytes(done), b"hello");
}

fn bytes_fill_slices_chains_and_pooled_slices_in_post_order(choice: BackendChoice) {
    let mut rig = rig(choice);
    let mut sent = Vec::new();
    for round in 0..20u8 {
        for token in 0..8 {
            match token % 3 {
                0 => rig.requests.receive(rig.pool.take().unwrap(), token).unwrap(),
                1 => rig.requests.receive_pooled(&rig.pool, Receive::new(), token).unwrap(),
                _ => {
                    let chain: ChainMut = (0..2).map(|_| rig.pool.take().unwrap()).collect();
                    rig.requests.receive(chain, token).unwrap();
                }
            }
        }
        // Exactly what fills them all: two of the eight are chains.
        sent.clear();
        sent.extend((0..10 * SLICE).map(|at| round.wrapping_mul(31).wrapping_add(at as u8)));
        rig.peer.write_all(&sent).unwrap();
        let (mut got, mut next) = (Vec::new(), 0);
        while got.len() < sent.len() {
            let done = crate::rig::take_some(&rig.port);
            for done in done {
                assert_eq!(done.token(), next, "round {round}");
                next += 1;
                match done.into_buffer() {
                    CompletedBuffer::Unique(buffer) => got.extend_from_slice(&buffer),
                    CompletedBuffer::ChainMut(chain) => {
                        chain.buffers().iter().for_each(|buffer| got.extend_from_slice(buffer));
                    }
                    other => panic!("{other:?}"),
                }
            }
        }
        assert_eq!(got, sent);
        rig.requests.cancel();
        if next < 8 {
            rig.take(8 - next as usize);
        }
    }
    assert_eq!(rig.pool.free(), SLICES);
}

fn wait_all_waits_over_several_slices(choice: BackendChoice) {
    let mut rig = rig(choice);
    rig.peer.set_nodelay(true).unwrap();
    let chain: ChainMut = (0..3).map(|_| rig.pool.take().unwrap()).collect();
    rig.requests.receive_with(chain, Receive::new().wait_all(), 1).unwrap();
    rig.requests.receive_pooled(&rig.pool, Receive::new().wait_all(), 2).unwrap();
    for byte in 0..4 * SLICE as u8 - 1 {
        rig.peer.write_all(&[byte]).unwrap();
    }
    let done = rig.take(1).remove(0);
    assert_eq!((done.token(), done.bytes()), (1, 3 * SLICE));
    let CompletedBuffer::ChainMut(chain) = done.into_buffer() else { panic!("a chain was posted") };
    assert!(chain.buffers().iter().flat_map(|buffer| buffer.iter().copied()).eq(0..48));
    rig.none();
    rig.peer.write_all(&[63]).unwrap();
    assert!(bytes(rig.take(1).remove(0)).into_iter().eq(48..64));
}

fn receives_of_several_threads_are_each_filled_once(choice: BackendChoice) {
    const EACH: u64 = 200;
    let mut rig = rig(choice);
    let (requests, pool) = (&rig.requests, &rig.pool);
    let sent: Vec<u8> = (0..4 * EACH).flat_map(|number| [number as u8; SLICE]).collect();
    let mut got = Vec::new();
    let mut tokens = Vec::new();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            scope.spawn(move || {
                for number in 0..EACH {
                    let token = thread * EACH + number;
                    let options = Receive::new().wait_all();
                    while requests.receive_pooled(pool, options, token).is_err() {
                        std::thread::yield_now();
                    }
                }
            });
        }
        scope.spawn(|| rig.peer.write_all(&sent).unwrap());
        while tokens.len() < 4 * EACH as usize {
            for done in crate::rig::take_some(&rig.port) {
                tokens.push(done.token());
                got.extend(bytes(done));
            }
        }
    });
    assert!(got == sent, "the bytes come in the order of the completions");
    for thread in 0..4 {
        let of_thread = tokens.iter().copied().filter(|token| token / EACH == thread);
        assert!(of_thread.eq(thread * EACH..(thread + 1) * EACH), "the order of each thread holds");
    }
}

fn an_idle_connection_holds_no_slice(choice: BackendChoice) {
    let mut rig = rig(choice);
    for token in 0..8 {
        rig.requests.receive_pooled(&rig.pool, Receive::new(), token).unwrap();
    }
    rig.none();
    assert_eq!((rig.pool.free(), rig.requests.outstanding().receives), (SLICES, 8));
    rig.peer.write_all(b"hello").unwrap();
    assert_eq!(bytes(rig.take(1).remove(0)), b"hello");
    rig.none();
    assert_eq!(rig.pool.free(), SLICES);
}

fn a_dry_pool_keeps_the_bytes_and_goes_on_when_a_slice_returns(choice: BackendChoice) {
    let Rig { requests, port, mut peer, queue, .. } = rig(choice);
    let pool = pool(2);
    for round in 0..50u64 {
        let taken = [pool.take().unwrap(), pool.take().unwrap()];
        requests.receive_pooled(&pool, Receive::new(), round).unwrap();
        peer.write_all(b"hello").unwrap();
        if round % 2 == 0 {
            // The pump has found the pool dry and sleeps.
            let before = queue.completed();
            (0..3).for_each(|_| _ = requests.counters());
            assert_eq!(queue.completed(), before);
        }
        std::thread::scope(|scope| {
            scope.spawn(|| drop(taken));
            assert_eq!(bytes(crate::rig::take(&port, 1).remove(0)), b"hello", "round {round}");
        });
    }
}

fn a_receive_of_a_second_pool_is_aborted(choice: BackendChoice) {
    let mut rig = rig(choice);
    let other = pool(2);
    rig.requests.receive_pooled(&rig.pool, Receive::new(), 1).unwrap();
    rig.requests.receive_pooled(&other, Receive::new(), 2).unwrap();
    let done = rig.take(1).remove(0);
    assert_eq!((done.token(), done.status()), (2, Status::Aborted));
    rig.peer.write_all(b"a").unwrap();
    assert_eq!(bytes(rig.take(1).remove(0)), b"a");
    rig.requests.receive_pooled(&other, Receive::new(), 3).unwrap();
    rig.peer.write_all(b"b").unwrap();
    assert_eq!(bytes(rig.take(1).remove(0)), b"b");
}
