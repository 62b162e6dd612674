//! One socket with a request queue: posting, and reading what a receive has left.
//!
//! Requests are posted deferred, which puts them into memory that is shared with the system, and go together with one
//! commit.

use std::io;
use std::net::SocketAddr;
use std::sync::Weak;

use windows_sys::Win32::Networking::WinSock::{
    RIO_BUF, RIO_MSG_DEFER, RIO_MSG_DONT_NOTIFY, WSABUF, WSAEFAULT,
};

use super::chests::{self, Chests};
use super::functions::Functions;
use super::headroom::{Headroom, Parts};
use super::letters::Letters;
use super::region::RegisteredRegion;
use super::request_queue::{Beside, Outstanding, RawRequestQueue};
use crate::backend::contract::Status;
use crate::backend::sys::descriptor::{AsRawFd, OwnedFd, RawFd};
use crate::backend::sys::errno::{EINVAL, EMSGSIZE};
use crate::backend::windows::carrier::{self, Means, Outcome, Ticket, Way, Work};
use crate::memory::{Place, RegisterError, Registration};
use crate::net::SocketHandle;

/// A socket whose data goes by its request queue.
#[derive(Debug)]
pub(super) struct Socket {
    functions: &'static Functions,
    pub(super) number: RawFd,
    owners: Weak<OwnedFd>,
    pub(super) requests: RawRequestQueue,
    is_datagram: bool,
    letters: Option<Letters>,
    /// Of receives in flight that bring more than data, by place.
    headrooms: Vec<Option<Headroom>>,
    chests: Chests,
    deferred_receives: bool,
    deferred_sends: bool,
    /// Accepted by the system, and not dequeued.
    pub(super) in_flight: u32,
}

impl Socket {
    /// With what it needs for as many requests as its queue takes.
    pub(super) fn new(
        functions: &'static Functions,
        handle: &SocketHandle,
        requests: RawRequestQueue,
    ) -> io::Result<Socket> {
        let mut socket = Socket {
            functions,
            number: handle.as_raw_fd(),
            owners: handle.owners().unwrap_or_default(),
            requests,
            is_datagram: handle.is_datagram(),
            letters: None,
            headrooms: Vec::new(),
            chests: Chests::default(),
            deferred_receives: false,
            deferred_sends: false,
            in_flight: 0,
        };
        socket.make_room()?;
        Ok(socket)
    }

    /// Whether it has datagrams.
    pub(super) fn is_datagram(&self) -> bool {
        self.is_datagram
    }

    /// Its request queue, and who owns it; it has no request in flight.
    pub(super) fn into_requests(self) -> (Weak<OwnedFd>, RawRequestQueue) {
        (self.owners, self.requests)
    }

    /// What it can have in the system at a time.
    pub(super) fn means(&self) -> Means {
        let Outstanding { receives, sends } = self.requests.outstanding();
        let count = |requests: u32| requests.min(MOST) as u16;
        let awaits = !self.is_datagram;
        Means { receives: count(receives), sends: count(sends), parts: usize::MAX, awaits, cuts: false }
    }

    /// Makes memory for as many requests as its queue takes.
    pub(super) fn make_room(&mut self) -> io::Result<()> {
        let Means { receives, sends, .. } = self.means();
        self.chests.make_room(usize::from(receives), usize::from(sends));
        if !self.is_datagram {
            return Ok(());
        }
        if usize::from(receives) > self.headrooms.len() {
            self.headrooms.resize(usize::from(receives), None);
        }
        match &mut self.letters {
            _ if sends == 0 => {}
            Some(letters) => letters.grow(usize::from(sends))?,
            letters => *letters = Some(Letters::new(self.functions, usize::from(sends))?),
        }
        Ok(())
    }

    /// Posts a receive or a send.
    ///
    /// # Safety
    /// As [`Carrier::begin`](carrier::Carrier::begin), of one of these two.
    pub(super) unsafe fn post(&mut self, ticket: Ticket, work: &Work<'_>) -> Result<(), i32> {
        let posted = match *work {
            // Whoever waits for all of it (`RIO_MSG_WAITALL`) counts what has come, so that nothing is lost by cancelling.
            Work::Receive { parts, place, beside, quiet } => {
                let data = match self.direct(parts) {
                    Some(length) => self.name(place, length)?,
                    None => self.chests.open(self.functions, ticket, parts)?,
                };
                // SAFETY: the caller's word.
                unsafe { self.receive(ticket, data, beside, silence(quiet)) }
            }
            Work::Send { parts, place, peer, control, quiet } => {
                let data = match self.direct(parts) {
                    Some(length) => self.name(place, length)?,
                    None if self.is_datagram && length_of(parts) > chests::LENGTH => return Err(EMSGSIZE),
                    // SAFETY: the caller's word.
                    None => unsafe { self.chests.pack(self.functions, ticket, parts)? },
                };
                // SAFETY: the caller's word.
                unsafe { self.send(ticket, data, peer, control, silence(quiet)) }
            }
            _ => return Err(EINVAL),
        };
        if let Err(error) = posted {
            // SAFETY: the system has nothing of it.
            unsafe { self.chests.close(ticket, 0) };
            return Err(error.raw_os_error().unwrap_or(EINVAL));
        }
        match ticket.way {
            Way::In => self.deferred_receives = true,
            Way::Out => self.deferred_sends = true,
        }
        self.in_flight += 1;
        Ok(())
    }

