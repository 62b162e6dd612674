//! The carrier of Registered I/O: data by request queues, everything else by overlapped calls.
//!
//! ```text
//!   datagrams, data of connections ──► RIOReceiveEx, RIOSendEx .. ──► completion queue ──► RIODequeueCompletion
//!                                                                        │ armed by RIONotify: one packet
//!                                                                        ▼
//!   connects, accepts, awaiting bytes ──► overlapped calls ──packets──► port: where the queue's thread sleeps
//! ```
//!
//! A socket that the system gives no request queue is served by overlapped calls alone: one that was made elsewhere,
//! without the flag; one that has a request queue on another completion queue already. Who posts sees no difference.
//!
//! Results are dequeued from shared memory. The system is called to commit what was posted, to sleep, and to end.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::mem::MaybeUninit;

use windows_sys::Win32::Networking::WinSock::{RIORESULT, WSAEFAULT};

use super::cancelling;
use super::completion_queue::{Corrupt, MOST_PLACES, Notification, RawCompletionQueue};
use super::outcome::outcome;
use super::provider;
use super::request_queue::{Outstanding, RawRequestQueue};
use super::resting::Resting;
use super::socket::{MOST, Socket};
use crate::backend::BackendKind;
use crate::backend::contract::{AttachError, Status};
use crate::backend::sys::descriptor::AsFd;
use crate::backend::sys::errno::ENOBUFS;
use crate::backend::sys::event::{EventDescriptor, OwnedEvent};
use crate::backend::sys::option::ignore_resets;
use crate::backend::windows::carrier::{Begun, Carrier, End, Look, Means, Outcome, Room, Ticket, Work};
use crate::backend::windows::overlapped::Overlapped;
use crate::net::SocketHandle;
use crate::notice;

/// Results that one call dequeues.
const BATCH: usize = 128;

/// See the module.
pub(in crate::backend::windows) struct Rio {
    /// By key; those that overlapped calls serve alone are not here.
    sockets: Vec<Option<Socket>>,
    /// Request queues of sockets that were detached and are still open.
    resting: Resting,
    completions: RawCompletionQueue,
    results: Box<[MaybeUninit<RIORESULT>]>,
    overlapped: Overlapped,
    /// Sockets that are known to that.
    others: usize,
    /// Somebody watches the port beside the queue's thread, so no packet may be left there.
    watched: bool,
    fault: Option<i32>,
}

impl Rio {
    /// Opens a completion queue of `size` places; it grows if it has to.
    pub(in crate::backend::windows) fn open(size: usize) -> io::Result<Rio> {
        let functions = provider::common_functions()?;
        let overlapped = Overlapped::open()?;
        let places = u32::try_from(size).unwrap_or(MOST_PLACES).clamp(1, MOST_PLACES);
        let notification = Notification::Port { port: overlapped.port(), key: Overlapped::OTHERS };
        // SAFETY: the port stays open as long as `overlapped`, which is dropped after the queue.
        let completions = unsafe { RawCompletionQueue::create(functions, places, notification)? };
        Ok(Rio {
            sockets: Vec::new(),
            resting: Resting::default(),
            completions,
            results: (0..BATCH).map(|_| MaybeUninit::uninit()).collect(),
            overlapped,
            others: 0,
            watched: false,
            fault: None,
        })
    }

    fn socket(&mut self, key: u32) -> Option<&mut Socket> {
        self.sockets.get_mut(key as usize)?.as_mut()
    }

    /// Whether the data of a socket goes by a request queue.
    #[cfg(all(test, ringport_stand_in))]
    pub(super) fn is_registered(&self, key: u32) -> bool {
        self.sockets.get(key as usize).is_some_and(Option::is_some)
    }

    /// The socket with its request queue, which it has from before or gets now.
    fn register(&mut self, handle: &SocketHandle, room: Room) -> io::Result<Socket> {
        let functions = provider::functions(handle.as_fd())?;
        let wanted = outstanding(handle, room);
        let requests = match self.resting.take(handle) {
            Some(mut requests) => {
                self.resize(&mut requests, wanted)?;
                requests
            }
            None => self.with_places(wanted, |completions| {
                RawRequestQueue::create(functions, handle.as_fd(), wanted, completions, completions, 0)
            })?,
        };
        Socket::new(functions, handle, requests)
    }

