//! Buffers that the kernel chooses from, and any thread may look into.
//!
//! ```text
//!   entries   [addr, len, id][addr, len, id] ...   shared with the kernel, page aligned
//!                   │
//!   slices    [header 16 | name 16 | payload ...]  one an id
//! ```
//!
//! The memory lives until the process ends, as the ring does.

use std::alloc::{Layout, alloc_zeroed};
use std::net::{Ipv4Addr, SocketAddr};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU16, Ordering};

use io_uring::types::{BufRingEntry, RecvMsgOut};
use ringport_stand::part::SLICE;

use crate::Failure;

/// Room for the kernel's header and the address, and what keeps slices aligned.
const HEADROOM: usize = 64;
const STRIDE: usize = SLICE + HEADROOM;
const PAGE: usize = 4096;

/// A datagram in a slice, not looked at yet. It is the right to the slice until the id is given back.
#[derive(Debug)]
pub(super) struct Arrived {
    pub(super) id: u16,
    pub(super) length: u32,
}

/// What a multishot receive wants to know: the size of an address.
pub(super) fn header() -> libc::msghdr {
    // SAFETY: a plain C structure of integers and pointers; all zeroes is a valid value.
    let mut header: libc::msghdr = unsafe { std::mem::zeroed() };
    header.msg_namelen = size_of::<libc::sockaddr_in>() as libc::socklen_t;
    header
}

/// All slices, for reading.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slices(NonNull<u8>);

// SAFETY: the memory is never freed, and a slice is read only by who holds its `Arrived`.
unsafe impl Send for Slices {}
// SAFETY: as above.
unsafe impl Sync for Slices {}

impl Slices {
    /// Shows the payload and who sent it.
    #[inline]
    pub(super) fn see(self, arrived: &Arrived, see: impl FnOnce(&[u8], SocketAddr)) {
        // SAFETY: the id is the kernel's own, so the slice is inside, and it wrote so many bytes to it; it is not
        // given back while `arrived` is borrowed.
        let bytes = unsafe {
            let slice = self.0.add(usize::from(arrived.id) * STRIDE);
            std::slice::from_raw_parts(slice.as_ptr(), arrived.length as usize)
        };
        let Ok(message) = RecvMsgOut::parse(bytes, &header()) else { return };
        // SAFETY: the socket is of IPv4, so the kernel wrote a whole address, at an offset of 16 in an aligned slice.
        let name = unsafe { &*message.name_data().as_ptr().cast::<libc::sockaddr_in>() };
        let host = Ipv4Addr::from(u32::from_be(name.sin_addr.s_addr));
        see(message.payload_data(), SocketAddr::from((host, u16::from_be(name.sin_port))));
    }
}

/// The side that gives slices to the kernel: one thread's at a time.
pub(super) struct Provided {
    entries: NonNull<BufRingEntry>,
    slices: Slices,
    count: u16,
    tail: u16,
}

// SAFETY: the memory is never freed, and only this object writes the entries.
unsafe impl Send for Provided {}

impl Provided {
    /// `count` slices, a power of two, all of them given.
    pub(super) fn new(count: u16) -> Result<Provided, Failure> {
        let entries = pages(usize::from(count) * size_of::<BufRingEntry>())?.cast();
        let slices = Slices(pages(usize::from(count) * STRIDE)?);
        let mut this = Provided { entries, slices, count, tail: 0 };
        this.give(0..count);
        Ok(this)
    }

    pub(super) fn slices(&self) -> Slices {
        self.slices
    }

    /// The address to register.
    pub(super) fn address(&self) -> u64 {
        self.entries.as_ptr() as u64
    }

    /// Gives slices to the kernel.
    pub(super) fn give(&mut self, ids: impl Iterator<Item = u16>) {
        for id in ids {
            let place = usize::from(self.tail & (self.count - 1));
            // SAFETY: the place is inside the entries, and not the kernel's before the tail moves.
            let entry = unsafe { self.entries.add(place).as_mut() };
            entry.set_addr(self.slices.0.as_ptr() as u64 + u64::from(id) * STRIDE as u64);
            entry.set_len(STRIDE as u32);
            entry.set_bid(id);
            self.tail = self.tail.wrapping_add(1);
        }
        // SAFETY: the address is that of the shared tail among the entries, aligned for its two bytes.
        let tail = unsafe { &*BufRingEntry::tail(self.entries.as_ptr()).cast::<AtomicU16>() };
        tail.store(self.tail, Ordering::Release);
    }
}

/// Whole pages, never freed.
fn pages(bytes: usize) -> Result<NonNull<u8>, Failure> {
    let layout = Layout::from_size_align(bytes, PAGE)?;
    // SAFETY: the size is not zero.
    NonNull::new(unsafe { alloc_zeroed(layout) }).ok_or_else(|| "no memory".into())
}