    /// # Safety
    /// As [`post`](Socket::post).
    unsafe fn send(
        &mut self,
        ticket: Ticket,
        data: RIO_BUF,
        peer: Option<&SocketAddr>,
        control: &[u8],
        flags: u32,
    ) -> io::Result<()> {
        // A datagram may have no data.
        let data = Some(&data).filter(|data| data.Length > 0);
        let (flags, context) = (flags | RIO_MSG_DEFER, ticket.number());
        if peer.is_none() && control.is_empty() {
            // SAFETY: the caller's word.
            return unsafe { self.requests.send(data, flags, context) };
        }
        let refused = || io::Error::from_raw_os_error(EMSGSIZE);
        let letters = self.letters.as_mut().ok_or_else(refused)?;
        // SAFETY: the caller gives no place twice at a time.
        let written = unsafe { letters.write(ticket.place, peer, control) }.ok_or_else(refused)?;
        let beside =
            Beside { remote: written.remote.as_ref(), control: written.control.as_ref(), flags: None };
        // SAFETY: the caller's word; the letter stays as long as the socket is here.
        unsafe { self.requests.send_with(data, beside, flags, context) }
    }

    /// # Safety
    /// As [`post`](Socket::post).
    unsafe fn receive(
        &mut self,
        ticket: Ticket,
        data: RIO_BUF,
        beside: Option<carrier::Beside<'_>>,
        flags: u32,
    ) -> io::Result<()> {
        let (flags, context) = (flags | RIO_MSG_DEFER, ticket.number());
        let prepared = match beside {
            Some(beside) => {
                let named = self.name(beside.place, beside.length).map_err(io::Error::from_raw_os_error)?;
                // SAFETY: the headroom is the operation's, by the caller's word.
                unsafe { Headroom::prepare(beside.start, named) }
            }
            None => None,
        };
        if let Some(kept) = self.headrooms.get_mut(usize::from(ticket.place)) {
            *kept = prepared.map(|(headroom, _)| headroom);
        }
        match prepared {
            // SAFETY: the caller's word.
            None => unsafe { self.requests.receive(Some(&data), flags, context) },
            Some((_, Parts { remote, control, flags: told })) => {
                let beside = Beside { remote: Some(&remote), control: control.as_ref(), flags: Some(&told) };
                // SAFETY: the caller's word.
                unsafe { self.requests.receive_with(Some(&data), beside, flags, context) }
            }
        }
    }

    /// An operation was dequeued: takes in what it has left beside its result.
    ///
    /// # Safety
    /// Its slices were not given back yet.
    #[inline]
    pub(super) unsafe fn end(&mut self, ticket: Ticket, outcome: &mut Outcome) {
        self.in_flight = self.in_flight.saturating_sub(1);
        // SAFETY: the caller's word.
        unsafe { self.chests.close(ticket, outcome.bytes) };
        if ticket.way == Way::Out {
            return;
        }
        if let Some(headroom) = self.headrooms.get_mut(usize::from(ticket.place)).and_then(Option::take) {
            // SAFETY: the caller's word.
            let (received, only_control) = unsafe { headroom.read() };
            outcome.received = received;
            if outcome.status == Status::Truncated && only_control {
                outcome.status = Status::Success;
            }
        }
    }

    /// Has all run that was deferred; returns the calls it took.
    pub(super) fn commit(&mut self) -> u64 {
        let mut calls = 0;
        if std::mem::take(&mut self.deferred_receives) {
            // SAFETY: an attachment keeps its socket open, and the completion queue outlives all sockets here. A socket
            // that refuses has been closed for good, and ends its requests itself.
            let _ = unsafe { self.requests.commit_receives() };
            calls += 1;
        }
        if std::mem::take(&mut self.deferred_sends) {
            // SAFETY: as above.
            let _ = unsafe { self.requests.commit_sends() };
            calls += 1;
        }
        calls
    }

    /// How much of the first part goes without a copy, and the others not with it; `None` when they are to be copied.
    #[inline]
    fn direct(&self, parts: &[WSABUF]) -> Option<u32> {
        match *parts {
            [part] => Some(part.len),
            // The rest of what a connection has goes on with the next request.
            [part, ..] if !self.is_datagram && part.len >= LARGE => Some(part.len),
            _ => None,
        }
    }

    /// Names memory, which is registered first if it was not.
    #[inline]
    fn name(&self, place: Place<'_>, length: u32) -> Result<RIO_BUF, i32> {
        let id = match place.stretch.id() {
            Some(id) => id,
            None => self.register(place)?,
        };
        let offset = u32::try_from(place.offset).map_err(|_| WSAEFAULT)?;
        Ok(RIO_BUF { BufferId: id, Offset: offset, Length: length })
    }

    #[cold]
    fn register(&self, place: Place<'_>) -> Result<isize, i32> {
        let registered = place.stretch.register(|start, length| {
            // SAFETY: a stretch drops its registration before its memory goes, which is when no slice of it is out; and
            // a request in flight has its slices out.
            let region = unsafe { RegisteredRegion::register(self.functions, start, length)? };
            Ok::<Box<dyn Registration>, io::Error>(Box::new(region))
        });
        registered.map_err(|error| match error {
            RegisterError::Closed => WSAEFAULT,
            RegisterError::Refused(error) => error.raw_os_error().unwrap_or(WSAEFAULT),
        })
    }
}

fn length_of(parts: &[WSABUF]) -> usize {
    parts.iter().map(|part| part.len as usize).sum()
}

/// Bytes that are dearer to copy than to move with a request of their own.
const LARGE: u32 = 1 << 14;
/// The most requests of a way in the system at a time, by what a ticket can name.
pub(super) const MOST: u32 = u16::MAX as u32;

fn silence(quiet: bool) -> u32 {
    if quiet { RIO_MSG_DONT_NOTIFY } else { 0 }
}
