//! Receives that take their slice when there are bytes.

use std::io::Write;
use std::net::Shutdown;

use ringport::{BackendChoice, Receive, RequestQueue};

use crate::common::on_each_backend;
use crate::common::system::signalled;
use crate::rig::{LIMITS, SLICE, bytes, connection, none, pool, queue, rig, take};

on_each_backend!(
    an_idle_connection_holds_no_slice,
    a_dry_pool_keeps_the_bytes_and_goes_on_when_a_slice_returns,
    the_end_needs_no_slice,
    mixed_with_posted_slices_the_order_holds,
    one_pool_at_a_time,
    after_a_cancel_a_dry_pool_holds_nothing_up,
    a_slice_that_returns_wakes_whoever_watches_the_descriptor,
);

fn an_idle_connection_holds_no_slice(choice: BackendChoice) {
    let mut rig = rig(choice);
    for token in 0..8 {
        rig.requests.receive_pooled(&rig.pool, Receive::new(), token).unwrap();
    }
    rig.none();
    assert_eq!((rig.pool.free(), rig.requests.outstanding().receives), (64, 8));
    rig.peer.write_all(b"hello").unwrap();
    let done = rig.take(1).remove(0);
    assert_eq!((rig.pool.free(), done.token()), (63, 0));
    assert_eq!(bytes(done), b"hello");
    assert_eq!(rig.pool.free(), 64);
}

fn a_dry_pool_keeps_the_bytes_and_goes_on_when_a_slice_returns(choice: BackendChoice) {
    let (socket, mut peer) = connection();
    let mut queue = ringport::CompletionQueue::builder(8).backend(choice).event().unwrap();
    let requests =
        RequestQueue::new(&socket, &queue, &queue, ringport::Limits { receives: 4, sends: 4, ..LIMITS }, 7)
            .unwrap();
    let pool = pool(2);
    let taken = [pool.take().unwrap(), pool.take().unwrap()];
    requests.receive_pooled(&pool, Receive::new(), 1).unwrap();
    peer.write_all(b"hello").unwrap();
    let mut completions = ringport::Completions::with_capacity(8);
    for _ in 0..100 {
        assert_eq!(queue.dequeue(&mut completions), 0);
    }
    let start = std::time::Instant::now();
    let other = std::thread::spawn(move || drop(taken));
    while completions.is_empty() {
        queue.notify().unwrap();
        let outcome = queue.wait(Some(crate::common::PATIENCE)).unwrap();
        assert_eq!(outcome, ringport::WaitOutcome::Fired);
        queue.dequeue(&mut completions);
    }
    assert!(start.elapsed() < crate::common::PATIENCE, "the slice that came back woke nobody");
    other.join().unwrap();
    let done = completions.drain().next().unwrap();
    assert_eq!(done.into_unique().unwrap()[..], b"hello"[..]);
}

fn the_end_needs_no_slice(choice: BackendChoice) {
    let mut rig = rig(choice);
    let all: Vec<_> = (0..64).map(|_| rig.pool.take().unwrap()).collect();
    drop(all);
    rig.requests.receive_pooled(&rig.pool, Receive::new(), 1).unwrap();
    rig.requests.receive_pooled(&rig.pool, Receive::new(), 2).unwrap();
    rig.peer.shutdown(Shutdown::Write).unwrap();
    assert!(rig.take(2).iter().all(|done| done.is_end()));
}

fn mixed_with_posted_slices_the_order_holds(choice: BackendChoice) {
    let mut rig = rig(choice);
    let sent: Vec<u8> = (0..8 * SLICE as u8).collect();
    for token in 0..8 {
        if token % 2 == 0 {
            rig.requests.receive_pooled(&rig.pool, Receive::new(), token).unwrap();
        } else {
            rig.requests.receive(rig.pool.take().unwrap(), token).unwrap();
        }
    }
    rig.peer.write_all(&sent).unwrap();
    let done = rig.take(8);
    assert!(done.iter().map(|done| done.token()).eq(0..8));
    assert_eq!(done.into_iter().flat_map(bytes).collect::<Vec<_>>(), sent);
}

fn one_pool_at_a_time(choice: BackendChoice) {
    let (socket, mut peer) = connection();
    let mut queue = queue(choice);
    let requests = RequestQueue::new(&socket, &queue, &queue, LIMITS, 7).unwrap();
    let (one, two) = (pool(2), pool(2));
    requests.receive_pooled(&one, Receive::new(), 1).unwrap();
    assert!(requests.receive_pooled(&two, Receive::new(), 2).is_err());
    assert_eq!(requests.outstanding().receives, 1);
    peer.write_all(b"a").unwrap();
    take(&mut queue, 1);
    requests.receive_pooled(&two, Receive::new(), 2).unwrap();
    none(&mut queue);
}

fn after_a_cancel_a_dry_pool_holds_nothing_up(choice: BackendChoice) {
    let mut rig = rig(choice);
    let all: Vec<_> = (0..64).map(|_| rig.pool.take().unwrap()).collect();
    rig.requests.receive_pooled(&rig.pool, Receive::new(), 1).unwrap();
    rig.peer.write_all(b"hello").unwrap();
    rig.none();
    rig.requests.cancel();
    assert_eq!(rig.take(1)[0].status(), ringport::Status::Aborted);
    let own = pool(1);
    rig.requests.receive(own.take().unwrap(), 2).unwrap();
    assert_eq!(bytes(rig.take(1).remove(0)), b"hello");
    drop(all);
}

fn a_slice_that_returns_wakes_whoever_watches_the_descriptor(choice: BackendChoice) {
    let (socket, mut peer) = connection();
    let mut queue = ringport::CompletionQueue::builder(16).backend(choice).event().unwrap();
    let requests = RequestQueue::new(&socket, &queue, &queue, LIMITS, 7).unwrap();
    let pool = pool(2);
    let taken = [pool.take().unwrap(), pool.take().unwrap()];
    requests.receive_pooled(&pool, Receive::new(), 1).unwrap();
    let descriptor = queue.event().unwrap().try_clone_to_owned().unwrap();
    queue.notify().unwrap();
    peer.write_all(b"hello").unwrap();
    let readable = |time| signalled(&descriptor, time);
    // There are bytes, and no slice for them: nothing has completed.
    assert!(readable(crate::common::PATIENCE));
    for _ in 0..10 {
        assert!(!queue.take_notification());
    }
    let other = std::thread::spawn(move || drop(taken));
    assert!(readable(crate::common::PATIENCE), "the slice that came back woke nobody");
    while !queue.take_notification() {
        assert!(readable(crate::common::PATIENCE));
    }
    other.join().unwrap();
    let mut completions = ringport::Completions::with_capacity(8);
    assert_eq!(queue.dequeue(&mut completions), 1);
}
