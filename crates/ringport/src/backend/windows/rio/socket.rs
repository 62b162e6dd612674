//! One socket with a request queue: what it needs beside that, and what its requests leave when they have ended.

use std::io;
use std::sync::Weak;

use super::chests::{Chests, Shelf};
use super::functions::Functions;
use super::headroom::Headroom;
use super::letters::Letters;
use super::request_queue::Outstanding;
use super::sharing::Requests;
use crate::backend::contract::Status;
use crate::backend::sys::descriptor::{AsRawFd, OwnedFd, RawFd};
use crate::backend::windows::carrier::{Means, Outcome, Ticket, Way};
use crate::net::SocketHandle;

/// The most requests of a way in the system at a time, by what a ticket can name.
pub(super) const MOST: u32 = u16::MAX as u32;

/// A socket whose data goes by its request queue.
#[derive(Debug)]
pub(super) struct Socket {
    pub(super) functions: &'static Functions,
    pub(super) number: RawFd,
    pub(super) owners: Weak<OwnedFd>,
    pub(super) requests: Requests,
    /// What this side of it may have outstanding.
    pub(super) limits: Outstanding,
    pub(super) is_datagram: bool,
    pub(super) letters: Option<Letters>,
    /// Of receives in flight that bring more than data, by place.
    pub(super) headrooms: Vec<Option<Headroom>>,
    pub(super) chests: Chests,
    pub(super) deferred_receives: bool,
    pub(super) deferred_sends: bool,
    /// Accepted by the system, and not dequeued.
    pub(super) in_flight: u32,
}

impl Socket {
    /// Without memory for requests, which [`make_room`](Socket::make_room) makes.
    pub(super) fn new(
        functions: &'static Functions,
        handle: &SocketHandle,
        requests: Requests,
        limits: Outstanding,
    ) -> Socket {
        Socket {
            functions,
            number: handle.as_raw_fd(),
            owners: handle.owners().unwrap_or_default(),
            requests,
            limits,
            is_datagram: handle.is_datagram(),
            letters: None,
            headrooms: Vec::new(),
            chests: Chests::default(),
            deferred_receives: false,
            deferred_sends: false,
            in_flight: 0,
        }
    }

    /// Whether it has datagrams.
    pub(super) fn is_datagram(&self) -> bool {
        self.is_datagram
    }

    /// Whether somebody keeps it open.
    pub(super) fn is_open(&self) -> bool {
        self.owners.strong_count() > 0
    }

    /// Its request queue, and who owns it; it has no request in flight.
    pub(super) fn into_requests(self) -> (Weak<OwnedFd>, Requests) {
        (self.owners, self.requests)
    }

    /// What it can have in the system at a time.
    pub(super) fn means(&self) -> Means {
        let Outstanding { receives, sends } = self.limits;
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

    /// An operation was dequeued: takes in what it has left beside its result.
    ///
    /// # Safety
    /// Its slices were not given back yet.
    #[inline]
    pub(super) unsafe fn end(&mut self, shelf: &mut Shelf, ticket: Ticket, outcome: &mut Outcome) {
        self.in_flight = self.in_flight.saturating_sub(1);
        let headroom = match ticket.way {
            Way::In => self.headrooms.get_mut(usize::from(ticket.place)).and_then(Option::take),
            Way::Out => None,
        };
        if let Some(headroom) = headroom {
            // SAFETY: the caller's word.
            let (received, only_control) = unsafe { headroom.read() };
            outcome.received = received;
            if outcome.status == Status::Truncated && only_control {
                outcome.status = Status::Success;
            }
        }
        if outcome.status == Status::Truncated && outcome.bytes == 0 {
            // It has filled its slices, which is not documented to be said.
            outcome.bytes = u32::MAX;
        }
        // SAFETY: the caller's word.
        unsafe { self.chests.close(shelf, ticket, outcome.bytes) };
    }

    /// Has all run that was deferred; returns the calls it took.
    pub(super) fn commit(&mut self) -> u64 {
        let mut calls = 0;
        if std::mem::take(&mut self.deferred_receives) {
            // SAFETY: an attachment keeps its socket open, and the completion queue outlives all sockets here. A socket
            // that refuses has been closed for good, and ends its requests itself.
            let _ = self.requests.with(|requests| unsafe { requests.commit_receives() });
            calls += 1;
        }
        if std::mem::take(&mut self.deferred_sends) {
            // SAFETY: as above.
            let _ = self.requests.with(|requests| unsafe { requests.commit_sends() });
            calls += 1;
        }
        calls
    }
}
