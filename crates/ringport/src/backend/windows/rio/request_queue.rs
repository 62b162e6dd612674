//! The system's request queue: made for a socket, given requests, resized. It ends with its socket.
//!
//! Receives and sends of one queue exclude each other, which `&mut self` says; only a commit may run beside them.

use std::ffi::c_void;
use std::fmt;
use std::io;
use std::os::windows::io::{AsRawSocket, BorrowedSocket};
use std::ptr;

use windows_sys::Win32::Networking::WinSock::{RIO_BUF, RIO_CQ, RIO_MSG_COMMIT_ONLY, RIO_RQ, SOCKET};
use windows_sys::core::BOOL;

use super::constants::{INVALID_REQUEST_QUEUE, last_error};
use super::functions::{Functions, Post, PostMore};

/// The slices that one request may have on Windows.
pub(super) const SLICES: u32 = 1;

/// What a request moves; none for a datagram without data.
pub(super) type Data<'slice> = Option<&'slice RIO_BUF>;

/// How many requests may be outstanding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Outstanding {
    pub(super) receives: u32,
    pub(super) sends: u32,
}

/// Where requests complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CompletesIn {
    pub(super) receives: RIO_CQ,
    pub(super) sends: RIO_CQ,
}

/// What a request has beside its data; slices of registered memory like it.
#[derive(Clone, Copy, Default)]
pub(super) struct Beside<'slices> {
    /// The `SOCKADDR_INET` that a datagram comes from or goes to.
    pub(super) remote: Option<&'slices RIO_BUF>,
    /// A `RIO_CMSG_BUFFER`.
    pub(super) control: Option<&'slices RIO_BUF>,
    /// Where the flags of what was received go, 4 bytes.
    pub(super) flags: Option<&'slices RIO_BUF>,
}

/// A socket's request queue.
pub(super) struct RawRequestQueue {
    functions: &'static Functions,
    id: RIO_RQ,
    outstanding: Outstanding,
    completes_in: CompletesIn,
}

impl RawRequestQueue {
    /// Makes the request queue of `socket`, whose completions carry `context`.
    ///
    /// # Errors
    /// `WSAEINVAL` with no request allowed, or for a socket that is closing or has one; `WSAENOBUFS` without places
    /// for them in a completion queue; `WSAEOPNOTSUPP` for a socket that was not made for registered I/O.
    pub(super) fn create(
        functions: &'static Functions,
        socket: BorrowedSocket<'_>,
        outstanding: Outstanding,
        completes_in: CompletesIn,
        context: u64,
    ) -> io::Result<RawRequestQueue> {
        // SAFETY: the socket is borrowed; a completion queue that is open no more is refused; the context is a number to the
        // system.
        let id = unsafe {
            (functions.create_request_queue)(
                socket.as_raw_socket() as SOCKET,
                outstanding.receives,
                SLICES,
                outstanding.sends,
                SLICES,
                completes_in.receives,
                completes_in.sends,
                number(context),
            )
        };
        if id == INVALID_REQUEST_QUEUE {
            return Err(last_error());
        }
        Ok(RawRequestQueue { functions, id, outstanding, completes_in })
    }

    /// What it may have outstanding.
    pub(super) fn outstanding(&self) -> Outstanding {
        self.outstanding
    }

    /// Where its requests complete.
    pub(super) fn completes_in(&self) -> CompletesIn {
        self.completes_in
    }

    /// Posts a receive.
    ///
    /// # Errors
    /// `WSAENOBUFS` at the limit, `WSAEFAULT` for memory that is not registered, `WSAEINVAL` for flags that make no
    /// sense. There is no completion then.
    ///
    /// # Safety
    /// The socket is open, and its completion queues. The slices are the caller's alone, and stay so until the
    /// completion was dequeued.
    #[inline]
    pub(super) unsafe fn receive(&mut self, data: Data<'_>, flags: u32, context: u64) -> io::Result<()> {
        // SAFETY: the caller's word.
        unsafe { self.post(self.functions.receive, data, flags, context) }
    }

    /// Posts a receive that brings more than its data (`RIOReceiveEx`).
    ///
    /// # Errors
    /// As [`receive`](RawRequestQueue::receive).
    ///
    /// # Safety
    /// As [`receive`](RawRequestQueue::receive), of all the slices.
    #[inline]
    pub(super) unsafe fn receive_with(
        &mut self,
        data: Data<'_>,
        beside: Beside<'_>,
        flags: u32,
        context: u64,
    ) -> io::Result<()> {
        // SAFETY: the caller's word.
        unsafe { self.post_more(self.functions.receive_more, data, beside, flags, context) }
    }

