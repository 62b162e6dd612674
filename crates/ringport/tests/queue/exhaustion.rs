//! A pool that runs dry: a receive may wait for a slice, and the thread that returns one wakes it.

use std::time::Duration;

use ringport::queue::{CompletedBuffer, PostError};
use ringport::{BackendChoice, Receive, RequestQueue, Status, UdpSocket, WaitOutcome};

use crate::common::on_each_backend;
use crate::common::rig::{Rig, bytes, limits, pool, tokens};

on_each_backend!(
    it_posts_at_once_while_there_are_slices,
    a_waiting_receive_is_charged_and_posted_when_a_slice_returns,
    a_slice_from_another_thread_wakes_the_sleeper,
    waiting_receives_are_aborted_on_close,
    every_socket_that_waits_gets_its_share,
);

const QUICK: Option<Duration> = Some(Duration::from_micros(300));

/// A rig whose pool has only so many slices.
fn scarce(choice: BackendChoice, receives: u32, slices: usize) -> Rig {
    let mut rig = Rig::new(choice, limits(receives, 1));
    rig.pool = pool(64, slices);
    rig
}

fn post(rig: &Rig, tokens: std::ops::Range<u64>) {
    for token in tokens {
        rig.requests.receive_when_free(&rig.pool, Receive::new(), token).unwrap();
    }
}

fn it_posts_at_once_while_there_are_slices(choice: BackendChoice) {
    let mut rig = scarce(choice, 4, 4);
    rig.requests.receive_when_free(&rig.pool, Receive::new().addresses(), 0).unwrap();
    post(&rig, 1..4);
    assert_eq!((rig.pool.free(), rig.requests.outstanding().starved), (0, 0));
    rig.arrive(b"x");
    let completion = rig.take_one();
    assert_eq!((completion.token(), completion.peer()), (0, Some(rig.client_address())));
}

fn a_waiting_receive_is_charged_and_posted_when_a_slice_returns(choice: BackendChoice) {
    let mut rig = scarce(choice, 6, 4);
    post(&rig, 0..6);
    let outstanding = rig.requests.outstanding();
    assert_eq!((outstanding.receives, outstanding.starved), (6, 2));
    let refused = rig.requests.receive_when_free(&rig.pool, Receive::new(), 6).unwrap_err();
    assert!(matches!(refused, PostError::LimitReached { limit: 6, .. }), "{refused}");
    (0..6).for_each(|byte| rig.arrive(&[byte]));
    let mut held = rig.take(4);
    rig.take_none();
    assert_eq!(rig.requests.outstanding().starved, 2);
    // One slice comes home, one receive goes on; then the other.
    drop(held.remove(0));
    let fifth = rig.take_one();
    assert_eq!((fifth.token(), bytes(&fifth)), (4, &[4][..]));
    rig.take_none();
    assert_eq!(rig.requests.outstanding().starved, 1);
    drop(held);
    let sixth = rig.take_one();
    assert_eq!((sixth.token(), bytes(&sixth)), (5, &[5][..]));
    assert_eq!(rig.requests.outstanding().receives, 0);
}

fn a_slice_from_another_thread_wakes_the_sleeper(choice: BackendChoice) {
    let mut rig = scarce(choice, 2, 1);
    let (give, given) = std::sync::mpsc::channel::<ringport::Completion>();
    let other = std::thread::spawn(move || given.iter().for_each(drop));
    post(&rig, 0..2);
    rig.arrive(&0u64.to_le_bytes());
    for number in 0..3000u64 {
        rig.wait();
        let completion = rig.take_one();
        assert_eq!(bytes(&completion), number.to_le_bytes());
        rig.arrive(&(number + 1).to_le_bytes());
        // The next receive waits for this very slice.
        post(&rig, number..number + 1);
        give.send(completion).unwrap();
    }
    drop(give);
    other.join().unwrap();
}

fn waiting_receives_are_aborted_on_close(choice: BackendChoice) {
    let mut rig = scarce(choice, 5, 2);
    post(&rig, 0..5);
    rig.queue.notify().unwrap();
    assert_eq!(rig.queue.wait(QUICK).unwrap(), WaitOutcome::TimedOut);
    rig.requests.cancel();
    let aborted = rig.take(5);
    assert_eq!(tokens(&aborted), [0, 1, 2, 3, 4]);
    assert!(aborted.iter().all(|completion| completion.status() == Status::Aborted));
    let without =
        |completion: ringport::Completion| matches!(completion.into_buffer(), CompletedBuffer::None);
    let without: Vec<_> = aborted.into_iter().map(without).collect();
    assert_eq!(without, [false, false, true, true, true]);
    assert_eq!((rig.pool.free(), rig.requests.outstanding().receives), (2, 0));
    // A slice that returns afterwards goes to nobody.
    let kept = [rig.pool.take().unwrap(), rig.pool.take().unwrap()];
    post(&rig, 5..6);
    let Rig { requests, queue, pool, .. } = rig;
    drop(requests);
    drop(queue);
    drop(kept);
    assert_eq!(pool.figures().used, 0);
}

fn every_socket_that_waits_gets_its_share(choice: BackendChoice) {
    let mut rig = scarce(choice, 1, 1);
    rig.queue.resize(100).unwrap();
    let sockets: Vec<_> = (0..8).map(|_| UdpSocket::bind("127.0.0.1:0").unwrap()).collect();
    let all: Vec<_> = (0..)
        .zip(&sockets)
        .map(|(context, socket)| RequestQueue::new(socket, &rig.queue, &rig.queue, limits(2, 0), context))
        .map(Result::unwrap)
        .collect();
    let kept = rig.pool.take().unwrap();
    for requests in &all {
        requests.receive_when_free(&rig.pool, Receive::new(), 0).unwrap();
        rig.client.send_to(b"x", requests.socket().local_addr().unwrap()).unwrap();
    }
    rig.take_none();
    drop(kept);
    // One slice serves them all, one after the other.
    let mut served = Vec::new();
    for _ in 0..8 {
        rig.wait();
        served.push(rig.take_one().socket_context());
    }
    served.sort_unstable();
    assert_eq!(served, (0..8).collect::<Vec<_>>());
}
