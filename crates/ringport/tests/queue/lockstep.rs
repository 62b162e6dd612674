//! No wake-up is lost: thousands of rounds in which both sides sleep until the other has done its part.

use std::net::UdpSocket as Plain;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;

use ringport::{BackendChoice, BufferMut, Completions, Receive, Send, WaitOutcome};

use crate::common::flood::Flood;
use crate::common::rig::{Rig, bytes, fired, limits};
use crate::common::system::{lacked_by_wine, rounds};
use crate::common::{PATIENCE, on_each_backend};

on_each_backend!(
    thousands_of_rounds,
    rounds_with_several_receives_posted,
    rounds_with_wakers_in_between,
    rounds_with_commits_by_another_thread,
    rounds_with_slices_from_another_thread,
    traffic_that_gathers_and_then_pauses,
);

const ROUNDS: u64 = 20_000;

/// Sends numbers and waits for each to come back.
fn sender(client: &Plain, to: std::net::SocketAddr, rounds: u64) -> JoinHandle<()> {
    let client = client.try_clone().unwrap();
    std::thread::spawn(move || {
        for number in 0..rounds {
            client.send_to(&number.to_le_bytes(), to).unwrap();
            let mut echo = [0; 8];
            assert_eq!(client.recv(&mut echo).unwrap(), 8, "the echo of {number}");
            assert_eq!(echo, number.to_le_bytes());
        }
    })
}

fn echo_once(rig: &mut Rig, number: u64, options: Receive) {
    rig.queue.dequeue(&mut rig.completions);
    let mut received = 0;
    for completion in rig.completions.drain() {
        if completion.operation() == ringport::Operation::Receive {
            received += 1;
            assert_eq!(bytes(&completion), number.to_le_bytes());
            let peer = completion.peer().unwrap();
            rig.requests.send_to(completion.into_unique().unwrap(), peer, 0).unwrap();
        }
    }
    assert_eq!(received, 1, "a notification means that a result is there");
    let mut sent = Completions::with_capacity(1);
    assert_eq!(rig.queue.dequeue(&mut sent), 1);
    rig.requests.receive_with(sent.drain().next().unwrap().into_unique().unwrap(), options, 0).unwrap();
}

fn with_receives(choice: BackendChoice, posted: u32) {
    let mut rig = Rig::new(choice, limits(posted, 1));
    let options = Receive::new().addresses();
    for _ in 0..posted {
        rig.requests.receive_with(rig.marked(0), options, 0).unwrap();
    }
    let rounds = rounds(ROUNDS);
    let other = sender(&rig.client, rig.address, rounds);
    for number in 0..rounds {
        rig.wait();
        echo_once(&mut rig, number, options);
    }
    other.join().unwrap();
}

fn thousands_of_rounds(choice: BackendChoice) {
    with_receives(choice, 1);
}

fn rounds_with_several_receives_posted(choice: BackendChoice) {
    with_receives(choice, 16);
}

fn rounds_with_wakers_in_between(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(1, 1));
    let options = Receive::new().addresses();
    rig.requests.receive_with(rig.marked(0), options, 0).unwrap();
    let waker = rig.queue.waker().unwrap();
    let done = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let seen = done.clone();
    let waking = std::thread::spawn(move || {
        while !seen.load(std::sync::atomic::Ordering::Relaxed) {
            waker.wake();
            std::thread::yield_now();
        }
    });
    let other = sender(&rig.client, rig.address, rounds(2000));
    for number in 0..rounds(2000) {
        rig.queue.notify().unwrap();
        while rig.queue.wait(Some(PATIENCE)).unwrap() != WaitOutcome::Fired {}
        echo_once(&mut rig, number, options);
    }
    done.store(true, std::sync::atomic::Ordering::Relaxed);
    waking.join().unwrap();
    other.join().unwrap();
}

/// Has another thread do something once a round, at the moment when the owner goes to sleep. Something else in
/// the queue than a datagram is what ends that sleep.
fn each_round_beside(
    rounds: u64,
    mut act: impl FnMut() + std::marker::Send + 'static,
    mut owner: impl FnMut(&dyn Fn()),
) {
    let round = Arc::new(AtomicU64::new(0));
    let seen = Arc::clone(&round);
    let other = std::thread::spawn(move || {
        for number in 1..=rounds {
            let start = std::time::Instant::now();
            while seen.load(Ordering::Acquire) < number {
                assert!(start.elapsed() < 2 * PATIENCE, "the owner is stuck");
                std::hint::spin_loop();
                if number % 64 == 0 {
                    std::thread::yield_now();
                }
            }
            act();
        }
    });
    for _ in 0..rounds {
        owner(&|| _ = round.fetch_add(1, Ordering::Release));
    }
    other.join().unwrap();
}

fn rounds_with_commits_by_another_thread(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(1, 1));
    let committer = rig.requests.committer().unwrap();
    let to = rig.client_address();
    each_round_beside(
        rounds(ROUNDS),
        move || committer.commit(),
        |go| {
            rig.requests.send_with(rig.filled(b"x"), Send::new().to(to).defer(), 0).unwrap();
            rig.queue.notify().unwrap();
            go();
            fired(&mut rig.queue);
            assert_eq!(rig.take(1).len(), 1);
            assert_eq!(rig.reply(), b"x");
        },
    );
}

fn rounds_with_slices_from_another_thread(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(1, 1));
    let pool = crate::common::rig::pool(64, 1);
    let (give, given) = std::sync::mpsc::channel();
    let slices = pool.clone();
    each_round_beside(
        rounds(ROUNDS),
        move || drop(given.try_recv().unwrap()),
        |go| {
            let slice: BufferMut = slices.take().unwrap();
            rig.requests.receive_when_free(&slices, Receive::new(), 0).unwrap();
            assert_eq!(rig.requests.outstanding().starved, 1);
            rig.arrive(b"x");
            give.send(slice).unwrap();
            rig.queue.notify().unwrap();
            go();
            fired(&mut rig.queue);
            assert_eq!(bytes(&rig.take_one()), b"x");
        },
    );
}

/// Open traffic, in which a wait may gather, then a pause in which the owner only dequeues: what comes then
/// is found all the same.
fn traffic_that_gathers_and_then_pauses(choice: BackendChoice) {
    if lacked_by_wine("speed to take a flood as quickly as it comes") {
        return;
    }
    let mut rig = Rig::new(choice, limits(64, 1));
    rig.post(0..64);
    let flood = Flood::new(&rig.client, rig.address);
    let repost = |rig: &mut Rig| {
        let count = rig.queue.dequeue(&mut rig.completions);
        for completion in rig.completions.drain() {
            rig.requests.receive(completion.into_unique().unwrap(), 0).unwrap();
        }
        count
    };
    for _ in 0..20 {
        for _ in 0..200 {
            rig.wait();
            while repost(&mut rig) > 0 {}
        }
        // Without a wait in between.
        for _ in 0..50 {
            crate::common::until("a dequeue", || Some(()).filter(|()| repost(&mut rig) > 0));
        }
    }
    drop(flood);
    let mut last = Vec::new();
    crate::common::until("the last datagram", || {
        // The socket may be full of the flood, and drops it then.
        rig.arrive(b"the last");
        rig.queue.dequeue(&mut rig.completions);
        for completion in rig.completions.drain() {
            last = bytes(&completion).to_vec();
            rig.requests.receive(completion.into_unique().unwrap(), 0).unwrap();
        }
        (last == b"the last").then_some(())
    });
}
