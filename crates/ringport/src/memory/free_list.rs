//! The free list of one region: a lock-free stack of slot indices in ONE 64-bit word.
//!
//! ```text
//!   63                                                  2        1         0
//!  | tag: all that is left | count: n+1 bits | top: n bits | closed | waiting |
//!                                                 |
//!                                                 v
//!                                             slot[top].next -> slot[..].next -> ... (count links long)
//! ```
//!
//! Everything that must be decided together is in that word, so each question has one answer, given by the same
//! compare-and-swap that moves the slot:
//!
//! * `count` says how many slots are free, so a list needs no end mark, and the push that brings the last slot
//!   of a closed region home knows it is the last: it, and nobody else, may free the slices.
//! * `waiting` says that somebody found the list empty and wants to be told. It can only be set while the count
//!   is zero, and the next push takes it away: no wake-up can fall between a failed pop and its announcement.
//! * `closed` says that nothing may be taken any more. Pushes still count.
//! * `tag` changes with every pop, which is what makes a stale top harmless (the ABA problem: for the top to be
//!   the same slot with another successor, that slot must have been popped in between). With 1,024 slots the tag
//!   has 41 bits, with the maximum of 65,536 it has 29.

use super::atomic::{AtomicU32, AtomicU64, Ordering};

const WAITING: u64 = 1;
const CLOSED: u64 = 2;
const TOP_SHIFT: u32 = 2;

/// Where the link of each slot is found.
pub(crate) trait Links {
    /// The link of slot `index`; nothing where there is no such slot.
    fn link(&self, index: u32) -> Option<&AtomicU32>;
}

/// How the word is cut up, which depends only on the number of slots.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    total: u32,
    top_bits: u32,
}

impl Shape {
    /// The shape for `total` slots, at most 65,536.
    pub(crate) fn new(total: u32) -> Shape {
        Shape { total, top_bits: u32::BITS - total.saturating_sub(1).leading_zeros() }
    }

    pub(crate) fn total(self) -> u32 {
        self.total
    }

    fn top(self, word: u64) -> u32 {
        ((word >> TOP_SHIFT) & ((1 << self.top_bits) - 1)) as u32
    }

    pub(crate) fn count(self, word: u64) -> u32 {
        ((word >> (TOP_SHIFT + self.top_bits)) & ((1 << (self.top_bits + 1)) - 1)) as u32
    }

    fn tag_shift(self) -> u32 {
        TOP_SHIFT + self.top_bits + self.top_bits + 1
    }

    fn tag(self, word: u64) -> u64 {
        word >> self.tag_shift()
    }

    /// The tag wraps by falling off the top of the word.
    fn word(self, tag: u64, count: u32, top: u32, flags: u64) -> u64 {
        (tag << self.tag_shift())
            | (u64::from(count) << (TOP_SHIFT + self.top_bits))
            | (u64::from(top) << TOP_SHIFT)
            | flags
    }
}

/// What a pop gave.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Popped {
    pub(crate) index: u32,
    /// Slots still free after it.
    pub(crate) left: u32,
    /// The number of pops so far, modulo the tag's width.
    pub(crate) tag: u64,
}

/// What a push found.
#[derive(Debug)]
pub(crate) struct Pushed<P> {
    /// The list is closed and this was the last slot to come home: the caller frees the region.
    pub(crate) last: bool,
    /// Somebody was waiting: the caller wakes them, through what its `pin` kept alive.
    pub(crate) waiting: Option<P>,
}

/// What closing found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Closed {
    /// All slots were home: the caller frees the region.
    AllHome,
    /// Some are out: the push of the last one tells its caller.
    SomeOut,
    /// It was closed before.
    Already,
}

/// The head word. Only atomics in here, on purpose: `push` may still hold `&self` for an instant after another
/// thread's push made the region's memory go away, which Rust allows for atomics and for nothing else.
#[derive(Debug)]
pub(crate) struct FreeList {
    head: AtomicU64,
}

impl FreeList {
    /// A closed list without slots.
    pub(crate) fn new() -> FreeList {
        FreeList { head: AtomicU64::new(CLOSED) }
    }

