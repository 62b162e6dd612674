//! Promises of a pool under every interleaving that matters, with loom's atomics in place of the real ones:
//! `RUSTFLAGS="--cfg loom" cargo test -p ringport --test loom_promises --release`
#![cfg(loom)]

mod memory {
    /// What the shipped source calls its atomics.
    pub(crate) mod atomic {
        pub(crate) use loom::sync::atomic::{AtomicUsize, Ordering};
    }
}
// The shipped source itself.
#[path = "../src/memory/reservation/promises.rs"]
#[allow(unreachable_pub)]
mod promises;

use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;
use promises::Promises;

const CAPACITY: usize = 4;

#[test]
fn no_more_is_promised_than_there_is_and_all_comes_back() {
    loom::model(|| {
        let promises = Arc::new(Promises::new());
        let held = Arc::new(AtomicUsize::new(0));
        let hold = |promises: &Promises, held: &AtomicUsize, slices| match promises.promise(slices, CAPACITY)
        {
            Ok(()) => {
                assert!(held.fetch_add(slices, Ordering::Relaxed) + slices <= CAPACITY);
                held.fetch_sub(slices, Ordering::Relaxed);
                promises.give_back(slices);
            }
            Err(reserved) => assert!(reserved <= CAPACITY && reserved + slices > CAPACITY),
        };
        let other = {
            let (promises, held) = (Arc::clone(&promises), Arc::clone(&held));
            thread::spawn(move || hold(&promises, &held, 2))
        };
        hold(&promises, &held, 3);
        hold(&promises, &held, 1);
        other.join().unwrap();
        assert_eq!(promises.reserved(), 0);
    });
}
