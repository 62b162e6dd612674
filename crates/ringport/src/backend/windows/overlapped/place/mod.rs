//! Where the kernel writes while an operation is under way: an `OVERLAPPED`, and what its call wants beside.
//!
//! ```text
//!   Spot ──► Place   [ OVERLAPPED │ ticket, busy, connects │ flags │ detail: message, address, control data ]
//!                      kernel       this thread              kernel  kernel
//! ```
//!
//! How an operation ended is read from its `OVERLAPPED`, where the kernel has written it before it sends the packet. The
//! places of a carrier are in its [`Arena`].

mod arena;

pub(super) use arena::Arena;

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
