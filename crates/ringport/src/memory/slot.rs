//! The buffer object: 64 bytes of book-keeping for one slice.
//!
//! A region is two blocks, and a slot is an element of the first:
//!
//! ```text
//!   slots   [ slot 0 | slot 1 | slot 2 | ... ]     64 bytes each, one cache line; live as long as the pool
//!                |        |        |
//!                v        v        v
//!   slices  [ slice 0 | slice 1 | slice 2 | ... ]  page aligned, locked; live as long as the region is open
//! ```
//!
//! A `BufferMut` is a pointer to a slot, which knows the filled part; a `Buffer` is a pointer and a range of its own. Everything in a slot that changes is
//! atomic, so a slot can be looked at from any thread (the figures do), and everything sits in one cache line, so
//! taking and returning a slice touches that line and the list's head and nothing else.

use super::atomic::AtomicU32;
use super::free_list::Links;
use super::region::{Region, RegionId};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicPtr, AtomicU8, AtomicU64, Ordering};

/// What a slice is doing, for the figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Use {
    /// In the free list.
    Free = 0,
    /// Held by the program.
    Held = 1,
    /// In a posted receive.
    Receiving = 2,
    /// In a posted send.
    Sending = 3,
}

/// What the kernel left in the headroom of a received slice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Received {
    /// Bytes of the peer's socket address.
    pub(crate) name_len: u8,
    /// Bytes of control data.
    pub(crate) control_len: u16,
    /// What there is to say about it, such as [`CONTROL_TRUNCATED`](Received::CONTROL_TRUNCATED).
    pub(crate) flags: u8,
}

impl Received {
    /// There was more control data than room for it.
    pub(crate) const CONTROL_TRUNCATED: u8 = 1;
}

#[repr(C, align(64))]
pub(crate) struct Slot {
    next: AtomicU32,
    references: AtomicU32,
    payload: AtomicPtr<u8>,
    region: NonNull<Region>,
    context: AtomicU64,
    /// The filled part while the slice has one owner: start, and length in the upper half. It is one word, so it
    /// is read in the size in which it was written.
    filled: AtomicU64,
    index: u32,
    capacity: u32,
    headroom: u32,
    received: AtomicU32,
    sends: AtomicU32,
    state: AtomicU8,
}

const _: () = assert!(size_of::<Slot>() == 64, "a slot is one cache line");

// SAFETY: all that changes in a slot is atomic; `region` points at an element of the pool's table, which is itself
// Sync and is freed together with the slots.
unsafe impl Send for Slot {}
// SAFETY: as above.
unsafe impl Sync for Slot {}

impl Slot {
    pub(crate) fn new(region: NonNull<Region>, index: u32, capacity: u32, headroom: u32) -> Slot {
        Slot {
            next: AtomicU32::new(0),
            references: AtomicU32::new(0),
            payload: AtomicPtr::new(std::ptr::null_mut()),
            region,
            context: AtomicU64::new(0),
            filled: AtomicU64::new(0),
            index,
            capacity,
            headroom,
            received: AtomicU32::new(0),
            sends: AtomicU32::new(0),
            state: AtomicU8::new(Use::Free as u8),
        }
    }

    /// Ties the slot to its slice when its region is opened. Nobody holds the slot then.
    pub(crate) fn bind(&self, payload: *mut u8) {
        self.payload.store(payload, Ordering::Relaxed);
    }

    /// Makes a slot that was just popped its holder's own.
    #[inline]
    pub(crate) fn occupy(&self) {
        self.references.store(1, Ordering::Relaxed);
        self.context.store(0, Ordering::Relaxed);
        self.set_filled(0, 0);
        self.received.store(0, Ordering::Relaxed);
        self.state.store(Use::Held as u8, Ordering::Relaxed);
    }

    #[inline]
    pub(crate) fn payload(&self) -> *mut u8 {
        self.payload.load(Ordering::Relaxed)
    }

    #[inline]
    pub(crate) fn capacity(&self) -> u32 {
        self.capacity
    }

    #[inline]
    pub(crate) fn headroom(&self) -> u32 {
        self.headroom
    }

    /// Where the slice lies.
    #[inline]
    pub(super) fn region(&self) -> &Region {
        // SAFETY: whoever asks holds the slice, so its region is not retired and the pool's table is alive.
        unsafe { self.region.as_ref() }
    }

