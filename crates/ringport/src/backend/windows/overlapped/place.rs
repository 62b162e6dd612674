//! Where the kernel writes while an operation is under way: an `OVERLAPPED`, and what its call wants beside.
//!
//! ```text
//!   blocks    [ p0 | p1 | p2 | ... ]  [ p16 | p17 | ... ]      never moved, never freed before the carrier goes
//!   idle        receives: p1 p2       sends: p16               by what they are for
//!
//!   packet ─► pointer ─► is it a place of a block? is an operation under way there? has it ended?
//! ```
//!
//! A packet brings a pointer, nothing more. Some packets come for nothing: a call that ended at once may send one as
//! well, and another program part that has the socket may begin operations of its own. So a pointer is looked up before
//! anybody follows it, and how an operation ended is read from its `OVERLAPPED`, where the kernel has written it before
//! it sends the packet. That is also why a place outlives its socket: a late packet still finds it, idle.

use std::os::windows::io::OwnedSocket;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicUsize, Ordering};

use windows_sys::Win32::Foundation::STATUS_PENDING;
use windows_sys::Win32::Networking::WinSock::{WSABUF, WSAMSG};
use windows_sys::Win32::System::IO::OVERLAPPED;

use super::super::carrier::{Ticket, Way};
use crate::backend::sys::address;
use crate::net::ControlBuffer;

/// What a place is for; it never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Receives or sends of a connection.
    Stream,
    /// Receives of datagrams.
    Receive,
    /// Sends of datagrams.
    Send,
    /// Accepts.
    Accept,
}

const ROLES: usize = 4;

/// Room for one address in what `AcceptEx` writes: 16 bytes more than the longest.
pub(super) const ACCEPT_ADDRESS: usize = address::LONGEST + 16;

/// See the module. The kernel writes to `overlapped`, `flags` and what `detail` has, from the beginning of an operation
/// until its end; so that they are reached through pointers only.
#[repr(C)]
pub(super) struct Place {
    /// First, since its address is the place's.
    overlapped: OVERLAPPED,
    /// The operation under way, or the last one.
    pub(super) ticket: Ticket,
    /// An operation is under way.
    pub(super) busy: bool,
    /// It makes a connection.
    pub(super) connects: bool,
    /// What `WSARecv` writes its flags to.
    pub(super) flags: u32,
    pub(super) detail: Detail,
}

/// What only some operations need.
pub(super) enum Detail {
    Stream,
    Receive(Box<WSAMSG>),
    Send(Box<Letter>),
    Accept(Box<Guest>),
}

/// The head of a datagram on its way out.
pub(super) struct Letter {
    pub(super) message: WSAMSG,
    pub(super) name: [u8; address::LONGEST],
    pub(super) control: Control,
}

/// A copy of control data, aligned as the system wants it.
#[repr(align(8))]
pub(super) struct Control(pub(super) [u8; ControlBuffer::CAPACITY]);

/// A connection that may come.
pub(super) struct Guest {
    pub(super) socket: Option<OwnedSocket>,
    pub(super) addresses: [u8; 2 * ACCEPT_ADDRESS],
}

/// A message of nothing.
const EMPTY_MESSAGE: WSAMSG = WSAMSG {
    name: ptr::null_mut(),
    namelen: 0,
    lpBuffers: ptr::null_mut(),
    dwBufferCount: 0,
    Control: WSABUF { len: 0, buf: ptr::null_mut() },
    dwFlags: 0,
};

impl Place {
    fn new(role: Role) -> Place {
        let detail = match role {
            Role::Stream => Detail::Stream,
            Role::Receive => Detail::Receive(Box::new(EMPTY_MESSAGE)),
            Role::Send => Detail::Send(Box::new(Letter {
                message: EMPTY_MESSAGE,
                name: [0; address::LONGEST],
                control: Control([0; ControlBuffer::CAPACITY]),
            })),
            Role::Accept => {
                Detail::Accept(Box::new(Guest { socket: None, addresses: [0; 2 * ACCEPT_ADDRESS] }))
            }
        };
        let ticket = Ticket { key: u32::MAX, way: Way::In, place: 0 };
        Place { overlapped: OVERLAPPED::default(), ticket, busy: false, connects: false, flags: 0, detail }
    }
}

/// A place of an [`Arena`], by its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spot(NonNull<Place>);

// SAFETY: it is an address. Who follows it says that nobody else does.
unsafe impl Send for Spot {}

impl Spot {
    /// The place, of an operation that is not under way.
    ///
    /// # Safety
    /// The arena lives, and no other reference to the place is in use, nor does the kernel have it.
    #[inline]
    pub(super) unsafe fn idle<'place>(self) -> &'place mut Place {
        let Spot(mut place) = self;
        // SAFETY: the caller's word; a spot points at a place of an arena.
        unsafe { place.as_mut() }
    }

    /// What the kernel is given.
    #[inline]
    pub(super) fn overlapped(self) -> *mut OVERLAPPED {
        self.0.as_ptr().cast()
    }

