//! The lists of the wheel: 8 levels of 64, linked through the entries, with a bit for each that has some.
//!
//! ```text
//!   a tick      | level 7 | .... | level 2 | level 1 | level 0 |      6 bits each
//!
//!   level 0     64 lists, a tick each         what is due in this block of 64 ticks
//!   level 1     64 lists, 64 ticks each       what is due in this block of 4,096 ticks, and not in this one of 64
//!   level 2     ...
//! ```
//!
//! The level of an entry is the highest group of 6 bits in which its tick differs from the present one, and the list
//! is that group. So every entry of a level is due before every entry of the next, and a list is looked at once:
//! when its time begins, its entries go to lower levels.

use super::moment::{Moment, TICKS_BITS};

const GROUP_BITS: u32 = 6;
const GROUP: u64 = 1 << GROUP_BITS;
const LEVELS: usize = TICKS_BITS.div_ceil(GROUP_BITS) as usize;
/// What is due then or later is never due: that moment is the last there is.
const NEVER: u64 = Moment::NEVER.tick_not_before();
/// The end of a list.
const NONE: u32 = u32::MAX;

/// One deadline.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    /// The tick it is due at.
    pub(super) due: u64,
    /// The tick it was filed for: never after `due`. Without meaning while it is in no list.
    pub(super) filed: u64,
    next: u32,
    previous: u32,
    /// The list it is in, or [`NONE`].
    list: u32,
}

impl Entry {
    #[inline]
    pub(super) fn is_filed(&self) -> bool {
        self.list != NONE
    }
}

/// A list that is not empty, and the tick at which its time begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opening {
    pub(super) list: u32,
    pub(super) tick: u64,
    /// Its time is no longer than that tick.
    pub(super) is_one_tick: bool,
}

#[derive(Debug)]
pub(super) struct Lists {
    entries: Box<[Entry]>,
    heads: Box<[u32]>,
    occupied: [u64; LEVELS],
}

impl Lists {
    pub(super) fn new(entries: usize) -> Lists {
        let empty = Entry { due: NEVER, filed: 0, next: NONE, previous: NONE, list: NONE };
        Lists {
            entries: vec![empty; entries.min(NONE as usize)].into_boxed_slice(),
            heads: vec![NONE; LEVELS * GROUP as usize].into_boxed_slice(),
            occupied: [0; LEVELS],
        }
    }

    #[inline]
    pub(super) fn entry(&mut self, index: u32) -> Option<&mut Entry> {
        self.entries.get_mut(index as usize)
    }

    /// The list that a tick belongs to, seen from the present one.
    #[inline]
    fn list_of(present: u64, tick: u64) -> u32 {
        let level = ((present ^ tick) | (GROUP - 1)).ilog2() / GROUP_BITS;
        let group = (tick >> (level * GROUP_BITS)) & (GROUP - 1);
        level * GROUP as u32 + group as u32
    }

    /// Puts an entry, which is in no list, where its tick belongs: not before the present one, and nowhere, if it
    /// is never due.
    pub(super) fn file(&mut self, index: u32, present: u64) {
        let Some(entry) = self.entries.get(index as usize) else { return };
        let tick = entry.due.max(present);
        if tick >= NEVER {
            return;
        }
        let list = Lists::list_of(present, tick);
        let Some(head) = self.heads.get_mut(list as usize) else { return };
        let next = std::mem::replace(head, index);
        if let Some(entry) = self.entry(index) {
            (entry.filed, entry.next, entry.previous, entry.list) = (tick, next, NONE, list);
        }
        if let Some(next) = self.entry(next) {
            next.previous = index;
        }
        self.mark(list, true);
    }

    /// Takes an entry out of its list, if it is in one.
    pub(super) fn remove(&mut self, index: u32) {
        let Some(entry) = self.entry(index) else { return };
        let Entry { next, previous, list, .. } = *entry;
        if list == NONE {
            return;
        }
        entry.list = NONE;
        if let Some(next) = self.entry(next) {
            next.previous = previous;
        }
        if let Some(previous) = self.entry(previous) {
            previous.next = next;
        } else if let Some(head) = self.heads.get_mut(list as usize) {
            *head = next;
            self.mark(list, next != NONE);
        }
    }

    /// Takes the first entry out of a list.
    pub(super) fn pop(&mut self, list: u32) -> Option<u32> {
        let index = self.heads.get(list as usize).copied().filter(|index| *index != NONE)?;
        self.remove(index);
        Some(index)
    }

    /// The list whose time begins first: at the present tick, or later.
    #[inline]
    pub(super) fn first(&self, present: u64) -> Option<Opening> {
        let level = self.occupied.iter().position(|lists| *lists != 0)? as u32;
        let group = self.occupied.get(level as usize)?.trailing_zeros();
        let shift = level * GROUP_BITS;
        let begins = (present >> shift) & !(GROUP - 1) | u64::from(group);
        Some(Opening { list: level * GROUP as u32 + group, tick: begins << shift, is_one_tick: level == 0 })
    }

    fn mark(&mut self, list: u32, occupied: bool) {
        let bit = 1 << (u64::from(list) % GROUP);
        if let Some(lists) = self.occupied.get_mut((u64::from(list) / GROUP) as usize) {
            if occupied {
                *lists |= bit;
            } else {
                *lists &= !bit;
            }
        }
    }
}
