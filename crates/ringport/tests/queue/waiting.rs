//! Policies of waiting: who holds completions back, and who never does.

use std::time::Duration;

use ringport::{BackendChoice, RequestQueue, Waiting};

use crate::common::flood::Flood;
use crate::common::rig::{Rig, builder, bytes, fired, limits};
use crate::common::system::{lacked_by_wine, rounds};
use crate::common::{on_each_backend, until};

on_each_backend!(
    latency_never_gathers,
    the_others_gather_what_comes_unasked,
    what_is_held_back_comes_when_the_flood_is_over,
    a_client_that_waits_for_its_answer_is_seldom_held_back,
    sparse_traffic_is_never_held_back,
);

const THROUGHPUT: Waiting = Waiting::Throughput { at_most: Duration::from_micros(200) };
const RECEIVES: u32 = 64;

/// A rig whose queue waits like this.
fn rig(choice: BackendChoice, waiting: Waiting) -> Rig {
    let limits = limits(RECEIVES, 8);
    let mut rig = Rig::new(choice, limits);
    rig.set_aside(choice);
    rig.queue = builder(choice, (RECEIVES + 8) as usize).waiting(waiting).event().unwrap();
    rig.requests = RequestQueue::new(&rig.socket, &rig.queue, &rig.queue, limits, 0).unwrap();
    rig.post(0..u64::from(RECEIVES));
    rig
}

/// Waits once and takes what is there.
fn turn(rig: &mut Rig, see: impl FnMut(&[u8])) -> usize {
    rig.wait();
    take(rig, see)
}

/// Takes what is there and posts as many again; returns how many it was.
fn take(rig: &mut Rig, mut see: impl FnMut(&[u8])) -> usize {
    let count = rig.queue.dequeue(&mut rig.completions);
    for completion in rig.completions.drain() {
        see(bytes(&completion));
        rig.requests.receive(completion.into_unique().unwrap(), 0).unwrap();
    }
    count
}

fn latency_never_gathers(choice: BackendChoice) {
    let mut rig = rig(choice, Waiting::Latency);
    let _flood = Flood::new(&rig.client, rig.address);
    let mut taken = 0;
    while taken < rounds(20_000) as usize {
        taken += turn(&mut rig, |_| {});
    }
    assert_eq!(rig.queue.gathered(), 0);
}

fn the_others_gather_what_comes_unasked(choice: BackendChoice) {
    if lacked_by_wine("timers that are short enough to save anything") {
        return;
    }
    for waiting in [Waiting::Balanced, THROUGHPUT] {
        let mut rig = rig(choice, waiting);
        let _flood = Flood::new(&rig.client, rig.address);
        until("a wait that gathers", || {
            turn(&mut rig, |_| {});
            (rig.queue.gathered() > 0).then_some(())
        });
    }
}

/// Gathering is no reason to lose or to keep anything.
fn what_is_held_back_comes_when_the_flood_is_over(choice: BackendChoice) {
    if lacked_by_wine("speed to take a flood as quickly as it comes") {
        return;
    }
    for waiting in [Waiting::Balanced, THROUGHPUT] {
        let mut rig = rig(choice, waiting);
        for round in 0..20u64 {
            let flood = Flood::new(&rig.client, rig.address);
            (0..100).for_each(|_| _ = turn(&mut rig, |_| {}));
            drop(flood);
            let last = round.to_le_bytes();
            let mut found = false;
            while !found {
                // The socket may be full of the flood, and drops it then.
                rig.arrive(&last);
                turn(&mut rig, |bytes| found |= bytes == last);
            }
        }
    }
}

fn a_client_that_waits_for_its_answer_is_seldom_held_back(choice: BackendChoice) {
    let rounds = rounds(20_000);
    for waiting in [Waiting::Balanced, THROUGHPUT] {
        let mut rig = rig(choice, waiting);
        for round in 0..rounds {
            rig.arrive(&round.to_le_bytes());
            assert_eq!(turn(&mut rig, |bytes| assert_eq!(bytes, round.to_le_bytes())), 1);
        }
        // A trial or two whenever one is due.
        assert!(rig.queue.gathered() < rounds / 20, "{waiting}: {}", rig.queue.gathered());
    }
}

fn sparse_traffic_is_never_held_back(choice: BackendChoice) {
    for waiting in [Waiting::Balanced, THROUGHPUT] {
        let mut rig = rig(choice, waiting);
        for round in 0..200u64 {
            // A time in which nothing comes, and then several at once, which are no rate.
            rig.queue.notify().unwrap();
            let outcome = rig.queue.wait(Some(Duration::from_millis(2))).unwrap();
            assert_eq!(outcome, ringport::WaitOutcome::TimedOut);
            (0..4).for_each(|_| rig.arrive(&round.to_le_bytes()));
            fired(&mut rig.queue);
            take(&mut rig, |_| {});
        }
        assert_eq!(rig.queue.gathered(), 0, "{waiting}");
    }
}
