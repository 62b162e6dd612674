//! Exhaustion that re-arms when a slice returns.

use super::small_pool;
use crate::memory::{BufferPool, Replenished};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};

#[derive(Default)]
struct Count(AtomicUsize);

impl Replenished for Count {
    fn replenished(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn waker() -> (Arc<Count>, Arc<dyn Replenished>) {
    let count = Arc::new(Count::default());
    (Arc::clone(&count), count)
}

#[test]
fn a_return_calls_each_announced_waker_once() {
    let pool = small_pool(2, 1);
    let (first, first_waker) = waker();
    let (second, second_waker) = waker();
    assert!(!pool.announce_waiting(&first_waker), "slices are free");
    let (one, two) = (pool.take().unwrap(), pool.take().unwrap());
    assert!(pool.announce_waiting(&first_waker) && pool.announce_waiting(&second_waker));
    assert!(pool.announce_waiting(&first_waker), "twice is once");
    drop(one);
    drop(two);
    assert_eq!((first.0.load(Ordering::SeqCst), second.0.load(Ordering::SeqCst)), (1, 1));
    let held = (pool.take().unwrap(), pool.take().unwrap());
    assert!(pool.announce_waiting(&first_waker));
    drop((first_waker, second_waker, second));
    assert_eq!(Arc::strong_count(&first), 1, "a dry pool keeps no waiter alive");
    drop(held);
    assert_eq!(first.0.load(Ordering::SeqCst), 2, "and still calls the one that is");
    let _held = (pool.take().unwrap(), pool.take().unwrap());
    let (third, third_waker) = waker();
    assert!(pool.announce_waiting(&third_waker));
    drop((third, third_waker));
    drop(_held);
}

#[test]
fn a_return_to_any_region_is_noticed() {
    let pool = small_pool(1, 3);
    let mut held: Vec<_> = (0..3).map(|_| pool.take().unwrap()).collect();
    let (count, waker) = waker();
    for round in 1..=3 {
        assert!(pool.announce_waiting(&waker));
        drop(held.remove(0));
        assert_eq!(count.0.load(Ordering::SeqCst), round);
        held.push(pool.take().unwrap());
    }
}

#[test]
fn the_place_of_a_closed_region_wakes_too() {
    let pool = small_pool(2, 1);
    let (one, two) = (pool.take().unwrap(), pool.take().unwrap());
    pool.deregister(one.region());
    let (count, waker) = waker();
    assert!(pool.announce_waiting(&waker));
    drop(one);
    assert!(pool.take().is_err(), "the region is closed and its place not yet free");
    assert!(pool.announce_waiting(&waker));
    drop(two);
    assert_eq!(count.0.load(Ordering::SeqCst), 1);
    assert!(pool.take().is_ok(), "a new region took the place");
}

/// Takes from within the call, which must not find a lock held.
struct Taker(BufferPool, Mutex<mpsc::Sender<bool>>);

impl Replenished for Taker {
    fn replenished(&self) {
        self.1.lock().unwrap().send(self.0.take().is_ok()).unwrap();
    }
}

#[test]
fn a_waker_may_take_and_the_returning_thread_survives_the_pools_end() {
    let (sender, receiver) = mpsc::channel();
    let pool = small_pool(1, 1);
    let held = pool.take().unwrap();
    let waker: Arc<dyn Replenished> = Arc::new(Taker(pool.clone(), Mutex::new(sender)));
    assert!(pool.announce_waiting(&waker));
    let thread = std::thread::spawn(move || drop(held));
    assert!(receiver.recv().unwrap());
    thread.join().unwrap();
}

#[test]
fn nobody_sleeps_through_a_return() {
    // Two threads fight over one slice; each sleeps only after it announced itself. A lost wake-up ends in a
    // deadlock, which the test harness shows as a hang.
    struct Note(Mutex<mpsc::Sender<()>>);
    impl Replenished for Note {
        fn replenished(&self) {
            self.0.lock().unwrap().send(()).ok();
        }
    }
    let pool = small_pool(1, 1);
    let worker = |pool: BufferPool| {
        let (sender, receiver) = mpsc::channel();
        let waker: Arc<dyn Replenished> = Arc::new(Note(Mutex::new(sender)));
        for _ in 0..20_000 {
            loop {
                if let Ok(mut buffer) = pool.take() {
                    buffer.extend_from_slice(b"x").unwrap();
                    break;
                }
                if pool.announce_waiting(&waker) {
                    receiver.recv().unwrap();
                }
            }
        }
    };
    let threads: Vec<_> = (0..3)
        .map(|_| {
            let pool = pool.clone();
            std::thread::spawn(move || worker(pool))
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(pool.free(), 1);
}
