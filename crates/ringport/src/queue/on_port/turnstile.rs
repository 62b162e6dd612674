//! Values that are handled one at a time, in the order of their places, by whichever thread is there.
//!
//! ```text
//!   places    [ 4 ][ 5 ][ - ][ 7 ]           7 waits for 6
//!   thread A  takes the reader: handles 4, 5, puts it back ──► 6 filled meanwhile? takes it again
//!   thread B  fills 6, finds no reader: leaves; A handles 6 and 7
//! ```
//!
//! Nobody waits for the handler of another, and nothing that is filled is left: whoever fills looks for the reader
//! afterwards, and whoever had it looks for what was filled after putting it back. A handler that panics puts it
//! back, too; the next thread goes on behind its value.

use crate::memory::{Berth, Ordered, Reader};

/// See the module.
pub(crate) struct Turnstile<T> {
    places: Ordered<T>,
    reader: Berth<Reader<T>>,
}

impl<T> Turnstile<T> {
    /// Makes one for `capacity` values or more.
    pub(crate) fn new(capacity: usize) -> Turnstile<T> {
        let (places, reader) = Ordered::new(capacity);
        let berth = Berth::new();
        let before = berth.put(Box::new(reader));
        debug_assert!(before.is_none(), "a new berth is empty");
        Turnstile { places, reader: berth }
    }

    /// Takes the next place, if one is free.
    #[inline]
    pub(crate) fn take_place(&self) -> Option<usize> {
        self.places.take_place()
    }

    /// Fills a place that was taken, and has `handle` called for all that are due, unless another thread is at it;
    /// hands the value back when the place was not taken, or is filled.
    #[inline]
    pub(crate) fn fill(&self, place: usize, value: T, mut handle: impl FnMut(T)) -> Result<(), T> {
        self.places.fill(place, value)?;
        while let Some(reader) = self.reader.take() {
            let mut held = Held { reader: Some(reader), turnstile: self };
            let next = held.handle_all(&mut handle);
            drop(held);
            if !self.places.is_filled(next) {
                break;
            }
        }
        Ok(())
    }
}

/// The reader in the hands of a thread, put back when it lets go.
struct Held<'turnstile, T> {
    reader: Option<Box<Reader<T>>>,
    turnstile: &'turnstile Turnstile<T>,
}

impl<T> Held<'_, T> {
    /// Handles all that are due; returns the place after them.
    fn handle_all(&mut self, handle: &mut impl FnMut(T)) -> usize {
        let Some(reader) = self.reader.as_mut() else { return 0 };
        while let Some(value) = reader.pop() {
            handle(value);
        }
        reader.position()
    }
}

impl<T> Drop for Held<'_, T> {
    fn drop(&mut self) {
        if let Some(reader) = self.reader.take() {
            let other = self.turnstile.reader.put(reader);
            debug_assert!(other.is_none(), "there is one reader");
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::Turnstile;
    use crate::random::Random;
    use std::cell::RefCell;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn any_order_of_filling_is_handled_in_the_order_of_places() {
        let mut random = Random::new(3);
        for size in [1, 2, 3, 8, 64] {
            let turnstile = Turnstile::new(size);
            let handled = RefCell::new(Vec::new());
            let (mut open, mut taken) = (Vec::new(), 0);
            for _ in 0..2000 {
                if open.len() < size && random.below(2) == 0 {
                    // Free places are free: what waits for an earlier one counts, too.
                    if taken - handled.borrow().len() < size {
                        assert_eq!(turnstile.take_place(), Some(taken));
                        open.push(taken);
                        taken += 1;
                    }
                } else if !open.is_empty() {
                    let place = open.swap_remove(random.below(open.len()));
                    let before = handled.borrow().len();
                    turnstile.fill(place, place, |value| handled.borrow_mut().push(value)).unwrap();
                    assert_eq!(turnstile.fill(place, place, |_| panic!("twice")), Err(place));
                    let first = open.iter().min().copied().unwrap_or(taken);
                    assert_eq!(handled.borrow().len(), first.max(before), "all up to the first that is open");
                }
                assert_eq!(turnstile.fill(taken, taken, |_| panic!("it was not taken")), Err(taken));
            }
            assert!(handled.into_inner().into_iter().eq(0..open.iter().min().copied().unwrap_or(taken)));
        }
    }

    #[test]
    fn threads_handle_one_at_a_time_in_order() {
        const COUNT: usize = 20_000;
        let turnstile = Turnstile::new(64);
        let open = Mutex::new(Vec::new());
        let (inside, handled) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let handle = |value| {
            assert_eq!(inside.fetch_add(1, Ordering::Relaxed), 0, "one at a time");
            assert_eq!(handled.fetch_add(1, Ordering::Relaxed), value, "in order");
            inside.fetch_sub(1, Ordering::Relaxed);
        };
        std::thread::scope(|scope| {
            for seed in 0..4 {
                let (turnstile, open, handled) = (&turnstile, &open, &handled);
                scope.spawn(move || {
                    let mut random = Random::new(seed);
                    while handled.load(Ordering::Relaxed) < COUNT {
                        let place = {
                            let mut open = open.lock().unwrap();
                            open.extend(turnstile.take_place());
                            (!open.is_empty())
                                .then(|| random.below(open.len()))
                                .map(|at| open.swap_remove(at))
                        };
                        if let Some(place) = place {
                            turnstile.fill(place, place, handle).unwrap();
                        }
                    }
                });
            }
        });
    }

    #[test]
    fn a_handler_that_panics_keeps_nobody_from_the_next() {
        let turnstile = Turnstile::new(4);
        let places = [turnstile.take_place(), turnstile.take_place()].map(Option::unwrap);
        let fault = std::panic::AssertUnwindSafe(|| turnstile.fill(places[0], 0, |_| panic!("on purpose")));
        assert!(std::panic::catch_unwind(fault).is_err());
        let mut handled = Vec::new();
        turnstile.fill(places[1], 1, |value| handled.push(value)).unwrap();
        assert_eq!(handled, [1]);
    }
}