    /// Links all slots in order and opens the list. The caller makes sure that no slot is out and that nobody
    /// else opens; pops that race with it see a closed list or a complete one.
    pub(crate) fn open(&self, shape: Shape, links: &(impl Links + ?Sized)) {
        for index in 0..shape.total {
            if let Some(link) = links.link(index) {
                link.store(index + 1, Ordering::Relaxed);
            }
        }
        let tag = shape.tag(self.head.load(Ordering::Relaxed)).wrapping_add(1);
        self.head.store(shape.word(tag, shape.total, 0, 0), Ordering::Release);
    }

    /// Takes the top slot.
    #[inline]
    pub(crate) fn pop(&self, shape: Shape, links: &(impl Links + ?Sized)) -> Option<Popped> {
        let mut head = self.head.load(Ordering::Acquire);
        loop {
            let count = shape.count(head);
            if count == 0 || head & CLOSED != 0 {
                return None;
            }
            let top = shape.top(head);
            // May be stale when another thread pops at this moment; then the tag has changed and the exchange
            // below fails. The link itself is never freed before the pool is.
            let next = links.link(top)?.load(Ordering::Relaxed);
            let tag = shape.tag(head).wrapping_add(1);
            // The last link points nowhere; with a count of zero nobody follows it.
            let next = if count == 1 { 0 } else { next };
            let wanted = shape.word(tag, count - 1, next, head & (WAITING | CLOSED));
            match self.head.compare_exchange_weak(head, wanted, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return Some(Popped { index: top, left: count - 1, tag: shape.tag(wanted) }),
                Err(seen) => head = seen,
            }
        }
    }

    /// Brings slot `index` home; `link` is its link.
    ///
    /// Once the exchange succeeds the slot is no longer the caller's, and with it goes what kept the pool alive.
    /// So `pin` is called BEFORE, when somebody is seen to wait, to keep what waking them needs.
    #[inline]
    pub(crate) fn push<P>(
        &self,
        shape: Shape,
        index: u32,
        link: &AtomicU32,
        pin: impl Fn() -> Option<P>,
    ) -> Pushed<P> {
        let mut head = self.head.load(Ordering::Relaxed);
        let mut pinned = None;
        loop {
            if head & WAITING != 0 && pinned.is_none() {
                pinned = pin();
            }
            link.store(shape.top(head), Ordering::Relaxed);
            let count = shape.count(head) + 1;
            let wanted = shape.word(shape.tag(head), count, index, head & CLOSED);
            // AcqRel: the last push must see what all earlier holders did with their slices before it frees them.
            match self.head.compare_exchange_weak(head, wanted, Ordering::AcqRel, Ordering::Relaxed) {
                Ok(_) => {
                    let last = head & CLOSED != 0 && count == shape.total;
                    return Pushed { last, waiting: if head & WAITING != 0 { pinned } else { None } };
                }
                Err(seen) => head = seen,
            }
        }
    }

    /// Marks an empty list so that the next push reports it. False: there is a slot to take, nothing was marked.
    pub(crate) fn announce(&self, shape: Shape) -> bool {
        let mut head = self.head.load(Ordering::Acquire);
        loop {
            if head & CLOSED != 0 {
                return true;
            }
            if shape.count(head) != 0 {
                return false;
            }
            match self.head.compare_exchange_weak(head, head | WAITING, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return true,
                Err(seen) => head = seen,
            }
        }
    }

    /// Closes the list for pops.
    pub(crate) fn close(&self, shape: Shape) -> Closed {
        let before = self.head.fetch_or(CLOSED, Ordering::AcqRel);
        if before & CLOSED != 0 {
            Closed::Already
        } else if shape.count(before) == shape.total {
            Closed::AllHome
        } else {
            Closed::SomeOut
        }
    }

    /// Closes the list if it still is exactly `word` (nothing was taken since).
    pub(crate) fn close_if(&self, word: u64) -> bool {
        self.head.compare_exchange(word, word | CLOSED, Ordering::AcqRel, Ordering::Relaxed).is_ok()
    }

    /// The word at this moment, to compare with a later one.
    pub(crate) fn word(&self) -> u64 {
        self.head.load(Ordering::Acquire)
    }

    pub(crate) fn is_closed(word: u64) -> bool {
        word & CLOSED != 0
    }
}
