//! Reservations: never more promised than there can be, and what is promised is there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../src/random.rs"]
#[expect(dead_code, reason = "the unit tests of the library use all of it, these tests a part")]
mod random;

use proptest::prelude::*;
use random::Random;
use ringport::memory::{Reservation, ReservedTakeError};
use ringport::{BufferMut, BufferPool, Lock};
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

fn pool(slices_per_region: usize, regions: std::ops::RangeInclusive<usize>) -> BufferPool {
    let builder = BufferPool::builder().slice_size(64).slices_per_region(slices_per_region);
    builder.regions(regions).lock(Lock::Off).build().unwrap()
}

#[test]
fn a_promise_takes_no_slice_and_covers_regions_to_come() {
    let pool = pool(4, 1..=3);
    let reservation = pool.reserve(12).unwrap();
    let figures = pool.figures();
    assert_eq!((figures.reserved, figures.free, figures.regions), (12, 4, 1));
    let refused = pool.reserve(1).unwrap_err();
    assert_eq!((refused.asked, refused.reserved, refused.capacity), (1, 12, 12));
    assert!(pool.reserve(0).is_ok(), "nothing can always be promised");
    assert!(pool.reserve(usize::MAX).is_err());
    drop(reservation);
    assert_eq!(pool.figures().reserved, 0);
    assert_eq!(pool.reserve(13).unwrap_err().reserved, 0);
}

#[test]
fn a_refused_take_counts_for_nothing() {
    let pool = pool(2, 1..=1);
    let mut reservation = pool.reserve(2).unwrap();
    let stranger = [pool.take().unwrap(), pool.take().unwrap()];
    assert!(matches!(reservation.take(), Err(ReservedTakeError::Exhausted(error)) if error.slices == 2));
    assert_eq!((reservation.held(), reservation.left()), (0, 2));
    drop(stranger);
    let held = [reservation.take().unwrap(), reservation.take().unwrap()];
    let exhausted = pool.figures().exhausted;
    assert!(matches!(reservation.take(), Err(ReservedTakeError::Quota(error)) if error.quota == 2));
    assert_eq!(pool.figures().exhausted, exhausted, "the pool was not even asked");
    drop(held);
    reservation.returned(5);
    assert_eq!((reservation.held(), reservation.left()), (0, 2), "no more can return than was held");
}

#[test]
fn a_promise_over_the_callers_own_memory() {
    let mut memory = vec![0u8; 1000];
    // SAFETY: the vector is not touched, and outlives the pool and its buffers.
    let pool = unsafe { BufferPool::builder().slice_size(100).build_over(memory.as_mut_ptr(), memory.len()) };
    let pool = pool.unwrap();
    assert_eq!(pool.reserve(11).unwrap_err().capacity, 10);
    assert!(pool.reserve(10).is_ok());
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Reserve(usize),
    Drop(usize),
    Take(usize),
    Return(usize),
    HandOver(usize, usize),
    Widen(usize, usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0usize..8).prop_map(Step::Reserve),
        (0usize..8).prop_map(Step::Drop),
        (0usize..8).prop_map(Step::Take),
        (0usize..8).prop_map(Step::Take),
        (0usize..8).prop_map(Step::Return),
        (0usize..8, 0usize..4).prop_map(|(who, slices)| Step::HandOver(who, slices)),
        (0usize..8, 0usize..4).prop_map(|(who, slices)| Step::Widen(who, slices)),
    ]
}

