//! The free list under every interleaving that matters, with loom's atomics in place of the real ones:
//! `RUSTFLAGS="--cfg loom" cargo test -p ringport --test loom_free_list --release`
#![cfg(loom)]

/// What the shipped source calls its atomics.
mod atomic {
    pub(crate) use loom::sync::atomic::{AtomicU32, AtomicU64, Ordering};
}
/// The shipped source itself.
#[path = "../src/memory/free_list.rs"]
#[allow(dead_code, unreachable_pub)]
mod free_list;

use atomic::AtomicU32;
use free_list::{Closed, FreeList, Links, Popped, Shape};
use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;

struct Model {
    list: FreeList,
    shape: Shape,
    links: Vec<AtomicU32>,
    /// Who holds each slot: 1 while somebody does.
    held: Vec<AtomicUsize>,
    wakes: AtomicUsize,
    frees: AtomicUsize,
}

impl Links for Model {
    fn link(&self, index: u32) -> Option<&AtomicU32> {
        self.links.get(index as usize)
    }
}

impl Model {
    fn new(slots: u32) -> Arc<Model> {
        let model = Model {
            list: FreeList::new(),
            shape: Shape::new(slots),
            links: (0..slots).map(|_| AtomicU32::new(0)).collect(),
            held: (0..slots).map(|_| AtomicUsize::new(0)).collect(),
            wakes: AtomicUsize::new(0),
            frees: AtomicUsize::new(0),
        };
        model.list.open(model.shape, &model);
        Arc::new(model)
    }

    fn take(&self) -> Option<Popped> {
        let popped = self.list.pop(self.shape, self)?;
        let before = self.held[popped.index as usize].fetch_add(1, Ordering::Relaxed);
        assert_eq!(before, 0, "slot {} was given to two", popped.index);
        Some(popped)
    }

    fn give_back(&self, slot: Popped) {
        self.held[slot.index as usize].fetch_sub(1, Ordering::Relaxed);
        let pushed = self.list.push(self.shape, slot.index, &self.links[slot.index as usize], || Some(()));
        if pushed.waiting.is_some() {
            self.wakes.fetch_add(1, Ordering::SeqCst);
        }
        if pushed.last {
            self.frees.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn free(&self) -> u32 {
        self.shape.count(self.list.word())
    }
}

fn check(bound: usize, model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(bound);
    builder.check(model);
}

#[test]
fn no_slot_is_given_twice_or_lost() {
    check(4, || {
        let model = Model::new(4);
        let other = Arc::clone(&model);
        // The classic: this thread is about to pop A (successor B) while the other pops A and B, returns another
        // slot and then A. Top and count are as before, and A's successor is not.
        let extra = model.take().unwrap();
        let thread = thread::spawn(move || {
            let (first, second) = (other.take(), other.take());
            other.give_back(extra);
            if let Some(first) = first {
                other.give_back(first);
            }
            second
        });
        let mine = model.take();
        let again = model.take();
        let theirs = thread.join().unwrap();
        let out = [mine, again, theirs].into_iter().flatten().collect::<Vec<_>>();
        assert_eq!(model.free() as usize, 4 - out.len());
        out.into_iter().for_each(|slot| model.give_back(slot));
        let mut all = [(); 4].map(|()| model.take().unwrap().index);
        all.sort_unstable();
        assert_eq!(all, [0, 1, 2, 3]);
    });
}

#[test]
fn no_return_falls_between_a_failed_take_and_its_announcement() {
    check(4, || {
        let model = Model::new(1);
        let out = model.take().unwrap();
        let other = Arc::clone(&model);
        let thread = thread::spawn(move || other.give_back(out));
        let served = model.take().is_some() || !model.list.announce(model.shape);
        thread.join().unwrap();
        let wakes = model.wakes.load(Ordering::SeqCst);
        assert!(served || wakes == 1, "announced, and nobody was told");
    });
}

#[test]
fn a_wake_up_is_not_lost_to_a_taker_in_between() {
    check(3, || {
        let model = Model::new(1);
        let out = model.take().unwrap();
        let (giver, taker) = (Arc::clone(&model), Arc::clone(&model));
        let giving = thread::spawn(move || giver.give_back(out));
        let taking = thread::spawn(move || {
            if let Some(slot) = taker.take() {
                taker.give_back(slot);
            }
        });
        let announced = model.take().is_none() && model.list.announce(model.shape);
        giving.join().unwrap();
        taking.join().unwrap();
        assert!(!announced || model.wakes.load(Ordering::SeqCst) >= 1);
    });
}

#[test]
fn a_closed_region_is_freed_once_and_after_its_last_slot() {
    check(3, || {
        let model = Model::new(2);
        let (first, second) = (model.take().unwrap(), model.take().unwrap());
        let (one, two) = (Arc::clone(&model), Arc::clone(&model));
        let threads =
            [thread::spawn(move || one.give_back(first)), thread::spawn(move || two.give_back(second))];
        let closed = model.list.close(model.shape);
        assert!(model.take().is_none(), "closed is closed");
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        let frees = model.frees.load(Ordering::SeqCst);
        assert_eq!(frees, usize::from(closed != Closed::AllHome), "{closed:?}");
    });
}

#[test]
fn a_list_in_use_is_not_closed_as_idle() {
    check(4, || {
        let model = Model::new(2);
        let idle = model.list.word();
        let other = Arc::clone(&model);
        let thread = thread::spawn(move || other.take());
        let closed = model.list.close_if(idle);
        let taken = thread.join().unwrap();
        assert_eq!(closed, taken.is_none(), "either released or taken from, never both");
    });
}