    /// Posts a send.
    ///
    /// # Errors
    /// As [`receive`](RawRequestQueue::receive).
    ///
    /// # Safety
    /// The socket is open, and its completion queues. Nobody writes to the slices until the completion was dequeued.
    #[inline]
    pub(super) unsafe fn send(&mut self, data: Data<'_>, flags: u32, context: u64) -> io::Result<()> {
        // SAFETY: the caller's word.
        unsafe { self.post(self.functions.send, data, flags, context) }
    }

    /// Posts a send that says more than its data (`RIOSendEx`).
    ///
    /// # Errors
    /// As [`receive`](RawRequestQueue::receive).
    ///
    /// # Safety
    /// As [`send`](RawRequestQueue::send), of all the slices.
    #[inline]
    pub(super) unsafe fn send_with(
        &mut self,
        data: Data<'_>,
        beside: Beside<'_>,
        flags: u32,
        context: u64,
    ) -> io::Result<()> {
        // SAFETY: the caller's word.
        unsafe { self.post_more(self.functions.send_more, data, beside, flags, context) }
    }

    /// Hands a request of either way over; `&mut self` keeps others away.
    ///
    /// # Safety
    /// As [`receive`](RawRequestQueue::receive) or [`send`](RawRequestQueue::send).
    #[inline]
    unsafe fn post(&mut self, call: Post, data: Data<'_>, flags: u32, context: u64) -> io::Result<()> {
        let (slice, count) = pointer(data);
        // SAFETY: the caller's word; the structure itself is read before the call returns.
        accepted(unsafe { call(self.id, slice, count, flags, number(context)) })
    }

    /// The same with more than data.
    ///
    /// # Safety
    /// As [`post`](RawRequestQueue::post), of all the slices.
    #[inline]
    unsafe fn post_more(
        &mut self,
        call: PostMore,
        data: Data<'_>,
        beside: Beside<'_>,
        flags: u32,
        context: u64,
    ) -> io::Result<()> {
        let (remote, control, flags_out) = beside.pointers();
        let (slice, count) = pointer(data);
        let (none, context) = (ptr::null(), number(context));
        // SAFETY: as above.
        accepted(unsafe { call(self.id, slice, count, none, remote, control, flags_out, flags, context) })
    }

    /// Has the receives run that were deferred (`RIO_MSG_COMMIT_ONLY`). Makes no completion, needs no place, and may
    /// run beside posts of this queue.
    ///
    /// # Safety
    /// The socket is open, and its completion queues.
    pub(super) unsafe fn commit_receives(&self) -> io::Result<()> {
        // SAFETY: a commit has no memory, nor a context.
        accepted(unsafe {
            (self.functions.receive)(self.id, ptr::null(), 0, RIO_MSG_COMMIT_ONLY, ptr::null())
        })
    }

    /// Has the sends run that were deferred, likewise.
    ///
    /// # Safety
    /// The socket is open, and its completion queues.
    pub(super) unsafe fn commit_sends(&self) -> io::Result<()> {
        // SAFETY: a commit has no memory, nor a context.
        accepted(unsafe { (self.functions.send)(self.id, ptr::null(), 0, RIO_MSG_COMMIT_ONLY, ptr::null()) })
    }

    /// Gives it other limits; what is outstanding stays.
    ///
    /// # Errors
    /// `WSAEINVAL` with none allowed, `WSAETOOMANYREFS` below what is outstanding, `WSAENOBUFS` above what the completion
    /// queues have free. It stays as it was.
    ///
    /// # Safety
    /// The socket is open, and its completion queues.
    pub(super) unsafe fn resize(&mut self, outstanding: Outstanding) -> io::Result<()> {
        let resize = self.functions.resize_request_queue;
        // SAFETY: `&mut self` keeps posts away.
        accepted(unsafe { resize(self.id, outstanding.receives, outstanding.sends) })?;
        self.outstanding = outstanding;
        Ok(())
    }
}

impl Beside<'_> {
    /// As the calls take them, with null for what is not wanted.
    fn pointers(self) -> (*const RIO_BUF, *const RIO_BUF, *const RIO_BUF) {
        let pointer = |slice: Option<&RIO_BUF>| slice.map_or(ptr::null(), ptr::from_ref);
        (pointer(self.remote), pointer(self.control), pointer(self.flags))
    }
}

/// As the calls take a slice, with how many there are.
#[inline]
fn pointer(data: Data<'_>) -> (*const RIO_BUF, u32) {
    data.map_or((ptr::null(), 0), |slice| (ptr::from_ref(slice), SLICES))
}

/// A context, which the system carries and never follows.
#[inline]
fn number(context: u64) -> *const c_void {
    ptr::without_provenance(context as usize)
}

#[inline]
fn accepted(result: BOOL) -> io::Result<()> {
    if result != 0 { Ok(()) } else { Err(last_error()) }
}

impl fmt::Debug for RawRequestQueue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("RawRequestQueue");
        debug.field("id", &self.id).field("outstanding", &self.outstanding).finish_non_exhaustive()
    }
}
