//! Registered memory for what lies in several slices. Registered I/O takes one slice a request, so the bytes of chains,
//! and of small sends and receives of a connection that go together, are copied: the only ones that are.
//!
//! ```text
//!   send      [ a | b | c ] ──copied──► chest ──request──► socket
//!   receive   socket ──request──► chest ──copied at the end──► [ a | b | c ]
//! ```
//!
//! A chest is made by the first that needs it, and used again, by whichever socket of the queue is next: one that has
//! nothing under way has none.

use std::cell::UnsafeCell;
use std::fmt;
use std::io;
use std::ptr::{self, NonNull};

use windows_sys::Win32::Networking::WinSock::{RIO_BUF, WSABUF, WSAENOBUFS};

use super::functions::Functions;
use super::region::RegisteredRegion;
use crate::backend::windows::carrier::{Ticket, Way};
use crate::memory::Registration;

/// As much as any datagram takes.
pub(super) const LENGTH: usize = 1 << 16;

/// The bytes of one datagram, with their registration, which goes first.
struct Chest {
    region: RegisteredRegion,
    bytes: Box<[UnsafeCell<u8>]>,
    /// Where a receive's go in the end.
    targets: Vec<WSABUF>,
}

// SAFETY: where the bytes go is the memory of an operation, which whoever has the chest has.
unsafe impl Send for Chest {}

/// Chests that no operation has, of all sockets of a queue.
#[derive(Default)]
pub(super) struct Shelf {
    #[expect(
        clippy::vec_box,
        reason = "they move from here to a place of an operation and back as they are"
    )]
    idle: Vec<Box<Chest>>,
}

impl Shelf {
    fn take(&mut self, functions: &'static Functions) -> Result<Box<Chest>, i32> {
        match self.idle.pop() {
            Some(chest) => Ok(chest),
            None => Chest::new(functions)
                .map(Box::new)
                .map_err(|error| error.raw_os_error().unwrap_or(WSAENOBUFS)),
        }
    }

    #[cfg(all(test, ringport_stand_in))]
    pub(super) fn len(&self) -> usize {
        self.idle.len()
    }
}

/// The chests of operations of one socket that are in flight, by place.
#[derive(Default)]
pub(super) struct Chests {
    receives: Vec<Option<Box<Chest>>>,
    sends: Vec<Option<Box<Chest>>>,
}

impl Chests {
    /// Makes room to remember so many; none is made.
    pub(super) fn make_room(&mut self, receives: usize, sends: usize) {
        for (side, wanted) in [(&mut self.receives, receives), (&mut self.sends, sends)] {
            // A connection has one each, and there may be many of them.
            side.reserve_exact(wanted.saturating_sub(side.len()));
            side.resize_with(wanted.max(side.len()), || None);
        }
    }

    /// Copies a send together, as much of it as there is room for; its bytes, as requests name them.
    ///
    /// # Safety
    /// The parts may be read.
    pub(super) unsafe fn pack(
        &mut self,
        shelf: &mut Shelf,
        functions: &'static Functions,
        ticket: Ticket,
        parts: &[WSABUF],
    ) -> Result<RIO_BUF, i32> {
        let chest = shelf.take(functions)?;
        let mut length = 0;
        for part in parts {
            let bytes = (part.len as usize).min(LENGTH - length);
            // SAFETY: the part is readable, by the caller's word, and so much of it fits behind those before it. The chest
            // is nobody else's.
            unsafe { ptr::copy_nonoverlapping(part.buf, chest.start().add(length), bytes) };
            length += bytes;
        }
        let named = chest.name(length);
        self.keep(ticket, chest);
        Ok(named)
    }

    /// Room for a receive whose bytes go to `parts` in the end.
    pub(super) fn open(
        &mut self,
        shelf: &mut Shelf,
        functions: &'static Functions,
        ticket: Ticket,
        parts: &[WSABUF],
    ) -> Result<RIO_BUF, i32> {
        let room: usize = parts.iter().map(|part| part.len as usize).sum();
        let mut chest = shelf.take(functions)?;
        chest.targets.clear();
        chest.targets.extend_from_slice(parts);
        let named = chest.name(room.min(LENGTH));
        self.keep(ticket, chest);
        Ok(named)
    }

    /// An operation has ended, or was refused: of a receive, `bytes` go where they belong.
    ///
    /// # Safety
    /// The system is done with the operation, and the parts of a receive may still be written to.
    #[inline]
    pub(super) unsafe fn close(&mut self, shelf: &mut Shelf, ticket: Ticket, bytes: u32) {
        if let Some(chest) = self.held(ticket).and_then(Option::take) {
            // SAFETY: the caller's word.
            unsafe { empty(chest, bytes as usize, shelf) };
        }
    }

    fn keep(&mut self, ticket: Ticket, chest: Box<Chest>) {
        if let Some(held) = self.held(ticket) {
            *held = Some(chest);
        }
    }

    #[inline]
    fn held(&mut self, ticket: Ticket) -> Option<&mut Option<Box<Chest>>> {
        let side = if ticket.way == Way::In { &mut self.receives } else { &mut self.sends };
        side.get_mut(usize::from(ticket.place))
    }
}

/// Has the bytes of a receive go where they belong, and puts the chest back.
///
/// # Safety
/// As [`close`](Chests::close).
#[cold]
unsafe fn empty(mut chest: Box<Chest>, bytes: usize, shelf: &mut Shelf) {
    let (mut from, mut left) = (chest.start(), bytes.min(LENGTH));
    for target in chest.targets.drain(..) {
        let part = left.min(target.len as usize);
        // SAFETY: the target has room for that, by the caller's word, and so much was received.
        unsafe {
            ptr::copy_nonoverlapping(from, target.buf, part);
            from = from.add(part);
        }
        left -= part;
    }
    shelf.idle.push(chest);
}

impl Chest {
    #[cold]
    fn new(functions: &'static Functions) -> io::Result<Chest> {
        let bytes: Box<[UnsafeCell<u8>]> = (0..LENGTH).map(|_| UnsafeCell::new(0)).collect();
        let start = NonNull::from(&*bytes).cast();
        // SAFETY: the bytes are dropped after their registration, and while an operation uses them the socket keeps the
        // chest.
        let region = unsafe { RegisteredRegion::register(functions, start, LENGTH)? };
        Ok(Chest { region, bytes, targets: Vec::new() })
    }

    fn start(&self) -> *mut u8 {
        UnsafeCell::raw_get(self.bytes.as_ptr())
    }

    fn name(&self, length: usize) -> RIO_BUF {
        RIO_BUF { BufferId: self.region.id(), Offset: 0, Length: length as u32 }
    }
}

impl fmt::Debug for Chests {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Chests").finish_non_exhaustive()
    }
}
