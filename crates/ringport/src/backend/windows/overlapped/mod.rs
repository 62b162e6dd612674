//! Overlapped operations, whose ends come as packets: to a port that only this queue has, or to one of the program's, where
//! the queue has its [landing](super::landing).
//!
//! ```text
//!   begin ──► done at once                         no packet, no other call
//!         └─► under way ──► packet ──► port ──► take, up to 64 with one call
//!                                       ▲
//!               wake-ups, sockets that another port has
//! ```
//!
//! They run on every Windows. Where a socket is, and how an operation of it ended, its place says (see [`place`]).

mod alarm;
mod association;
mod begin;
mod ends;
mod home;
mod keys;
mod landed;
mod outcome;
mod place;
mod socket;
mod watcher;

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::os::windows::io::RawSocket;
use std::sync::Arc;
use std::time::Duration;

use windows_sys::Win32::Foundation::HANDLE;
use windows_sys::Win32::System::IO::CancelIoEx;

use self::alarm::Alarm;
use self::association::Association;
use self::ends::look_at;
use self::home::Home;
use self::place::Arena;
use self::socket::Socket;
use self::watcher::Watcher;
use super::carrier::{Begun, Carrier, End, Look, Means, Outcome, Room, Ticket, Work};
use super::iocp::{Entries, Iocp};
use super::landing::{Landing, Noted};
use crate::backend::BackendKind;
use crate::backend::contract::{AttachError, Status};
use crate::backend::sys::event::{EventDescriptor, OwnedEvent};
use crate::net::SocketHandle;

/// Packets that one call takes.
const BATCH: usize = 64;

/// See the module.
pub(super) struct Overlapped {
    /// Before the sockets and places: the thread ends first.
    watcher: Option<Watcher>,
    sockets: Vec<Option<Socket>>,
    arena: Arena,
    entries: Entries,
    home: Home,
    alarm: Option<Alarm>,
    /// Sockets that are to be looked at: another port has them, and an operation may have ended.
    looks: Vec<u32>,
    /// Room for what a landing has.
    noted: Noted,
    /// The landing had packets that are of no operation.
    strangers: bool,
    calls: u64,
}

impl Overlapped {
    /// The first key of packets that are not its own.
    pub(super) const OTHERS: usize = keys::OTHERS;

    /// Opens one with a port of its own, or with a landing on another's.
    pub(super) fn open(landing: Option<Arc<Landing>>) -> io::Result<Overlapped> {
        let entries = Entries::with_capacity(if landing.is_some() { 1 } else { BATCH });
        Ok(Overlapped {
            watcher: None,
            sockets: Vec::new(),
            arena: Arena::default(),
            entries,
            home: Home::new(landing)?,
            alarm: None,
            looks: Vec::new(),
            noted: Noted::default(),
            strangers: false,
            calls: 0,
        })
    }

    /// The port of its own, for what else sends packets to it; their keys are from [`OTHERS`](Overlapped::OTHERS) on, and
    /// all that comes of them is that a wait ends.
    pub(super) fn port(&self) -> &Arc<Iocp> {
        &self.home.port
    }

    /// Whether packets came to the landing that are of no operation.
    pub(super) fn take_strangers(&mut self) -> bool {
        std::mem::take(&mut self.strangers)
    }

    fn socket(&self, key: u32) -> Option<&Socket> {
        self.sockets.get(key as usize)?.as_ref()
    }
}

impl Carrier for Overlapped {
    fn kind(&self) -> BackendKind {
        BackendKind::Overlapped
    }

    fn attach(&mut self, key: u32, socket: &SocketHandle, room: Room) -> Result<Means, AttachError> {
        let mut socket = Socket::new(socket, &self.home, key, &mut self.calls)?;
        let means = socket.make_room(&mut self.arena, room);
        if self.sockets.len() <= key as usize {
            self.sockets.resize_with(key as usize + 1, || None);
        }
        if let Association::Event(_) = socket.association {
            self.looks.reserve(self.sockets.len());
        }
        if let Some(place) = self.sockets.get_mut(key as usize) {
            *place = Some(socket);
        }
        Ok(means)
    }

    fn grow(&mut self, key: u32, room: Room) -> io::Result<Means> {
        let socket = self.sockets.get_mut(key as usize).and_then(Option::as_mut);
        let socket = socket.ok_or(io::ErrorKind::NotFound)?;
        Ok(socket.make_room(&mut self.arena, room))
    }

    unsafe fn begin(&mut self, ticket: Ticket, work: Work<'_>) -> Begun {
        let Some(socket) = self.sockets.get(ticket.key as usize).and_then(Option::as_ref) else {
            return Begun::Done(Outcome::of(Status::Aborted));
        };
        let Some(spot) = socket.spot(ticket) else { return Begun::Done(Outcome::of(Status::Aborted)) };
        // SAFETY: the caller's word; the ticket is no other operation's, so nothing is under way in its place.
        let begun = unsafe { begin::begin(spot, socket, ticket, work, &mut self.calls) };
        if let Association::Event(_) = socket.association {
            // It has reset the event, which may have been for another.
            look_at(&mut self.looks, ticket.key);
        }
        begun
    }

    fn take(&mut self, ends: &mut VecDeque<End>, look: Look) -> io::Result<()> {
        if let Some(landing) = self.home.landing.clone() {
            return self.take_landed(&landing, ends, look);
        }
        let before = ends.len();
        self.look(ends);
        let time = match look {
            Look::Memory => return Ok(()),
            Look::Now => Some(Duration::ZERO),
            Look::Wait(_) if ends.len() > before => return Ok(()),
            Look::Wait(time) => time,
        };
        self.receive(ends, time)?;
        self.look(ends);
        Ok(())
    }

    fn cancel(&mut self, key: u32) {
        let Some(socket) = self.socket(key) else { return };
        let handle = socket.raw as RawSocket as HANDLE;
        // SAFETY: the arena lives.
        let busy: usize = socket.spots().filter(|spot| unsafe { spot.is_busy() }).fold(0, |count, spot| {
            // SAFETY: the socket is open, and the OVERLAPPED that of its operation. Where that has ended, there is
            // nothing to cancel.
            unsafe { CancelIoEx(handle, spot.overlapped()) };
            count + 1
        });
        self.calls += busy as u64;
    }

    fn detach(&mut self, key: u32) {
        self.looks.retain(|look| *look != key);
        if let Some(socket) = self.sockets.get_mut(key as usize).and_then(Option::take) {
            socket.give_back(&mut self.arena);
        }
    }

    fn watch_wake(&mut self, wake: &EventDescriptor) -> io::Result<()> {
        wake.tie(self.home.port.share(), 0, self.home.wake_ups())
    }

    fn descriptor(&mut self, event: &EventDescriptor) -> io::Result<Option<OwnedEvent>> {
        self.watcher = Some(Watcher::start(&self.home.port, event.share()?)?);
        Ok(None)
    }

    fn arm_descriptor(&mut self, armed: bool) -> io::Result<()> {
        if let Some(watcher) = self.watcher.as_ref() {
            watcher.arm(armed);
        }
        Ok(())
    }

    fn remind(&mut self, time: Duration) -> io::Result<()> {
        match self.home.landing {
            Some(_) => self.remind_at(time),
            None => Ok(()),
        }
    }

    fn calls(&mut self) -> &mut u64 {
        &mut self.calls
    }

    fn system_calls(&self) -> u64 {
        self.calls
    }
}

impl fmt::Debug for Overlapped {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sockets = self.sockets.iter().flatten().count();
        formatter.debug_struct("Overlapped").field("sockets", &sockets).finish_non_exhaustive()
    }
}
