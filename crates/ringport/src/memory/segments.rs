//! A received slice that is handed out in segments, one datagram after the other.
//!
//! With receive offload one slice holds a run of datagrams. Each is lent as a [`Segment`]: nobody else can reach its
//! bytes meanwhile, and nothing is counted for it. Only one that is kept takes a share of the slice.
//!
//! ```text
//!   slice  | d0 | d1 | d2 | d3 | d4 |   longer answers   |        spare       |
//!            └─ run ─┘         ▲    ▲                    ▲                    ▲
//!            given back     next   end                  tail              capacity
//! ```
//!
//! `next` and `tail` only move on, so no byte is lent twice: that is what makes writing to one segment sound while
//! others of the slice are read elsewhere. Segments that are given back one after the other join into a run, which
//! leaves as one message; an answer longer than its question is written behind the end, where there is room.

use std::cell::Cell;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::sync::atomic::Ordering;

use super::buffer::BufferMut;
use super::header::HasHeader;
use super::shared::Buffer;
use super::slot::Slot;

/// See the module. It holds one share of the slice until [`release`](Segments::release).
pub(crate) struct Segments {
    slot: NonNull<Slot>,
    next: u32,
    end: u32,
    tail: u32,
    run: Cell<Run>,
    /// Shares were given out, so the slice may have other owners.
    shared: Cell<bool>,
    /// Some of those may stay for long.
    kept: bool,
    /// The share was let go, or given away: the slot is not looked at any more.
    released: bool,
}

/// Segments that were given back: bytes that follow each other.
#[derive(Clone, Copy, Debug, Default)]
struct Run {
    start: u32,
    len: u32,
    cut: Cut,
}

/// How a run divides into datagrams.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cut {
    /// Bytes of each but the last, which may have fewer.
    pub(crate) size: u32,
    pub(crate) datagrams: u32,
    /// The last one is shorter, so none can follow.
    ended: bool,
    /// What its holder says of how they leave: the same for all.
    pub(crate) tag: u8,
}

impl Cut {
    /// One datagram of so many bytes.
    #[inline]
    pub(crate) fn one(size: usize, tag: u8) -> Cut {
        Cut { size: size as u32, datagrams: 1, ended: size == 0, tag }
    }

    /// So many datagrams of so many bytes, to be sent.
    pub(crate) fn of(size: u32, datagrams: u32, tag: u8) -> Cut {
        Cut { size, datagrams, ended: true, tag }
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.datagrams == 0
    }

    /// The datagrams in the bytes of a run.
    pub(crate) fn datagrams_in<'bytes>(&self, bytes: &'bytes [u8]) -> impl Iterator<Item = &'bytes [u8]> {
        // One without bytes is a datagram, too.
        let empty = bytes.is_empty() && !self.is_empty();
        bytes.chunks(self.size.max(1) as usize).chain(empty.then_some(bytes))
    }
}

/// What is left of a slice when all of its segments are dealt with.
#[derive(Debug)]
pub(crate) enum Rest {
    /// The slice, with its run as the filled part; a cut of no datagrams where there is no run.
    Whole(BufferMut, Cut),
    /// Others have shares of it. The run, if there is one, is one more.
    Shared(Option<(Buffer, Cut)>),
    /// It was given away.
    Gone,
}

impl Segments {
    /// Takes a slice whose filled part begins at its start.
    #[inline]
    pub(crate) fn new(buffer: BufferMut) -> Segments {
        let buffer = ManuallyDrop::new(buffer);
        let slot = NonNull::from(buffer.slot());
        let (start, len) = buffer.slot().filled();
        let end = start + len;
        let (run, shared) = Default::default();
        Segments { slot, next: start, end, tail: end, run, shared, kept: false, released: false }
    }

    #[inline]
    fn slot(&self) -> &Slot {
        // SAFETY: the share that this holds keeps the region, and so the pool and its slots, alive. Once it is
        // released nothing here asks for the slot: there is no segment then, and none is lent.
        unsafe { self.slot.as_ref() }
    }

    /// Whether a segment was kept, and the slice may be away for long.
    pub(crate) fn is_kept(&self) -> bool {
        self.kept
    }

    /// Bytes that were not lent yet.
    #[inline]
    pub(crate) fn left(&self) -> u32 {
        self.end - self.next
    }

