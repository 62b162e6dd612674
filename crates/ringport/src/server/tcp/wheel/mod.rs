//! Deadlines of connections: a hashed hierarchical timer wheel.
//!
//! ```text
//!   set, later than filed     a comparison and a store; the entry stays where it is
//!        |
//!        v
//!   [ lists by tick, 8 levels of 64 ] ──► its time begins: due? ──► yes: pop_due gives its index
//!        ▲                                                   `───► no, it was moved: filed again
//!        `── set, earlier than filed: out of one list, into another
//! ```
//!
//! An entry belongs to a connection's number and is made at the start; nothing allocates after that.
//!
//! | | cost |
//! | --- | --- |
//! | a later deadline, as on each message of a connection | a comparison and a store |
//! | an earlier or a first deadline, cancelling | a constant number of stores, in 1 to 5 cache lines |
//! | an entry on its way to its time | filed again at most once for each level below its first: 2 times for a minute |
//! | looking for what is due, when nothing is | 8 loads |
//! | memory | 32 bytes an entry, and 2 KiB |
//!
//! A deadline is never early. It is late by less than a tick of 1.05 ms, and by what the thread takes to look. A
//! connection that has several deadlines files the earliest.

mod lists;
mod moment;
#[cfg(test)]
mod tests;

use std::time::Instant;

use lists::Lists;
pub(crate) use moment::Moment;

/// See the module. It belongs to one thread at a time.
#[derive(Debug)]
pub(crate) struct Wheel {
    lists: Lists,
    start: Instant,
    /// The present tick: everything before it was looked at.
    present: u64,
}

impl Wheel {
    /// A wheel with as many entries, none of them set. At most 2^32 - 1.
    pub(crate) fn new(entries: usize) -> Wheel {
        Wheel { lists: Lists::new(entries), start: Instant::now(), present: 0 }
    }

    /// A reading of the clock as a moment of this wheel.
    #[inline]
    pub(crate) fn moment(&self, instant: Instant) -> Moment {
        Moment::since_start(instant.saturating_duration_since(self.start))
    }

    /// Sets or moves the deadline of an entry. A number without an entry is ignored.
    ///
    /// [`Moment::NEVER`] cancels by a store: should the entry be filed, it stays so until its time begins.
    #[inline]
    pub(crate) fn set(&mut self, index: u32, deadline: Moment) {
        let present = self.present;
        let Some(entry) = self.lists.entry(index) else { return };
        // Later than now, as the present tick may have been looked at already.
        entry.due = deadline.tick_not_before().max(present + 1);
        if !entry.is_filed() || entry.due < entry.filed {
            self.lists.remove(index);
            self.lists.file(index, present);
        }
    }

    /// Takes the deadline of an entry away, and the entry out of the wheel.
    pub(crate) fn cancel(&mut self, index: u32) {
        self.lists.remove(index);
    }

    /// When to look again: not after the first deadline. It may be before it, when entries come near and are to
    /// be filed more exactly: a few times for each, however long it waits.
    pub(crate) fn next_deadline(&self) -> Option<Moment> {
        self.lists.first(self.present).map(|first| Moment::of_tick(first.tick))
    }

    /// An entry whose deadline has come, which is then no longer set. To be called until there is none.
    pub(crate) fn pop_due(&mut self, now: Moment) -> Option<u32> {
        let now = now.tick();
        while let Some(first) = self.lists.first(self.present).filter(|first| first.tick <= now) {
            self.present = first.tick;
            if first.is_one_tick {
                let Some(index) = self.lists.pop(first.list) else { break };
                if self.lists.entry(index).is_some_and(|entry| entry.due <= self.present) {
                    return Some(index);
                }
                self.lists.file(index, self.present);
            } else {
                // All at once: the lists of a level come before those of the next only while this one is not
                // half empty.
                while let Some(index) = self.lists.pop(first.list) {
                    self.lists.file(index, self.present);
                }
            }
        }
        self.present = self.present.max(now);
        None
    }
}
