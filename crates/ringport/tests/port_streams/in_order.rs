//! Several receives pending on one connection, and threads that re-arm before they process: the handler gets the
//! stream in order all the same.

use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use ringport::port::PortWaitError;
use ringport::{BackendChoice, Completion, Completions, InOrder, Operation, Packet, Receive, Status};

use crate::common::on_each_backend;
use crate::rig::{Rig, SLICES, rig, take};

on_each_backend!(
    eight_receives_and_four_threads_keep_the_stream_in_order,
    completions_may_be_delivered_in_any_order,
    receives_are_bounded_until_they_are_handled,
    what_is_not_a_receive_of_it_is_handed_back,
);

/// What is sent: each byte tells where it belongs.
const LENGTH: usize = 200_000;

fn eight_receives_and_four_threads_keep_the_stream_in_order(choice: BackendChoice) {
    let Rig { requests, queue, port, pool, mut peer, .. } = rig(choice);
    let stream = InOrder::new(requests);
    let (got, inside, over) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
    let handle = |completion: Completion| {
        assert_eq!(inside.fetch_add(1, Ordering::Relaxed), 0, "one handler at a time");
        let mut at = got.load(Ordering::Relaxed);
        for byte in completion.into_unique().unwrap().iter() {
            assert_eq!(*byte, (at % 251) as u8, "at {at}");
            at += 1;
        }
        got.store(at, Ordering::Relaxed);
        inside.fetch_sub(1, Ordering::Relaxed);
        if at < LENGTH {
            stream.receive_pooled(&pool, Receive::new()).unwrap();
        }
        over.store(at == LENGTH, Ordering::Relaxed);
    };
    (0..8).for_each(|_| stream.receive_pooled(&pool, Receive::new()).unwrap());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                // One at a time, so that the next goes to another thread.
                let mut completions = Completions::with_capacity(1);
                while !over.load(Ordering::Relaxed) {
                    let mut ready = match port.wait(Some(Duration::from_millis(50))) {
                        Ok(Packet::Ready(ready)) => ready,
                        Err(PortWaitError::TimedOut) => continue,
                        other => panic!("{other:?}"),
                    };
                    ready.dequeue(&mut completions);
                    ready.notify();
                    std::thread::yield_now();
                    for completion in completions.drain() {
                        stream.deliver(completion, handle).unwrap();
                    }
                }
            });
        }
        let sent: Vec<u8> = (0..LENGTH).map(|at| (at % 251) as u8).collect();
        peer.write_all(&sent).unwrap();
    });
    assert_eq!(got.load(Ordering::Relaxed), LENGTH);
    stream.requests().cancel();
    drop((stream, queue, port));
    assert_eq!(pool.free(), SLICES);
}

fn completions_may_be_delivered_in_any_order(choice: BackendChoice) {
    let Rig { requests, queue, port, pool, mut peer, .. } = rig(choice);
    let stream = InOrder::new(requests);
    for round in 0..20u8 {
        (0..8).for_each(|_| stream.receive(pool.take().unwrap(), Receive::new().wait_all()).unwrap());
        let sent: Vec<u8> = (0..128).map(|at: u8| at.wrapping_add(round)).collect();
        peer.write_all(&sent).unwrap();
        let mut done = take(&port, 8);
        done.rotate_left(usize::from(round) % 8);
        let mut got = Vec::new();
        for completion in done {
            stream
                .deliver(completion, |completion| got.extend_from_slice(&completion.into_unique().unwrap()))
                .unwrap();
        }
        assert_eq!(got, sent);
    }
    drop(queue);
}

fn receives_are_bounded_until_they_are_handled(choice: BackendChoice) {
    let Rig { requests, queue, port, pool, mut peer, .. } = rig(choice);
    let stream = InOrder::new(requests);
    (0..8).for_each(|_| stream.receive_pooled(&pool, Receive::new().wait_all()).unwrap());
    assert!(stream.receive_pooled(&pool, Receive::new()).is_err());
    peer.write_all(&[1; 128]).unwrap();
    let mut done = take(&port, 8);
    let first = done.remove(0);
    let handled = AtomicUsize::new(0);
    let handle = |_: Completion| _ = handled.fetch_add(1, Ordering::Relaxed);
    done.into_iter().for_each(|done| stream.deliver(done, handle).unwrap());
    assert_eq!((handled.load(Ordering::Relaxed), stream.outstanding()), (0, 8));
    let refused = stream.receive(pool.take().unwrap(), Receive::new()).unwrap_err();
    assert!(refused.error.to_string().contains("receives"), "{refused}");
    stream.deliver(first, handle).unwrap();
    assert_eq!((handled.load(Ordering::Relaxed), stream.outstanding()), (8, 0));
    stream.receive(refused.buffer, Receive::new()).unwrap();
    drop(queue);
}

fn what_is_not_a_receive_of_it_is_handed_back(choice: BackendChoice) {
    let Rig { requests, queue, port, pool, peer, .. } = rig(choice);
    let stream = InOrder::new(requests);
    stream.requests().send(pool.take_with(b"hello").unwrap(), 0).unwrap();
    let sent = stream.deliver(take(&port, 1).remove(0), |_| panic!("it is a send")).unwrap_err();
    assert_eq!(sent.operation(), Operation::Send);
    stream.receive_pooled(&pool, Receive::new()).unwrap();
    stream.requests().cancel();
    let mut aborted = 0;
    let handle = |completion: Completion| aborted += usize::from(completion.status() == Status::Aborted);
    stream.deliver(take(&port, 1).remove(0), handle).unwrap();
    assert_eq!(aborted, 1);
    drop((queue, peer));
}