    /// Lends the next `len` bytes, or what is left: at most `most` of them, and room for as many where nothing is behind
    /// them. Nothing comes of a slice that was let go.
    #[inline]
    pub(crate) fn lend(&mut self, len: u32, most: u32) -> Option<Segment<'_>> {
        if self.released {
            return None;
        }
        let start = self.next;
        let len = len.min(self.end - start);
        self.next = start + len;
        let len = len.min(most);
        let mut room = len;
        if self.next == self.end && self.tail == self.end {
            room = most.min(self.slot().capacity() - start);
            self.tail = self.end.max(start + room);
        }
        Some(Segment { of: self, start, len, room })
    }

    /// One more share of these bytes, which nobody writes to any more.
    fn share(&self, start: u32, len: u32) -> Buffer {
        let before = self.slot().references().fetch_add(1, Ordering::Relaxed);
        if before > u32::MAX / 2 {
            // As for any clone of a buffer: going on could end in a slice that is unique twice.
            std::process::abort();
        }
        self.shared.set(true);
        // SAFETY: the reference was just counted, and the range was lent once, so it lies inside the capacity.
        unsafe { Buffer::from_parts(self.slot, start, len) }
    }

    /// Takes the run out, as a share of its own: it has to leave before something else does.
    pub(crate) fn take_run(&self) -> Option<(Buffer, Cut)> {
        let Run { start, len, cut } = self.run.take();
        (!cut.is_empty()).then(|| (self.share(start, len), cut))
    }

    /// All segments are dealt with. After [`Rest::Shared`] the share is still to be [released](Segments::release).
    #[inline]
    pub(crate) fn finish(&mut self) -> Rest {
        if self.released {
            return Rest::Gone;
        }
        if self.shared.get() {
            return Rest::Shared(self.take_run());
        }
        self.released = true;
        let Run { start, len, cut } = self.run.get();
        // SAFETY: no share was given out, so the one this held is the only one; it is not used again. The run was lent
        // from the slice.
        Rest::Whole(unsafe { BufferMut::from_parts(self.slot, start, len) }, cut)
    }

    /// Lets the share go; gives the slice, where it was the last one.
    pub(crate) fn release(&mut self) -> Option<BufferMut> {
        if std::mem::replace(&mut self.released, true) {
            return None;
        }
        // SAFETY: the share that this held passes to the handle, and is not used again.
        unsafe { Buffer::from_parts(self.slot, 0, 0) }.into_last()
    }
}

impl HasHeader for Segments {
    #[inline]
    fn slot(&self) -> &Slot {
        Segments::slot(self)
    }
}

impl Drop for Segments {
    #[inline]
    fn drop(&mut self) {
        drop(self.release());
    }
}

/// A segment on loan: these bytes are its holder's alone, and there is no other one meanwhile. Dropping it lets them
/// go, unanswered.
pub(crate) struct Segment<'slice> {
    of: &'slice mut Segments,
    start: u32,
    len: u32,
    room: u32,
}

impl Segment<'_> {
    /// The slice it lies in.
    #[inline]
    pub(crate) fn slice(&self) -> &Segments {
        self.of
    }

    #[inline]
    fn pointer(&self) -> *mut u8 {
        self.of.slot().payload().wrapping_add(self.start as usize)
    }

    /// Changes its length; false where there is not so much room.
    #[inline]
    pub(crate) fn set_len(&mut self, len: usize) -> bool {
        let fits = len <= self.room as usize;
        if fits {
            self.len = len as u32;
        }
        fits
    }

    /// All of its room, which begins with its bytes.
    #[inline]
    pub(crate) fn whole_mut(&mut self) -> &mut [u8] {
        // SAFETY: `start + room` lies inside the slice, which is initialised memory and was lent to nobody else; this
        // is borrowed mutably.
        unsafe { std::slice::from_raw_parts_mut(self.pointer(), self.room as usize) }
    }

    /// Sees to room for `room` bytes, if need be behind the last segment; false where the slice is too short.
    #[inline]
    pub(crate) fn make_room(&mut self, room: usize) -> bool {
        room <= self.room as usize || self.move_behind(room)
    }

    #[cold]
    fn move_behind(&mut self, room: usize) -> bool {
        let start = self.of.tail;
        if room > (self.of.slot().capacity() - start) as usize {
            return false;
        }
        self.of.tail = start + room as u32;
        let from = self.pointer();
        (self.start, self.room) = (start, room as u32);
        // SAFETY: both ranges lie inside the slice and were lent to this segment alone, the new one just now, behind
        // everything that was lent before: so they do not overlap. The new one is longer.
        unsafe { std::ptr::copy_nonoverlapping(from, self.pointer(), self.len as usize) };
        true
    }

    /// Lets the room go that it does not need, if nothing was lent behind it.
    #[inline]
    fn trim(&mut self) {
        let end = self.start + self.len;
        if self.of.tail == self.start + self.room && end >= self.of.end {
            self.of.tail = end;
        }
    }

    /// Gives it back to be sent, if it can join those given back before it, or there are none; false otherwise.
    #[inline]
    pub(crate) fn join(&mut self, tag: u8) -> bool {
        self.trim();
        let run = self.of.run.get_mut();
        if run.cut.is_empty() {
            *run = Run { start: self.start, len: self.len, cut: Cut::one(self.len as usize, tag) };
            return true;
        }
        let follows = run.start + run.len == self.start && !run.cut.ended && run.cut.tag == tag;
        if !follows || self.len == 0 || self.len > run.cut.size {
            return false;
        }
        run.len += self.len;
        run.cut.datagrams += 1;
        run.cut.ended = self.len < run.cut.size;
        true
    }

    /// Keeps it: a share of the slice. The last one takes over that of the slice's holder, unless others wait to be
    /// sent.
    pub(crate) fn keep(mut self) -> Buffer {
        self.trim();
        let Segment { of, start, len, .. } = self;
        of.kept = true;
        if of.left() == 0 && of.run.get().cut.is_empty() {
            of.released = true;
            // SAFETY: the holder's share passes to the handle. Nothing else is lent, and nothing will be.
            return unsafe { Buffer::from_parts(of.slot, start, len) };
        }
        of.share(start, len)
    }
}

impl Deref for Segment<'_> {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        // SAFETY: as for `whole_mut`, with a shared borrow.
        unsafe { std::slice::from_raw_parts(self.pointer(), self.len as usize) }
    }
}

impl DerefMut for Segment<'_> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [u8] {
        // SAFETY: as for `whole_mut`.
        unsafe { std::slice::from_raw_parts_mut(self.pointer(), self.len as usize) }
    }
}
