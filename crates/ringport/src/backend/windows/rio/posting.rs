//! Posting requests of a socket: naming their memory, and what they say beside it.
//!
//! They are posted deferred, which puts them into memory that is shared with the system, and go together with one commit.

use std::io;
use std::net::SocketAddr;

use windows_sys::Win32::Networking::WinSock::{
    RIO_BUF, RIO_MSG_DEFER, RIO_MSG_DONT_NOTIFY, RIO_MSG_WAITALL, WSABUF, WSAEFAULT,
};

use super::chests::{self, Shelf};
use super::headroom::{Headroom, Parts};
use super::region::RegisteredRegion;
use super::request_queue::Beside;
use super::socket::Socket;
use crate::backend::sys::errno::{EINVAL, EMSGSIZE};
use crate::backend::windows::carrier::{self, Ticket, Way, Work};
use crate::memory::{Place, RegisterError, Registration};

/// Bytes that are dearer to copy than to move with a request of their own.
const LARGE: u32 = 1 << 14;

impl Socket {
    /// Posts a receive or a send.
    ///
    /// # Safety
    /// As [`Carrier::begin`](carrier::Carrier::begin), of one of these two.
    pub(super) unsafe fn post(
        &mut self,
        shelf: &mut Shelf,
        ticket: Ticket,
        work: &Work<'_>,
    ) -> Result<(), i32> {
        let posted = match *work {
            Work::Receive { parts, place, beside, whole, quiet } => {
                let data = match self.direct(parts) {
                    Some(length) => self.name(place, length)?,
                    None => self.chests.open(shelf, self.functions, ticket, parts)?,
                };
                // The system tells how much had come when such a request ends early, which is as good as the end of one
                // that does not wait.
                let waits = if whole { RIO_MSG_WAITALL } else { 0 };
                // SAFETY: the caller's word.
                unsafe { self.receive(ticket, data, beside, silence(quiet) | waits) }
            }
            Work::Send { parts, place, peer, control, quiet } => {
                let data = match self.direct(parts) {
                    Some(length) => self.name(place, length)?,
                    None if self.is_datagram && length_of(parts) > chests::LENGTH => return Err(EMSGSIZE),
                    // SAFETY: the caller's word.
                    None => unsafe { self.chests.pack(shelf, self.functions, ticket, parts)? },
                };
                // SAFETY: the caller's word.
                unsafe { self.send(ticket, data, peer, control, silence(quiet)) }
            }
            _ => return Err(EINVAL),
        };
        if let Err(error) = posted {
            // SAFETY: the system has nothing of it.
            unsafe { self.chests.close(shelf, ticket, 0) };
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
            return self.requests.with(|requests| unsafe { requests.send(data, flags, context) });
        }
        let refused = || io::Error::from_raw_os_error(EMSGSIZE);
        let letters = self.letters.as_mut().ok_or_else(refused)?;
        // SAFETY: the caller gives no place twice at a time.
        let written = unsafe { letters.write(ticket.place, peer, control) }.ok_or_else(refused)?;
        let beside =
            Beside { remote: written.remote.as_ref(), control: written.control.as_ref(), flags: None };
        // SAFETY: the caller's word; the letter stays as long as the socket is here.
        self.requests.with(|requests| unsafe { requests.send_with(data, beside, flags, context) })
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
            None => self.requests.with(|requests| unsafe { requests.receive(Some(&data), flags, context) }),
            Some((_, Parts { remote, control, flags: told })) => {
                let beside = Beside { remote: Some(&remote), control: control.as_ref(), flags: Some(&told) };
                // SAFETY: the caller's word.
                self.requests
                    .with(|requests| unsafe { requests.receive_with(Some(&data), beside, flags, context) })
            }
        }
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

fn silence(quiet: bool) -> u32 {
    if quiet { RIO_MSG_DONT_NOTIFY } else { 0 }
}
