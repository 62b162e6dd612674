//! Threads: their processors, and what they have used.

use std::io;
use std::thread;
use std::time::Duration;

use crate::backend::sys::thread::{affinity, number as thread_number, set_affinity, usage, usage_of};

#[test]
fn a_thread_is_pinned_alone() {
    let before = affinity().unwrap();
    let last = *before.last().unwrap();
    let pinned = thread::spawn(move || {
        set_affinity(&[last]).unwrap();
        affinity().unwrap()
    });
    assert_eq!(pinned.join().unwrap(), [last]);
    assert_eq!(affinity().unwrap(), before);
}

#[test]
fn processors_that_cannot_exist_are_refused() {
    for none in [&[1 << 20][..], &[usize::MAX], &[]] {
        assert_eq!(set_affinity(none).unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }
}

#[test]
fn work_counts_as_time() {
    let total = || usage().map(|usage| usage.user + usage.system).unwrap();
    let before = total();
    let mut passes = 0u64;
    // Ends only if working is counted; how many passes it takes is the clock's affair.
    while total() <= before {
        passes = std::hint::black_box(passes + 1);
    }
}

#[test]
fn another_thread_is_told_of_while_it_lives() {
    let (number, told) = std::sync::mpsc::channel();
    let (end, ended) = std::sync::mpsc::channel::<()>();
    let other = thread::Builder::new().name("a) b (c".into()).spawn(move || {
        number.send(thread_number()).unwrap();
        let _ = ended.recv();
    });
    let number = told.recv().unwrap();
    assert!(usage_of(number).unwrap().user < Duration::from_secs(1));
    drop(end);
    other.unwrap().join().unwrap();
    while usage_of(number).is_some() {
        // The system takes the thread off its list a moment after the join.
        thread::yield_now();
    }
}
