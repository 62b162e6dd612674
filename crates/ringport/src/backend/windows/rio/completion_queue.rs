//! The system's completion queue: made, armed, emptied, resized, closed.
//!
//! Emptying and resizing it exclude each other and themselves, which `&mut self` says; arming it does not.

use std::cell::UnsafeCell;
use std::fmt;
use std::io;
use std::mem::MaybeUninit;
use std::ptr;

use windows_sys::Win32::Foundation::HANDLE;
use windows_sys::Win32::Networking::WinSock::{
    RIO_CORRUPT_CQ, RIO_CQ, RIO_EVENT_COMPLETION, RIO_IOCP_COMPLETION, RIO_MAX_CQ_SIZE,
    RIO_NOTIFICATION_COMPLETION, RIO_NOTIFICATION_COMPLETION_0, RIO_NOTIFICATION_COMPLETION_0_0,
    RIO_NOTIFICATION_COMPLETION_0_1, RIORESULT,
};
use windows_sys::Win32::System::IO::OVERLAPPED;

use super::constants::{INVALID_COMPLETION_QUEUE, last_error};
use super::functions::Functions;

/// The most places that a queue can have.
pub(super) const MOST_PLACES: u32 = RIO_MAX_CQ_SIZE;

/// How a queue says that it has something (`RIO_NOTIFICATION_COMPLETION`).
///
/// A queue that is polled has none. One on a completion port of the program's tells that port. The thread of one with an
/// event sleeps on a port of the queue's own, for wake-ups and overlapped calls come there, too, and a program's own poll
/// loop is told by an event from there.
#[derive(Clone, Copy, Debug)]
pub(super) enum Notification {
    /// Not at all: it is polled.
    None,
    /// By an event (`RIO_EVENT_COMPLETION`), which arming resets first if `reset` is set.
    #[cfg_attr(not(all(test, ringport_stand_in)), expect(dead_code, reason = "only the tests take it"))]
    Event { event: HANDLE, reset: bool },
    /// By a packet with this key on a completion port (`RIO_IOCP_COMPLETION`).
    Port { port: HANDLE, key: usize },
}

/// The queue's memory, which the process can write to, was damaged. Nothing more can be learned from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Corrupt;

/// A completion queue of the system's.
pub(super) struct RawCompletionQueue {
    functions: &'static Functions,
    id: RIO_CQ,
    size: u32,
    /// What packets on a port carry; the system has its address, and nobody looks inside.
    _packet: Option<Box<UnsafeCell<OVERLAPPED>>>,
}

// SAFETY: the system's queue is named by a number and asks not which thread uses it, and nobody looks into the packet.
unsafe impl Send for RawCompletionQueue {}

impl RawCompletionQueue {
    /// Makes a queue of `size` places.
    ///
    /// # Errors
    /// `WSAEINVAL` for no place or more than [`MOST_PLACES`], `WSAENOBUFS` without memory for them.
    ///
    /// # Safety
    /// The event or port stays open as long as the queue.
    pub(super) unsafe fn create(
        functions: &'static Functions,
        size: u32,
        notification: Notification,
    ) -> io::Result<RawCompletionQueue> {
        // SAFETY: a plain C structure of integers and pointers; all zeroes is a valid value.
        let idle: OVERLAPPED = unsafe { std::mem::zeroed() };
        let packet =
            matches!(notification, Notification::Port { .. }).then(|| Box::new(UnsafeCell::new(idle)));
        let address = packet.as_ref().map_or(ptr::null_mut(), |packet| packet.get());
        let described = notification.describe(address);
        let pointer = described.as_ref().map_or(ptr::null(), ptr::from_ref);
        // SAFETY: the structure is a local that the call reads; what it names lives as long as the queue: the packet
        // by its box, the handle by the caller's word.
        let id = unsafe { (functions.create_completion_queue)(size, pointer) };
        if id == INVALID_COMPLETION_QUEUE {
            return Err(last_error());
        }
        Ok(RawCompletionQueue { functions, id, size, _packet: packet })
    }

    /// Its name, for request queues.
    pub(super) fn id(&self) -> RIO_CQ {
        self.id
    }

    /// How many places it has.
    pub(super) fn size(&self) -> u32 {
        self.size
    }

    /// The address that its packets carry; null without a port.
    #[cfg(all(test, ringport_stand_in))]
    pub(super) fn packet(&self) -> *mut OVERLAPPED {
        self._packet.as_ref().map_or(ptr::null_mut(), |packet| packet.get())
    }

    /// Arms one notification (`RIONotify`): at once when something notifiable is there, else with what comes next.
    ///
    /// # Errors
    /// The system's number: `WSAEALREADY` when one is armed, `WSAEINVAL` for a polled queue.
    pub(super) fn notify(&self) -> Result<(), i32> {
        // SAFETY: the queue is open until this is dropped.
        match unsafe { (self.functions.notify)(self.id) } {
            0 => Ok(()),
            error => Err(error),
        }
    }

    /// Moves what completed into `room`, in the order it completed; returns how many.
    #[inline]
    pub(super) fn dequeue(&mut self, room: &mut [MaybeUninit<RIORESULT>]) -> Result<usize, Corrupt> {
        let most = u32::try_from(room.len()).unwrap_or(u32::MAX);
        // SAFETY: the queue is open, `&mut self` keeps others from emptying it, and the array has room for so many.
        let count = unsafe { (self.functions.dequeue)(self.id, room.as_mut_ptr().cast(), most) };
        if count == RIO_CORRUPT_CQ || count > most { Err(Corrupt) } else { Ok(count as usize) }
    }

    /// Gives it another number of places; what is queued stays.
    ///
    /// # Errors
    /// `WSAEINVAL` for a bad number, `WSAETOOMANYREFS` for fewer than its request queues reserve. It stays as it was.
    pub(super) fn resize(&mut self, size: u32) -> io::Result<()> {
        // SAFETY: the queue is open, and `&mut self` keeps others from emptying it.
        if unsafe { (self.functions.resize_completion_queue)(self.id, size) } == 0 {
            return Err(last_error());
        }
        self.size = size;
        Ok(())
    }
}

impl Notification {
    /// In the system's form; `None` for a queue that is polled.
    fn describe(self, packet: *mut OVERLAPPED) -> Option<RIO_NOTIFICATION_COMPLETION> {
        Some(match self {
            Notification::None => return None,
            Notification::Event { event, reset } => RIO_NOTIFICATION_COMPLETION {
                Type: RIO_EVENT_COMPLETION,
                Anonymous: RIO_NOTIFICATION_COMPLETION_0 {
                    Event: RIO_NOTIFICATION_COMPLETION_0_0 {
                        EventHandle: event,
                        NotifyReset: i32::from(reset),
                    },
                },
            },
            Notification::Port { port, key } => RIO_NOTIFICATION_COMPLETION {
                Type: RIO_IOCP_COMPLETION,
                Anonymous: RIO_NOTIFICATION_COMPLETION_0 {
                    Iocp: RIO_NOTIFICATION_COMPLETION_0_1 {
                        IocpHandle: port,
                        CompletionKey: key as *mut _,
                        Overlapped: packet.cast(),
                    },
                },
            },
        })
    }
}

impl Drop for RawCompletionQueue {
    fn drop(&mut self) {
        // SAFETY: the queue was made by the same table and is closed once. What completes later is dropped by the
        // system, which writes to memory of its own.
        unsafe { (self.functions.close_completion_queue)(self.id) }
    }
}

impl fmt::Debug for RawCompletionQueue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("RawCompletionQueue");
        debug.field("id", &self.id).field("size", &self.size).finish_non_exhaustive()
    }
}
