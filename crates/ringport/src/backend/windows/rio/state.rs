//! What the carrier has: sockets with request queues, and the completion queue that all of them share.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::mem::MaybeUninit;
use std::os::windows::io::AsRawHandle;
use std::sync::Arc;

use windows_sys::Win32::Networking::WinSock::{RIORESULT, WSAEFAULT};

use super::cancelling::Patience;
use super::chests::Shelf;
use super::completion_queue::{Corrupt, MOST_PLACES, Notification, RawCompletionQueue};
use super::outcome::outcome;
use super::provider;
use super::request_queue::{CompletesIn, Outstanding, RawRequestQueue};
use super::resting::Resting;
use super::sharing::{self, Requests};
use super::socket::{MOST, Socket};
use crate::backend::contract::Partner;
use crate::backend::sys::descriptor::AsFd;
use crate::backend::sys::errno::ENOBUFS;
use crate::backend::windows::Told;
use crate::backend::windows::carrier::{Carrier, End, Room, Ticket};
use crate::backend::windows::overlapped::Overlapped;
use crate::net::SocketHandle;

/// Results that one call dequeues.
const BATCH: usize = 128;

/// See the module.
pub(in crate::backend::windows) struct Rio {
    /// By key; those that overlapped calls serve alone are not here.
    pub(super) sockets: Vec<Option<Socket>>,
    pub(super) shelf: Shelf,
    /// Request queues of sockets that were detached and are still open.
    pub(super) resting: Resting,
    pub(super) completions: RawCompletionQueue,
    results: Box<[MaybeUninit<RIORESULT>]>,
    pub(super) overlapped: Overlapped,
    /// Sockets that are known to that.
    pub(super) others: usize,
    /// Those among them of data that got no request queue.
    pub(super) mixed: Vec<u32>,
    /// Somebody watches the port beside the queue's thread, or sends it wake-ups: no packet may be left there. A queue
    /// that never sleeps would gather them without end.
    pub(super) watched: bool,
    pub(super) patience: Patience,
    /// Where the sends of the next socket complete, if not here.
    pub(super) partner: Option<Partner>,
    told: Told,
    /// A packet is due at the program's port, or was not seen yet.
    armed: bool,
    pub(super) fault: Option<i32>,
}

impl Rio {
    /// Opens a completion queue of `size` places; it grows if it has to. It has the kind of notification that is made use
    /// of.
    pub(in crate::backend::windows) fn open(size: usize, told: Told) -> io::Result<Rio> {
        let functions = provider::common_functions()?;
        let overlapped = Overlapped::open(match &told {
            Told::Port(landing) => Some(Arc::clone(landing)),
            Told::Nobody | Told::Sleeper => None,
        })?;
        let places = u32::try_from(size).unwrap_or(MOST_PLACES).clamp(1, MOST_PLACES);
        let notification = match &told {
            Told::Nobody => Notification::None,
            Told::Sleeper => {
                Notification::Port { port: overlapped.port().as_raw_handle(), key: Overlapped::OTHERS }
            }
            Told::Port(landing) => Notification::Port { port: landing.handle(), key: landing.number() },
        };
        // SAFETY: the port stays open as long as `overlapped`, which is dropped after the queue.
        let completions = unsafe { RawCompletionQueue::create(functions, places, notification)? };
        Ok(Rio {
            sockets: Vec::new(),
            shelf: Shelf::default(),
            resting: Resting::default(),
            completions,
            results: (0..BATCH).map(|_| MaybeUninit::uninit()).collect(),
            overlapped,
            others: 0,
            mixed: Vec::new(),
            patience: Patience::default(),
            partner: None,
            watched: matches!(told, Told::Port(_)),
            told,
            armed: false,
            fault: None,
        })
    }

    pub(super) fn socket(&mut self, key: u32) -> Option<&mut Socket> {
        self.sockets.get_mut(key as usize)?.as_mut()
    }

    /// Whether the data of a socket goes by a request queue.
    #[cfg(all(test, ringport_stand_in))]
    pub(super) fn is_registered(&self, key: u32) -> bool {
        self.sockets.get(key as usize).is_some_and(Option::is_some)
    }

    /// The socket with its request queue, which it has from before or gets now.
    pub(super) fn register(&mut self, handle: &SocketHandle, room: Room) -> io::Result<Socket> {
        let functions = provider::functions(handle.as_fd())?;
        let limits = outstanding(handle, room);
        let own = self.completions.id();
        let partner = self.partner.take().filter(|_| limits.sends == 0);
        let to = CompletesIn { receives: own, sends: partner.map_or(own, |partner| partner.queue) };
        let known = self.resting.take(handle, limits, to);
        let known = known.or_else(|| sharing::find(handle, own).filter(|_| limits.receives == 0));
        let (requests, resized) = match (known, partner) {
            (Some(mut requests), _) => {
                let resized = self.resize(&mut requests, limits);
                (requests, resized)
            }
            (None, partner) => {
                let sends = partner.map_or(limits.sends, |partner| partner.sends.min(most(handle)));
                let wanted = Outstanding { sends, ..limits };
                let made = self.with_places(wanted, |_| {
                    RawRequestQueue::create(functions, handle.as_fd(), wanted, to, 0)
                })?;
                let requests = match partner {
                    Some(_) => sharing::leave(handle, to.sends, made),
                    None => Requests::Whole(made),
                };
                (requests, Ok(()))
            }
        };
        let mut socket = Socket::new(functions, handle, requests, limits);
        match resized.and_then(|()| socket.make_room()) {
            Ok(()) => Ok(socket),
            Err(error) => {
                // The system has no call to end a request queue, and a socket gets one only: it is kept for the next time.
                self.resting.put(socket);
                Err(error)
            }
        }
    }

    /// Has a request queue allow so many of this side.
    pub(super) fn resize(&mut self, requests: &mut Requests, limits: Outstanding) -> io::Result<()> {
        let wanted = requests.beside_the_other(limits);
        // SAFETY: the caller has the socket of this queue open, and the completion queue is.
        self.with_places(wanted, |_| requests.with(|requests| unsafe { requests.resize(wanted) }))
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
    pub(super) fn drain(&mut self, ends: &mut VecDeque<End>) -> io::Result<()> {
        loop {
            let Rio { sockets, shelf, completions, results, fault, .. } = self;
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
                unsafe { socket.end(shelf, ticket, &mut outcome) };
                ends.push_back(End { ticket, outcome });
            }
            if count < BATCH {
                return Ok(());
            }
        }
    }

    /// Has the next completion send a packet; at once, if something is there.
    pub(super) fn arm(&mut self) {
        match self.told {
            Told::Nobody => return,
            Told::Sleeper => {}
            Told::Port(_) if self.armed => return,
            Told::Port(_) => self.armed = true,
        }
        *self.overlapped.calls() += 1;
        // Refused is only what is armed already.
        let _ = self.completions.notify();
    }

    /// Whether a sleep would not be ended by what completes.
    pub(super) fn is_asked_only(&self) -> bool {
        !matches!(self.told, Told::Sleeper)
    }

    /// The packet may have come: the next arming is one.
    pub(super) fn disarm(&mut self) {
        self.armed = false;
    }
}

/// What the request queue of a socket may have outstanding.
fn outstanding(handle: &SocketHandle, room: Room) -> Outstanding {
    let most = most(handle);
    Outstanding { receives: room.receives.min(most), sends: room.sends.min(most) }
}

/// Requests of a way in the system at a time: of a connection it is one.
fn most(handle: &SocketHandle) -> u32 {
    if handle.is_datagram() { MOST } else { 1 }
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