    fn resize(&mut self, requests: &mut RawRequestQueue, wanted: Outstanding) -> io::Result<()> {
        // SAFETY: the caller has the socket of this queue open, and the completion queue is.
        self.with_places(wanted, |_| unsafe { requests.resize(wanted) })
    }

    /// Does what reserves places in the completion queue; once more with a larger one if there are too few. Sockets that
    /// rest, or were closed a moment ago, still have some.
    fn with_places<T>(
        &mut self,
        wanted: Outstanding,
        mut reserve: impl FnMut(&RawCompletionQueue) -> io::Result<T>,
    ) -> io::Result<T> {
        match reserve(&self.completions) {
            Err(error) if error.raw_os_error() == Some(ENOBUFS) => {
                let size = self.completions.size();
                let more = wanted.receives.saturating_add(wanted.sends).max(size);
                self.completions.resize(size.saturating_add(more).min(MOST_PLACES))?;
                reserve(&self.completions)
            }
            result => result,
        }
    }

    /// Takes what has completed.
    fn drain(&mut self, ends: &mut VecDeque<End>) -> io::Result<()> {
        loop {
            let Rio { sockets, completions, results, fault, .. } = self;
            let count = completions.dequeue(results).map_err(|Corrupt| {
                *fault = Some(WSAEFAULT);
                io::Error::from_raw_os_error(WSAEFAULT)
            })?;
            for result in results.iter().take(count) {
                // SAFETY: the call has written so many.
                let result = unsafe { result.assume_init_ref() };
                let ticket = Ticket::from_number(result.RequestContext);
                let socket = sockets.get_mut(ticket.key as usize).and_then(Option::as_mut);
                let Some(socket) = socket else { continue };
                let mut outcome = outcome(result, ticket.way);
                // SAFETY: the slices are the operation's, whose end is told here.
                unsafe { socket.end(ticket, &mut outcome) };
                ends.push_back(End { ticket, outcome });
            }
            if count < BATCH {
                return Ok(());
            }
        }
    }

    /// Has the next completion send a packet; at once, if something is there.
    fn arm(&mut self) {
        *self.overlapped.calls() += 1;
        // Refused is only what is armed already.
        let _ = self.completions.notify();
    }
}

impl Carrier for Rio {
    fn kind(&self) -> BackendKind {
        BackendKind::Rio
    }

    fn attach(&mut self, key: u32, handle: &SocketHandle, room: Room) -> Result<Means, AttachError> {
        if matches!(handle, SocketHandle::Listener(_)) {
            self.others += 1;
            return self.overlapped.attach(key, handle, room);
        }
        let socket = match self.register(handle, room) {
            Ok(socket) => socket,
            Err(error) => {
                notice::say(&format!(
                    "using overlapped calls for a socket, it has no request queue: {error}"
                ));
                self.others += 1;
                return self.overlapped.attach(key, handle, room);
            }
        };
        if handle.is_datagram() {
            // Where it is refused, receives end with such errors and are posted anew, and they are counted.
            let _ = ignore_resets(handle.as_fd());
        } else {
            self.others += 1;
            self.overlapped.attach(key, handle, room)?;
        }
        let means = socket.means();
        if self.sockets.len() <= key as usize {
            self.sockets.resize_with(key as usize + 1, || None);
        }
        if let Some(place) = self.sockets.get_mut(key as usize) {
            *place = Some(socket);
        }
        Ok(means)
    }

    fn grow(&mut self, key: u32, room: Room) -> io::Result<Means> {
        let Some(mut socket) = self.sockets.get_mut(key as usize).and_then(Option::take) else {
            return self.overlapped.grow(key, room);
        };
        let before = socket.requests.outstanding();
        let wanted = if socket.is_datagram() {
            Outstanding {
                receives: room.receives.min(MOST).max(before.receives),
                sends: room.sends.min(MOST).max(before.sends),
            }
        } else {
            before
        };
        let mut grown = Ok(());
        if wanted != before {
            grown = self.resize(&mut socket.requests, wanted).and_then(|()| socket.make_room());
        }
        let means = socket.means();
        if let Some(place) = self.sockets.get_mut(key as usize) {
            *place = Some(socket);
        }
        grown.map(|()| means)
    }

