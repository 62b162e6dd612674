//! A bounded queue that many threads fill and one empties.
//!
//! ```text
//!   cells   [ 8:c8 | 9:c9 | 10: ... | 3: | 4: | ... ]     turn : value
//!             ▲                ▲
//!             head (reader)    tail (writers, one atomic step for a batch)
//! ```
//!
//! A cell's turn says whose it is: `position` for the writer of that position, `position + 1` for the reader. So
//! a writer that is slow keeps the reader from later cells, and nothing else: no lock, and no torn value.
//!
//! The reader is a value of its own. Whoever holds the [`Reader`] may take from the queue; to hand it over is to
//! hand over that right.

#[cfg(all(test, not(loom)))]
mod tests;

use std::mem::MaybeUninit;

use super::atomic::{Arc, AtomicUsize, Cell, Ordering};

/// A number that many threads change, on cache lines of its own.
#[repr(align(128))]
struct Apart(AtomicUsize);

/// The turn of a cell that somebody has claimed and is writing to: no position ever gets there.
const CLAIMED: usize = usize::MAX;

struct Entry<T> {
    turn: AtomicUsize,
    value: Cell<MaybeUninit<T>>,
}

/// See the module: the side that is written to.
pub(crate) struct Ring<T> {
    entries: Box<[Entry<T>]>,
    tail: Apart,
}

// SAFETY: a value is written by the one thread whose position it is, and read by the holder of the reader after
// the turn was stored with release and loaded with acquire. So values move between threads, and are never shared.
unsafe impl<T: Send> Send for Ring<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Ring<T> {}

/// The right to take values out, oldest first.
pub(crate) struct Reader<T> {
    ring: Arc<Ring<T>>,
    head: usize,
    /// How far `find` has looked.
    looked: usize,
}

/// Makes a queue for `capacity` values or more.
pub(crate) fn ring<T>(capacity: usize) -> (Arc<Ring<T>>, Reader<T>) {
    let entries = (0..capacity.max(2).next_power_of_two())
        .map(|position| Entry { turn: AtomicUsize::new(position), value: Cell::new(MaybeUninit::uninit()) })
        .collect();
    let ring = Arc::new(Ring { entries, tail: Apart(AtomicUsize::new(0)) });
    (Arc::clone(&ring), Reader { ring, head: 0, looked: 0 })
}

impl<T> Ring<T> {
    #[inline(always)]
    fn entry(&self, position: usize) -> &Entry<T> {
        let index = position & (self.entries.len() - 1);
        // SAFETY: the length is a power of two, so the masked index is below it.
        unsafe { self.entries.get_unchecked(index) }
    }

    /// The position after the last one that was reserved.
    pub(crate) fn end(&self) -> usize {
        self.tail.0.load(Ordering::Relaxed)
    }

    /// How many values it has room for.
    pub(crate) fn capacity(&self) -> usize {
        self.entries.len()
    }

    /// Whether the value of this position was written.
    #[inline(always)]
    pub(crate) fn is_filled(&self, position: usize) -> bool {
        self.entry(position).turn.load(Ordering::Acquire) == position.wrapping_add(1)
    }

    /// Appends a value; hands it back when there is no room.
    #[inline]
    pub(crate) fn push(&self, value: T) -> Result<(), T> {
        match self.reserve(1) {
            Some(position) => {
                self.fill(position, value);
                Ok(())
            }
            None => Err(value),
        }
    }

    /// Appends all of them, next to each other; `false`, and nothing taken, when there is no room for all.
    #[inline]
    pub(crate) fn push_all(&self, values: &mut Vec<T>) -> bool {
        self.push_each(values, |value| value)
    }

    /// The same with what is made of each of them, in its place.
    #[inline]
    pub(crate) fn push_each<S>(&self, sources: &mut Vec<S>, make: impl Fn(S) -> T) -> bool {
        let Some(position) = self.reserve(sources.len()) else { return false };
        for (step, source) in sources.drain(..).enumerate() {
            self.fill(position.wrapping_add(step), make(source));
        }
        true
    }