proptest! {
    #[test]
    fn whoever_keeps_to_a_quota_is_never_refused(steps in prop::collection::vec(step(), 1..80)) {
        const CAPACITY: usize = 12;
        let pool = pool(4, 1..=3);
        let mut holders: Vec<(Reservation, Vec<BufferMut>)> = Vec::new();
        for step in steps {
            let reserved: usize = holders.iter().map(|(reservation, _)| reservation.slices()).sum();
            match step {
                Step::Reserve(slices) => match pool.reserve(slices) {
                    Ok(reservation) => holders.push((reservation, Vec::new())),
                    Err(_) => prop_assert!(reserved + slices > CAPACITY),
                },
                Step::Drop(who) if who < holders.len() => drop(holders.remove(who)),
                Step::Take(who) if who < holders.len() => {
                    let (reservation, held) = &mut holders[who];
                    match reservation.take() {
                        Ok(buffer) => held.push(buffer),
                        Err(error) => {
                            prop_assert!(matches!(error, ReservedTakeError::Quota(_)), "{}", error);
                            prop_assert_eq!(held.len(), reservation.slices());
                        }
                    }
                }
                Step::Return(who) if who < holders.len() => {
                    let (reservation, held) = &mut holders[who];
                    reservation.returned(usize::from(held.pop().is_some()));
                }
                Step::HandOver(who, slices) if who < holders.len() => {
                    let (reservation, held) = &mut holders[who];
                    let promise = reservation.hand_over(slices);
                    let left = held.len() - promise.slices();
                    let kept = held.split_off(left);
                    holders.push((promise, kept));
                }
                Step::Widen(who, slices) if who < holders.len() => {
                    let widened = holders[who].0.widen(slices);
                    prop_assert_eq!(widened.is_ok(), reserved + slices <= CAPACITY);
                }
                _ => {}
            }
            let (mut reserved, mut used) = (0, 0);
            for (reservation, held) in &holders {
                prop_assert_eq!(reservation.held(), held.len());
                prop_assert_eq!(reservation.left(), reservation.slices() - held.len());
                reserved += reservation.slices();
                used += held.len();
            }
            let figures = pool.figures();
            prop_assert_eq!((figures.reserved, figures.used), (reserved, used));
            prop_assert!(reserved <= CAPACITY);
        }
    }
}

#[test]
fn threads_are_never_promised_more_than_there_is() {
    const CAPACITY: usize = 8;
    let pool = pool(4, 1..=2);
    let promised = AtomicUsize::new(0);
    let start = Barrier::new(4);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                assert!(pool.figures().reserved <= CAPACITY);
            }
        });
        let workers: Vec<_> = (1..=4)
            .map(|slices| {
                let (pool, promised, start) = (&pool, &promised, &start);
                scope.spawn(move || {
                    start.wait();
                    for _ in 0..100_000 {
                        match pool.reserve(slices) {
                            Ok(reservation) => {
                                let now = promised.fetch_add(slices, Ordering::SeqCst) + slices;
                                assert!(now <= CAPACITY, "{now} slices are promised");
                                promised.fetch_sub(slices, Ordering::SeqCst);
                                drop(reservation);
                            }
                            Err(error) => assert!(error.reserved + slices > CAPACITY, "{error}"),
                        }
                    }
                })
            })
            .collect();
        let ends: Vec<_> = workers.into_iter().map(|worker| worker.join()).collect();
        done.store(true, Ordering::Relaxed);
        assert!(ends.iter().all(Result::is_ok));
    });
    assert_eq!(pool.figures().reserved, 0);
}

#[test]
fn threads_that_keep_to_their_quotas_are_never_refused() {
    // Regions of one slice, so that a walk has to look in many, and nearly all of them are out all the time.
    let pool = pool(1, 1..=8);
    let start = Barrier::new(4);
    thread::scope(|scope| {
        for thread in 0..4u64 {
            let (pool, start) = (&pool, &start);
            scope.spawn(move || {
                let mut reservation = pool.reserve(2).unwrap();
                let mut held = Vec::new();
                let mut random = Random::new(thread);
                start.wait();
                for _ in 0..100_000 {
                    if reservation.left() > 0 {
                        held.push(reservation.take().expect("a slice was promised"));
                    } else {
                        held.swap_remove(random.below(held.len()));
                        reservation.returned(1);
                    }
                }
            });
        }
    });
    let figures = pool.figures();
    assert_eq!((figures.used, figures.reserved, figures.exhausted), (0, 0, 0));
}
