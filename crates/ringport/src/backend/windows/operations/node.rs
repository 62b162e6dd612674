//! The pinned place of an operation: what the system writes to while it is under way.
//!
//! ```text
//!   free, of its slot ── start ──► the starter's ── the call ──► the system's ── packet ──► whoever took it ──► free
//! ```
//!
//! At each moment one of them has it, and only it touches the flight. The status may be looked at by anybody, at any
//! time: the system writes it last.
//!
//! A packet says whose it is by an address and nothing more, and some come for nothing: of a call that was done at once,
//! where the system sends them in spite of what it was told. So a place says whether a packet is awaited, and whoever takes
//! that word back has the place; the others have none. Once a place has seen a call that was done without a packet, one may
//! come late, when the next operation is under way there: from then on a packet counts only of an operation that has ended.
//!
//! Only from then on, for not every packet has a status before it. Wine 8 hands the rest of an operation to the thread that
//! began it. If that thread ends at this moment, its server forgets the rest and sends the packet all the same: with the
//! status 0x101 in the packet, no bytes moved, and a place that says for ever that its operation is pending. In all other
//! cases that were counted there, thousands of each kind of operation, the status was written before the packet.

use std::cell::UnsafeCell;
use std::os::windows::io::OwnedSocket;
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use windows_sys::Win32::Foundation::{NTSTATUS, STATUS_PENDING};
use windows_sys::Win32::Networking::WinSock::{WSABUF, WSAMSG};
use windows_sys::Win32::System::IO::OVERLAPPED;

use super::super::status;
use super::slot::Slot;
use crate::backend::plain::{Outcome, Request};
use crate::memory::NAME_LEN;

/// Room for one address as `AcceptEx` wants it: 16 bytes more than the longest.
pub(super) const ACCEPTED_LEN: usize = NAME_LEN + 16;

/// What an operation consists of besides its `OVERLAPPED`.
pub(super) struct Flight {
    /// Keeps the slot, and with it the place, until the packet is taken.
    pub(super) slot: Option<Arc<Slot>>,
    pub(super) request: Option<Request>,
    /// How it ended, where the system does not tell.
    pub(super) ended: Option<Outcome>,
    /// It was tried once more already.
    pub(super) retried: bool,
    pub(super) buffer: WSABUF,
    pub(super) message: WSAMSG,
    pub(super) flags: u32,
    pub(super) name: [u8; NAME_LEN],
    pub(super) name_len: i32,
    /// The socket that a connection is taken for.
    pub(super) accepted: Option<OwnedSocket>,
    /// Where `AcceptEx` puts the addresses of both ends.
    pub(super) addresses: [u8; 2 * ACCEPTED_LEN],
}

impl Flight {
    fn empty() -> Flight {
        Flight {
            slot: None,
            request: None,
            ended: None,
            retried: false,
            buffer: WSABUF::default(),
            message: WSAMSG::default(),
            flags: 0,
            name: [0; NAME_LEN],
            name_len: 0,
            accepted: None,
            addresses: [0; 2 * ACCEPTED_LEN],
        }
    }
}

/// See the module. The `OVERLAPPED` is first, so its address is that of the node.
#[repr(C)]
pub(super) struct Place {
    overlapped: UnsafeCell<OVERLAPPED>,
    flight: UnsafeCell<Flight>,
    /// A packet is to come, or may.
    awaited: AtomicBool,
    /// A packet may come for nothing.
    doubtful: AtomicBool,
    /// Calls that have not come back.
    issuing: AtomicUsize,
    /// Where in the list of its slot it stands. Changed under the lock of the slot.
    index: AtomicUsize,
}

impl Place {
    pub(super) fn new() -> Place {
        Place {
            overlapped: UnsafeCell::new(OVERLAPPED::default()),
            flight: UnsafeCell::new(Flight::empty()),
            awaited: AtomicBool::new(false),
            doubtful: AtomicBool::new(false),
            issuing: AtomicUsize::new(0),
            index: AtomicUsize::new(0),
        }
    }
}

/// A place of [`Nodes`](super::nodes::Nodes), which each slot keeps alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Node(pub(super) NonNull<Place>);

// SAFETY: it is a pointer to memory that all threads may reach by the rules of the module.
unsafe impl Send for Node {}