    /// Whether an operation was begun here whose end was not taken.
    ///
    /// # Safety
    /// The arena lives.
    #[inline]
    pub(super) unsafe fn is_busy(self) -> bool {
        // SAFETY: the caller's word; the kernel never touches this field.
        unsafe { (*self.0.as_ptr()).busy }
    }

    /// Says that an operation is under way, or that its end was taken.
    ///
    /// # Safety
    /// The arena lives.
    #[inline]
    pub(super) unsafe fn set_busy(self, busy: bool) {
        // SAFETY: as for `is_busy`.
        unsafe { (*self.0.as_ptr()).busy = busy };
    }

    /// Which operation is under way.
    ///
    /// # Safety
    /// The arena lives.
    #[inline]
    pub(super) unsafe fn ticket(self) -> Ticket {
        // SAFETY: as for `is_busy`.
        unsafe { (*self.0.as_ptr()).ticket }
    }

    /// How the operation ended, as the kernel says it, with its bytes; `None` while it is under way.
    ///
    /// # Safety
    /// The arena lives.
    #[inline]
    pub(super) unsafe fn ended(self) -> Option<(i32, u32)> {
        let overlapped = self.overlapped();
        // SAFETY: the field is aligned, and lives as long as the arena; the kernel writes it whole.
        let status = unsafe { AtomicUsize::from_ptr(&raw mut (*overlapped).Internal) };
        // All that the kernel wrote before it is seen after it.
        let status = status.load(Ordering::Acquire) as i32;
        // SAFETY: as above; it is read once the kernel is done with it.
        (status != STATUS_PENDING).then(|| (status, unsafe { (*overlapped).InternalHigh } as u32))
    }
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Arena {
    blocks: Vec<NonNull<[Place]>>,
    idle: [Vec<Spot>; ROLES],
}

// SAFETY: an arena is the only owner of its places, which no thread but its own and the kernel reach.
unsafe impl Send for Arena {}

/// The fewest places of a block.
const FEWEST: usize = 16;

impl Arena {
    /// Takes places out for one side of a socket.
    pub(super) fn take(&mut self, role: Role, count: usize) -> Vec<Spot> {
        let Some(idle) = self.idle.get_mut(role as usize) else { return Vec::new() };
        if idle.len() < count {
            // Twice as many each time, so that there are few blocks to look through.
            let places = (count - idle.len()).max(idle.capacity()).max(FEWEST);
            let block: Box<[Place]> = (0..places).map(|_| Place::new(role)).collect();
            let block = NonNull::from(Box::leak(block));
            let first = block.cast::<Place>();
            // SAFETY: each is inside the block.
            idle.extend((0..places).map(|place| Spot(unsafe { first.add(place) })));
            self.blocks.push(block);
        }
        idle.split_off(idle.len() - count)
    }

    /// Takes places back that no operation is under way in.
    pub(super) fn put(&mut self, role: Role, spots: impl IntoIterator<Item = Spot>) {
        if let Some(idle) = self.idle.get_mut(role as usize) {
            idle.extend(spots);
        }
    }

    /// The place that this points at, if it is one.
    #[inline]
    pub(super) fn find(&self, overlapped: *mut OVERLAPPED) -> Option<Spot> {
        let address = overlapped.addr();
        for block in &self.blocks {
            let offset = address.wrapping_sub(block.cast::<Place>().addr().get());
            if offset < block.len() * size_of::<Place>() {
                let place = block.cast::<Place>().as_ptr().wrapping_byte_add(offset);
                return NonNull::new(place).map(Spot).filter(|_| offset.is_multiple_of(size_of::<Place>()));
            }
        }
        None
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        for block in &self.blocks {
            let places = block.cast::<Place>();
            // SAFETY: each is inside the block, and alive.
            let busy = (0..block.len()).any(|place| unsafe { Spot(places.add(place)).is_busy() });
            if !busy {
                // SAFETY: the block was leaked from such a box, and is made one again once. The kernel writes to none of
                // its places. Where it might, the block stays for good.
                drop(unsafe { Box::from_raw(block.as_ptr()) });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_places_are_found() {
        let mut arena = Arena::default();
        let spots = [arena.take(Role::Receive, 3), arena.take(Role::Send, 40)].concat();
        for spot in &spots {
            assert_eq!(arena.find(spot.overlapped()), Some(*spot));
            assert_eq!(arena.find(spot.overlapped().wrapping_byte_add(8)), None);
        }
        let mut other = OVERLAPPED::default();
        assert_eq!((arena.find(&mut other), arena.find(ptr::null_mut())), (None, None));
    }

    #[test]
    fn places_are_used_again() {
        let mut arena = Arena::default();
        for _ in 0..100 {
            let spots = arena.take(Role::Accept, 10);
            assert_eq!(spots.len(), 10);
            arena.put(Role::Accept, spots);
        }
        assert_eq!(arena.blocks.len(), 1);
    }

    #[test]
    fn what_the_kernel_may_write_to_is_never_freed() {
        let mut arena = Arena::default();
        let spot = arena.take(Role::Stream, 1)[0];
        // SAFETY: nobody else knows of the place.
        unsafe { spot.idle() }.busy = true;
        drop(arena);
        // SAFETY: the block was kept for this one.
        assert!(unsafe { spot.is_busy() });
    }
}
