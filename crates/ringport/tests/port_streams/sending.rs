//! Sends from any thread: whole, in post order, and over a full socket.

use std::io::Read;
use std::net::TcpStream;

use ringport::{BackendChoice, BufferPool, ChainMut, Operation, Send, Status};

use crate::common::rig::pool;
use crate::common::system::EPIPE;
use crate::common::{on_each_backend, until};
use crate::rig::{Rig, rig};

on_each_backend!(
    sends_of_several_threads_leave_whole_and_in_the_order_of_each,
    a_full_socket_is_handed_over_with_what_has_left,
    threads_send_for_themselves_again_when_there_is_room,
    deferred_sends_leave_with_a_commit_of_another_thread,
    chains_are_gathered,
    a_send_to_a_peer_that_is_gone_fails,
);

/// A stream of so many bytes that tell where in it they belong.
fn pattern(length: usize) -> Vec<u8> {
    // A prime, so that no slice begins as another does.
    let block: Vec<u8> = (0..251).collect();
    let mut bytes = block.repeat(length.div_ceil(block.len()));
    bytes.truncate(length);
    bytes
}

/// A slice of a megabyte with the bytes of its place in the stream.
pub(crate) const LARGE: usize = 1 << 20;

pub(crate) fn large(slices: usize) -> BufferPool {
    pool(LARGE, slices)
}

pub(crate) fn send_large(rig: &Rig, pool: &BufferPool, token: u64) {
    let bytes = pattern((token as usize + 1) * LARGE).split_off(token as usize * LARGE);
    rig.requests.send(pool.take_with(&bytes).unwrap(), token).unwrap();
}

fn read_large(peer: &TcpStream, slices: usize) -> std::thread::JoinHandle<()> {
    let mut peer = peer.try_clone().unwrap();
    std::thread::spawn(move || {
        let mut got = vec![0; slices * LARGE];
        peer.read_exact(&mut got).unwrap();
        assert!(got == pattern(slices * LARGE), "the stream differs");
    })
}

fn sends_of_several_threads_leave_whole_and_in_the_order_of_each(choice: BackendChoice) {
    const THREADS: u32 = 4;
    const EACH: u32 = 300;
    const LENGTH: usize = 4096;
    let rig = rig(choice);
    let pool = pool(LENGTH, 64);
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (requests, pool) = (&rig.requests, &pool);
            scope.spawn(move || {
                for number in 0..EACH {
                    let word = (thread << 16 | number).to_le_bytes();
                    let bytes = word.repeat(LENGTH / word.len());
                    let mut buffer = until("a slice", || pool.take_with(&bytes).ok());
                    while let Err(refused) = requests.send(buffer, u64::from(thread << 16 | number)) {
                        buffer = refused.buffer;
                        std::thread::yield_now();
                    }
                }
            });
        }
        let peer = &rig.peer;
        scope.spawn(move || {
            let mut next = [0; THREADS as usize];
            let mut got = vec![0; LENGTH];
            for _ in 0..THREADS * EACH {
                let mut peer = peer;
                peer.read_exact(&mut got).unwrap();
                let word = u32::from_le_bytes(got[..4].try_into().unwrap());
                assert!(got.chunks(4).all(|part| part == word.to_le_bytes()), "a send is in one piece");
                let thread = &mut next[(word >> 16) as usize];
                assert_eq!(word & 0xffff, *thread);
                *thread += 1;
            }
        });
        let mut next = [0; THREADS as usize];
        while next.iter().sum::<u64>() < u64::from(THREADS * EACH) {
            for done in crate::rig::take_some(&rig.port) {
                assert_eq!((done.status(), done.bytes()), (Status::Success, LENGTH));
                let thread = &mut next[(done.token() >> 16) as usize];
                assert_eq!(done.token() & 0xffff, *thread);
                *thread += 1;
            }
        }
    });
    assert_eq!(pool.figures().used, 0);
}

fn a_full_socket_is_handed_over_with_what_has_left(choice: BackendChoice) {
    for _ in 0..3 {
        let rig = rig(choice);
        let pool = large(12);
        // One at a time, so that the one that meets the full socket has left in part.
        for token in 0..12 {
            send_large(&rig, &pool, token);
        }
        rig.until_full();
        let early = rig.queue.completed();
        assert!(early < 12);
        let reader = read_large(&rig.peer, 12);
        let done = rig.take(12);
        reader.join().unwrap();
        for (token, done) in (0..).zip(done) {
            assert_eq!((done.operation(), done.token()), (Operation::Send, token));
            assert_eq!((done.status(), done.bytes()), (Status::Success, LARGE));
        }
        assert_eq!(pool.figures().used, 0);
    }
}

fn threads_send_for_themselves_again_when_there_is_room(choice: BackendChoice) {
    let rig = rig(choice);
    let pool = large(12);
    (0..12).for_each(|token| send_large(&rig, &pool, token));
    let reader = read_large(&rig.peer, 12);
    rig.take(12);
    reader.join().unwrap();
    if cfg!(windows) {
        return eprintln!(
            "skipped: on Windows the pump makes all sends, for their results are those of its port"
        );
    }
    // It is complete when the call returns.
    until("the pump to give the socket back", || {
        let completed = rig.queue.completed();
        rig.requests.send(rig.pool.take_with(b"more").unwrap(), 99).unwrap();
        let direct = rig.queue.completed() > completed;
        assert_eq!(rig.take(1)[0].token(), 99);
        let mut got = [0; 4];
        (&rig.peer).read_exact(&mut got).unwrap();
        assert_eq!(&got, b"more");
        direct.then_some(())
    });
}

fn deferred_sends_leave_with_a_commit_of_another_thread(choice: BackendChoice) {
    let mut rig = rig(choice);
    let before = rig.requests.system_calls();
    for token in 0..6u8 {
        let buffer = rig.pool.take_with(&[token]).unwrap();
        rig.requests.send_with(buffer, Send::new().defer(), u64::from(token)).unwrap();
    }
    rig.none();
    std::thread::scope(|scope| drop(scope.spawn(|| rig.requests.commit())));
    // On Windows the pump makes it, in its own time.
    assert!(cfg!(windows) || rig.requests.system_calls() == before + 1, "one call for all");
    let mut got = [0; 6];
    rig.peer.read_exact(&mut got).unwrap();
    assert_eq!(got, [0, 1, 2, 3, 4, 5]);
    assert!(rig.take(6).iter().map(|done| done.token()).eq(0..6));
}

fn chains_are_gathered(choice: BackendChoice) {
    let mut rig = rig(choice);
    let sent: Vec<u8> = (0..100).collect();
    let chain: ChainMut = sent.chunks(16).map(|part| rig.pool.take_with(part).unwrap()).collect();
    rig.requests.send(chain, 1).unwrap();
    let mut got = [0; 100];
    rig.peer.read_exact(&mut got).unwrap();
    assert_eq!((got[..].to_vec(), rig.take(1)[0].bytes()), (sent, 100));
}

fn a_send_to_a_peer_that_is_gone_fails(choice: BackendChoice) {
    let rig = rig(choice);
    rig.socket.shutdown(std::net::Shutdown::Write).unwrap();
    rig.requests.send(rig.pool.take_with(b"late").unwrap(), 1).unwrap();
    assert_eq!(rig.take(1)[0].status(), Status::Failed(EPIPE));
    assert_eq!(rig.requests.counters().failed, 1);
}