    unsafe fn begin(&mut self, ticket: Ticket, work: Work<'_>) -> Begun {
        match work {
            Work::Receive { .. } | Work::Send { .. } if let Some(socket) = self.socket(ticket.key) => {
                // SAFETY: the caller's word.
                match unsafe { socket.post(ticket, &work) } {
                    Ok(()) => Begun::Pending,
                    Err(error) => Begun::Done(Outcome::of(Status::Failed(error))),
                }
            }
            // SAFETY: the caller's word.
            _ => unsafe { self.overlapped.begin(ticket, work) },
        }
    }

    fn commit(&mut self, key: u32) {
        if let Some(socket) = self.socket(key) {
            let calls = socket.commit();
            *self.overlapped.calls() += calls;
        }
        self.overlapped.commit(key);
    }

    fn take(&mut self, ends: &mut VecDeque<End>, look: Look) -> io::Result<()> {
        let before = ends.len();
        self.drain(ends)?;
        match look {
            Look::Wait(_) if ends.len() > before => Ok(()),
            Look::Wait(_) => {
                self.arm();
                self.overlapped.take(ends, look)?;
                self.drain(ends)
            }
            // Without others and watchers there is nothing that anybody has to see.
            Look::Now if self.others == 0 && !self.watched => Ok(()),
            look => self.overlapped.take(ends, look),
        }
    }

    fn cancel(&mut self, key: u32) {
        self.overlapped.cancel(key);
        let Some(socket) = self.socket(key).filter(|socket| socket.in_flight > 0) else { return };
        let calls = socket.commit() + cancelling::cancel(socket.number);
        *self.overlapped.calls() += calls;
    }

    fn detach(&mut self, key: u32) {
        let socket = self.sockets.get_mut(key as usize).and_then(Option::take);
        let is_other = socket.as_ref().is_none_or(|socket| !socket.is_datagram());
        if is_other {
            self.others = self.others.saturating_sub(1);
            self.overlapped.detach(key);
        }
        if let Some(socket) = socket {
            self.resting.put(socket);
        }
    }

    fn watch_wake(&mut self, wake: &EventDescriptor) -> io::Result<()> {
        self.overlapped.watch_wake(wake)
    }

    fn descriptor(&mut self, event: &EventDescriptor) -> io::Result<Option<OwnedEvent>> {
        self.watched = true;
        self.overlapped.descriptor(event)
    }

    fn arm_descriptor(&mut self, armed: bool) -> io::Result<()> {
        self.overlapped.arm_descriptor(armed)?;
        if armed {
            self.arm();
        }
        Ok(())
    }

    fn calls(&mut self) -> &mut u64 {
        self.overlapped.calls()
    }

    fn system_calls(&self) -> u64 {
        self.overlapped.system_calls()
    }

    fn fault(&self) -> Option<i32> {
        self.fault.or_else(|| self.overlapped.fault())
    }
}

/// What the request queue of a socket may have outstanding. A connection has one of each way in the system at a time.
fn outstanding(handle: &SocketHandle, room: Room) -> Outstanding {
    let most = if handle.is_datagram() { MOST } else { 1 };
    Outstanding { receives: room.receives.min(most), sends: room.sends.min(most) }
}

impl Drop for Rio {
    fn drop(&mut self) {
        for socket in self.sockets.drain(..).flatten().filter(|socket| socket.in_flight > 0) {
            // The system may still read the letters of these.
            std::mem::forget(socket);
        }
    }
}

impl fmt::Debug for Rio {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sockets = self.sockets.iter().flatten().count();
        let mut debug = formatter.debug_struct("Rio");
        debug.field("completions", &self.completions).field("sockets", &sockets).finish_non_exhaustive()
    }
}