    #[inline]
    pub(super) fn index(&self) -> u32 {
        self.index
    }

    /// The header beside the slice, over the caller's own memory.
    pub(crate) fn separate_header(&self) -> Option<*mut u8> {
        self.region().separate_header(self.index())
    }

    /// Where the payload begins, in bytes from the start of the region.
    pub(crate) fn payload_offset(&self) -> usize {
        let geometry = self.region().geometry();
        self.index() as usize * geometry.stride + geometry.headroom as usize
    }

    pub(crate) fn region_id(&self) -> RegionId {
        self.region().id()
    }

    /// Start and length of the filled part.
    #[inline]
    pub(crate) fn filled(&self) -> (u32, u32) {
        let filled = self.filled.load(Ordering::Relaxed);
        (filled as u32, (filled >> 32) as u32)
    }

    #[inline]
    pub(crate) fn set_filled(&self, start: u32, len: u32) {
        self.filled.store(u64::from(start) | u64::from(len) << 32, Ordering::Relaxed);
    }

    pub(crate) fn context(&self) -> &AtomicU64 {
        &self.context
    }

    #[inline]
    pub(crate) fn references(&self) -> &AtomicU32 {
        &self.references
    }

    pub(crate) fn sends(&self) -> &AtomicU32 {
        &self.sends
    }

    #[inline]
    pub(crate) fn set_use(&self, what: Use) {
        self.state.store(what as u8, Ordering::Relaxed);
    }

    /// What the slice is doing now. A shared buffer is sending while any of its sends is outstanding.
    pub(crate) fn current_use(&self) -> Use {
        let state = self.state.load(Ordering::Relaxed);
        if state == Use::Free as u8 {
            Use::Free
        } else if self.sends.load(Ordering::Relaxed) > 0 || state == Use::Sending as u8 {
            Use::Sending
        } else if state == Use::Receiving as u8 {
            Use::Receiving
        } else {
            Use::Held
        }
    }

    #[inline]
    pub(crate) fn set_received(&self, received: Received) {
        let packed = u32::from(received.name_len)
            | (u32::from(received.flags) << 8)
            | (u32::from(received.control_len) << 16);
        self.received.store(packed, Ordering::Relaxed);
    }

    #[inline]
    pub(crate) fn received(&self) -> Received {
        let packed = self.received.load(Ordering::Relaxed);
        Received { name_len: packed as u8, flags: (packed >> 8) as u8, control_len: (packed >> 16) as u16 }
    }
}

impl Links for [Slot] {
    #[inline]
    fn link(&self, index: u32) -> Option<&AtomicU32> {
        self.get(index as usize).map(|slot| &slot.next)
    }
}

/// Brings a slice home, from whichever thread held it last. No lock, no system call, unless somebody waits for it
/// or it was the last one of a closed region.
///
/// # Safety
/// The caller owns the slice alone (it is the last handle) and does not touch the slot afterwards.
#[inline]
pub(crate) unsafe fn give_back(slot: NonNull<Slot>) {
    // SAFETY: the caller's slice keeps the region open, and an open region keeps the pool with all its slots and
    // regions alive. That ends with the push; up to there these references are good. The push itself is handed
    // only atomics by reference (see `FreeList`), the rest by value.
    let (index, link, region) = unsafe {
        let raw = slot.as_ptr();
        (*raw).set_use(Use::Free);
        ((*raw).index, &(*raw).next, (*raw).region.as_ptr().cast_const())
    };
    // SAFETY: as above.
    let (shape, list) = unsafe { ((*region).shape(), &(*region).list) };
    // SAFETY: `pin` runs before the slice is pushed, so the region is alive.
    let pushed = list.push(shape, index, link, || unsafe { (*region).pin() });
    if pushed.last {
        // SAFETY: a closed region whose last slice came home belongs to whoever brought it: nobody else retires
        // it, and its own reference keeps the pool alive until `retire` hands that reference out.
        let stock = unsafe { (*region).retire() };
        // The place is vacant now, so a waiter may grow the pool, whether or not this list carried its mark.
        if let Some(stock) = stock {
            stock.wake_waiting();
        }
    }
    if let Some(stock) = pushed.waiting {
        stock.wake_waiting();
    }
}