    /// Takes `count` positions in a row, if the last of them is free: the reader frees them in order.
    #[inline(always)]
    pub(super) fn reserve(&self, count: usize) -> Option<usize> {
        let mut position = self.tail.0.load(Ordering::Relaxed);
        if count == 0 || count > self.entries.len() {
            return (count == 0).then_some(position);
        }
        loop {
            let last = position.wrapping_add(count - 1);
            let turn = self.entry(last).turn.load(Ordering::Acquire);
            if turn == last {
                let next = position.wrapping_add(count);
                match self.tail.0.compare_exchange_weak(position, next, Ordering::Relaxed, Ordering::Relaxed)
                {
                    Ok(_) => return Some(position),
                    Err(moved) => position = moved,
                }
            } else {
                let now = self.tail.0.load(Ordering::Relaxed);
                if now == position {
                    return None;
                }
                position = now;
            }
        }
    }

    /// Whether this position was reserved and is the caller's to fill, now and for nobody else. Not for rings that
    /// are pushed to, where the position is the writer's from the start.
    #[inline]
    pub(super) fn claim(&self, position: usize) -> bool {
        // Between 1 and the number of entries: it lies before the end, and less than a lap.
        let before = self.end().wrapping_sub(position);
        let turn = &self.entry(position).turn;
        (1..=self.entries.len()).contains(&before)
            && turn.compare_exchange(position, CLAIMED, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }

    #[inline(always)]
    pub(super) fn fill(&self, position: usize, value: T) {
        let entry = self.entry(position);
        entry.value.with_mut(|place| {
            // SAFETY: this position was reserved for the calling thread alone, the reader has left the cell, and
            // it will not look before the turn below.
            unsafe { (*place).write(value) };
        });
        entry.turn.store(position.wrapping_add(1), Ordering::Release);
    }
}

impl<T> Reader<T> {
    /// The position of the value that is taken next.
    pub(crate) fn position(&self) -> usize {
        self.head
    }

    /// Whether a value is there.
    #[inline]
    pub(crate) fn has_more(&self) -> bool {
        self.ring.is_filled(self.head)
    }

    /// Takes the oldest value.
    #[inline(always)]
    pub(crate) fn pop(&mut self) -> Option<T> {
        if !self.ring.is_filled(self.head) {
            return None;
        }
        let entry = self.ring.entry(self.head);
        let value = entry.value.with_mut(|place| {
            // SAFETY: the turn says that the value was written and not taken yet, and only the holder of the one
            // reader takes values.
            unsafe { (*place).assume_init_read() }
        });
        entry.turn.store(self.head.wrapping_add(self.ring.entries.len()), Ordering::Release);
        self.head = self.head.wrapping_add(1);
        Some(value)
    }

    /// Whether any of the values that are there meets a condition, always the same one, without taking it; and how
    /// far that was looked at, for [`Ring::is_filled`]. No value that does not meet it is looked at twice.
    pub(crate) fn find(&mut self, condition: impl Fn(&T) -> bool) -> (bool, usize) {
        let lap = self.ring.entries.len();
        // The head may have gone past it.
        let ahead = self.looked.wrapping_sub(self.head);
        let mut position = if ahead <= lap { self.looked } else { self.head };
        // A whole lap further a turn would mean another value, so the look ends there.
        let end = self.head.wrapping_add(lap);
        let mut met = false;
        while position != end && self.ring.is_filled(position) {
            met = self.ring.entry(position).value.with(|place| {
                // SAFETY: as in `pop`; nobody changes a value that waits for its reader.
                condition(unsafe { (*place).assume_init_ref() })
            });
            if met {
                break;
            }
            position = position.wrapping_add(1);
        }
        self.looked = position;
        (met, position)
    }
}

impl<T> Drop for Ring<T> {
    fn drop(&mut self) {
        let mask = self.entries.len() - 1;
        for (index, entry) in self.entries.iter().enumerate() {
            // A free cell's turn is a position of its own; a filled one's is one more.
            let turn = entry.turn.load(Ordering::Acquire);
            if turn.wrapping_sub(1) & mask == index {
                entry.value.with_mut(|place| {
                    // SAFETY: the cell was filled and never emptied, and nobody else is left to look at it.
                    unsafe { (*place).assume_init_drop() }
                });
            }
        }
    }
}
