//! Values put back in order by whichever thread is there, under every interleaving that matters, with loom's atomics
//! in place of the real ones:
//! `RUSTFLAGS="--cfg loom" cargo test -p ringport --test loom_in_order --release`
#![cfg(loom)]

#[path = "common/loom_atomic.rs"]
#[allow(unused_imports)]
mod atomic;
mod memory {
    pub(crate) use crate::berth::Berth;
    pub(crate) use crate::ordered::Ordered;
    pub(crate) use crate::ring::Reader;
}
// The shipped source itself.
#[path = "../src/memory/berth.rs"]
#[allow(dead_code, unreachable_pub)]
mod berth;
#[path = "../src/memory/ordered.rs"]
#[allow(dead_code, unreachable_pub)]
mod ordered;
#[path = "../src/memory/ring/mod.rs"]
#[allow(dead_code, unreachable_pub)]
mod ring;
#[path = "../src/queue/on_port/turnstile.rs"]
#[allow(dead_code, unreachable_pub)]
mod turnstile;

use atomic::{Arc, AtomicUsize, Ordering};
use loom::cell::UnsafeCell;
use loom::thread;
use turnstile::Turnstile;

fn check(bound: usize, model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(bound);
    builder.check(model);
}

/// What the handler has seen; two handlers at a time would be found.
struct Stream {
    turnstile: Turnstile<usize>,
    next: UnsafeCell<usize>,
}

impl Stream {
    /// One with room for `capacity`, of which so many places are taken.
    fn new(capacity: usize, taken: usize) -> Arc<Stream> {
        let turnstile = Turnstile::new(capacity);
        (0..taken).for_each(|place| assert_eq!(turnstile.take_place(), Some(place)));
        Arc::new(Stream { turnstile, next: UnsafeCell::new(0) })
    }

    fn handle(&self, value: usize) {
        self.next.with_mut(|next| {
            // SAFETY: whoever handles is alone, or loom says so.
            unsafe {
                assert_eq!(*next, value, "in the order of the places");
                *next += 1;
            }
        });
    }

    fn fill(&self, place: usize) {
        assert_eq!(self.turnstile.fill(place, place, |value| self.handle(value)), Ok(()));
    }

    /// After all threads have ended.
    fn handled(&self) -> usize {
        // SAFETY: as in `handle`.
        self.next.with(|next| unsafe { *next })
    }
}

#[test]
fn nothing_that_was_filled_is_left() {
    check(3, || {
        let stream = Stream::new(4, 3);
        let others = [2, 1].map(|place| {
            let stream = Arc::clone(&stream);
            thread::spawn(move || stream.fill(place))
        });
        stream.fill(0);
        others.into_iter().for_each(|other| other.join().unwrap());
        assert_eq!(stream.handled(), 3);
    });
}

#[test]
fn places_are_used_again_while_others_wait() {
    check(3, || {
        // Room for two: a place is free when its value was handled, and not before.
        let stream = Stream::new(2, 2);
        let other = {
            let stream = Arc::clone(&stream);
            thread::spawn(move || {
                stream.fill(1);
                if let Some(place) = stream.turnstile.take_place() {
                    stream.fill(place);
                    return 1;
                }
                0
            })
        };
        stream.fill(0);
        let mut filled = 2;
        if let Some(place) = stream.turnstile.take_place() {
            stream.fill(place);
            filled += 1;
        }
        filled += other.join().unwrap();
        assert_eq!(stream.handled(), filled);
    });
}

#[test]
fn a_place_is_filled_by_one_of_two() {
    check(3, || {
        let stream = Stream::new(2, 1);
        let filled = Arc::new(AtomicUsize::new(0));
        let try_it = |stream: &Stream, filled: &AtomicUsize| {
            let done = stream.turnstile.fill(0, 0, |value| stream.handle(value)).is_ok();
            filled.fetch_add(usize::from(done), Ordering::Relaxed);
        };
        let other = {
            let (stream, filled) = (Arc::clone(&stream), Arc::clone(&filled));
            thread::spawn(move || try_it(&stream, &filled))
        };
        try_it(&stream, &filled);
        other.join().unwrap();
        assert_eq!((filled.load(Ordering::Relaxed), stream.handled()), (1, 1));
    });
}