impl Node {
    /// For whoever has a packet: with `true` the place of an operation that has ended. `false`: the packet came for
    /// nothing, or what it is of goes on.
    pub(super) fn claim_ended(self) -> bool {
        loop {
            // A packet may be faster than what the call leaves before it comes back.
            while self.is_pending() && self.place().issuing.load(Ordering::SeqCst) > 0 {
                thread::yield_now();
            }
            let goes_on = || self.is_pending() && self.place().doubtful.load(Ordering::SeqCst);
            if goes_on() || !self.claim() {
                return false;
            }
            if !goes_on() {
                return true;
            }
            // A younger operation has begun in between. Should its packet have come meanwhile, that found nobody waiting
            // for it, so this looks again.
            self.expect();
        }
    }

    /// For whoever has made the call, when no packet is to follow: whether the place is still the caller's. Otherwise there
    /// was one all the same, and whoever has it goes on.
    pub(super) fn claim_back(self) -> bool {
        self.place().doubtful.store(true, Ordering::SeqCst);
        loop {
            if self.claim() {
                return true;
            }
            if !self.is_pending() {
                return false;
            }
            // Somebody with an older packet has it in hand, and gives it back.
            thread::yield_now();
        }
    }

    /// Makes the call, during which a packet may come.
    pub(super) fn issuing_while<T>(self, call: impl FnOnce() -> T) -> T {
        self.place().issuing.fetch_add(1, Ordering::SeqCst);
        let said = call();
        // The place lives on, whoever has it by now.
        self.place().issuing.fetch_sub(1, Ordering::SeqCst);
        said
    }

    /// A packet is to come, or may.
    pub(super) fn expect(self) {
        self.place().awaited.store(true, Ordering::SeqCst);
    }

    /// Takes that back; `false` when somebody else did.
    fn claim(self) -> bool {
        self.place().awaited.swap(false, Ordering::SeqCst)
    }

    fn place<'node>(self) -> &'node Place {
        // SAFETY: the place is alive, and nobody has it by a reference that excludes others: what changes is in cells.
        unsafe { &*self.0.as_ptr() }
    }

    /// What the calls of the system want.
    pub(super) fn overlapped(self) -> *mut OVERLAPPED {
        self.0.as_ptr().cast()
    }

    /// The flight, to its only user.
    ///
    /// # Safety
    /// The caller has the place, by the rules of the module, and no other reference to the flight.
    pub(super) unsafe fn flight<'node>(self) -> &'node mut Flight {
        // SAFETY: the place is alive, and the caller says that nobody else uses the flight.
        unsafe { &mut *self.0.as_ref().flight.get() }
    }

    /// Prepares it for a call at this offset of a file; sockets have none. It counts as pending from here on, and a packet
    /// is awaited.
    ///
    /// # Safety
    /// As of [`flight`](Node::flight).
    pub(super) unsafe fn prepare(self, offset: u64) {
        let overlapped = self.overlapped();
        // SAFETY: the caller has the place, so the system does not. Of these fields only the status is read by others.
        unsafe {
            (*overlapped).InternalHigh = 0;
            (*overlapped).Anonymous.Anonymous.Offset = offset as u32;
            (*overlapped).Anonymous.Anonymous.OffsetHigh = (offset >> 32) as u32;
        }
        self.internal().store(STATUS_PENDING as usize, Ordering::SeqCst);
        self.expect();
    }

    /// Says that it is over, where the system does not, and that a packet of ours is to come.
    ///
    /// # Safety
    /// As of [`flight`](Node::flight).
    pub(super) unsafe fn settle(self) {
        self.internal().store(0, Ordering::SeqCst);
        self.expect();
    }

    /// What the system says of it.
    pub(super) fn status(self) -> NTSTATUS {
        self.internal().load(Ordering::SeqCst) as NTSTATUS
    }

    /// Where the system says it.
    fn internal<'node>(self) -> &'node AtomicUsize {
        // SAFETY: the place is alive, and the number is aligned as any. Whoever looks at it, or writes it beside the
        // system, does so by this.
        unsafe { AtomicUsize::from_ptr(&raw mut (*self.overlapped()).Internal) }
    }

    pub(super) fn is_pending(self) -> bool {
        status::is_pending(self.status())
    }

    /// How many bytes were transferred, once it is over.
    pub(super) fn transferred(self) -> usize {
        // SAFETY: the place is alive. The system has written it before the status.
        unsafe { (&raw const (*self.overlapped()).InternalHigh).read_volatile() }
    }

    pub(super) fn index(self) -> usize {
        self.place().index.load(Ordering::Relaxed)
    }

    pub(super) fn set_index(self, index: usize) {
        self.place().index.store(index, Ordering::Relaxed);
    }
}
