//! The carrier of Registered I/O: data by request queues, everything else by overlapped calls.
//!
//! ```text
//!   datagrams, data of connections ──► RIOReceiveEx, RIOSendEx .. ──► completion queue ──► RIODequeueCompletion
//!                                                                        │ armed by RIONotify: one packet
//!                                                                        ▼
//!   connects, accepts, awaiting bytes ──► overlapped calls ──packets──► port: where the queue's thread sleeps, or
//!                                                                       the program's, whose threads take them
//! ```
//!
//! A queue that is only polled arms nothing: it has no notification.
//!
//! A socket that the system gives no request queue is served by overlapped calls alone: one that was made elsewhere,
//! without the flag; one that has a request queue on another completion queue already. Who posts sees no difference, if the
//! system takes such calls ([`mixing`]).
//!
//! Results are dequeued from shared memory. The system is called to commit what was posted, to sleep, and to end.

use std::collections::VecDeque;
use std::io;
use std::time::{Duration, Instant};

use super::request_queue::Outstanding;
use super::socket::MOST;
use super::state::Rio;
use super::{cancelling, mixing};
use crate::backend::BackendKind;
use crate::backend::contract::{AttachError, Partner, Status};
use crate::backend::sys::descriptor::AsFd;
use crate::backend::sys::event::{EventDescriptor, OwnedEvent};
use crate::backend::sys::option::ignore_resets;
use crate::backend::windows::carrier::{Begun, Carrier, End, Look, Means, Outcome, Room, Ticket, Work};
use crate::net::SocketHandle;
use crate::notice;

/// How long one look waits for operations to end.
const A_MOMENT: Duration = Duration::from_micros(50);

impl Carrier for Rio {
    fn kind(&self) -> BackendKind {
        BackendKind::Rio
    }

    fn completions(&self) -> Option<isize> {
        Some(self.completions.id())
    }

    fn pair(&mut self, partner: Option<Partner>) {
        self.partner = partner;
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
                let means = self.overlapped.attach(key, handle, room)?;
                self.mixed.push(key);
                return Ok(means);
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
        let before = socket.limits;
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
            grown = self.resize(&mut socket.requests, wanted).and_then(|()| {
                socket.limits = wanted;
                socket.make_room()
            });
        }
        let means = socket.means();
        if let Some(place) = self.sockets.get_mut(key as usize) {
            *place = Some(socket);
        }
        grown.map(|()| means)
    }

    unsafe fn begin(&mut self, ticket: Ticket, work: Work<'_>) -> Begun {
        match work {
            Work::Receive { .. } | Work::Send { .. }
                if let Some(socket) = self.sockets.get_mut(ticket.key as usize).and_then(Option::as_mut) =>
            {
                // SAFETY: the caller's word.
                match unsafe { socket.post(&mut self.shelf, ticket, &work) } {
                    Ok(()) => Begun::Pending,
                    Err(error) => Begun::Done(Outcome::of(Status::Failed(error))),
                }
            }
            Work::Await => {
                // SAFETY: the caller's word.
                let begun = unsafe { self.overlapped.begin(ticket, work) };
                mixing::may_have_bytes(begun)
            }
            _ => {
                let is_receive = matches!(work, Work::Receive { .. });
                // SAFETY: the caller's word.
                let begun = unsafe { self.overlapped.begin(ticket, work) };
                mixing::explained(begun, is_receive, || self.mixed.contains(&ticket.key))
            }
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
            Look::Wait(time) if self.is_asked_only() => self.ask_until(ends, time),
            Look::Wait(_) => {
                self.arm();
                self.overlapped.take(ends, look)?;
                self.drain(ends)
            }
            // Without others and watchers there is nothing that anybody has to see.
            Look::Now if self.others == 0 && !self.watched => Ok(()),
            look => {
                self.overlapped.take(ends, look)?;
                if self.overlapped.take_strangers() {
                    self.disarm();
                }
                Ok(())
            }
        }
    }

    fn cancel(&mut self, key: u32) {
        self.overlapped.cancel(key);
        let Some(socket) = self.socket(key).filter(|socket| socket.in_flight > 0) else { return };
        // By its number it is named only as long as somebody keeps it open.
        if let Some(_open) = socket.owners.upgrade() {
            let calls = socket.commit() + cancelling::cancel(socket.number);
            *self.overlapped.calls() += calls;
        }
    }

    fn patience(&self, key: u32) -> Duration {
        match self.sockets.get(key as usize).and_then(Option::as_ref) {
            Some(socket) if socket.in_flight > 0 && socket.is_open() => self.patience.time(),
            _ => self.overlapped.patience(key),
        }
    }

    fn lingers(&mut self, key: u32, moved: bool) -> bool {
        let Some(socket) = self.socket(key).filter(|socket| socket.in_flight > 0) else { return false };
        let learns = socket.is_open() && !moved;
        if learns {
            self.patience.spent();
        }
        true
    }

    fn detach(&mut self, key: u32) {
        let socket = self.sockets.get_mut(key as usize).and_then(Option::take);
        let is_other = socket.as_ref().is_none_or(|socket| !socket.is_datagram());
        if is_other {
            self.mixed.retain(|mixed| *mixed != key);
            self.others = self.others.saturating_sub(1);
            self.overlapped.detach(key);
        }
        if let Some(socket) = socket {
            self.resting.put(socket);
        }
    }

    fn watch_wake(&mut self, wake: &EventDescriptor) -> io::Result<()> {
        self.watched = true;
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

    fn remind(&mut self, time: Duration) -> io::Result<()> {
        self.overlapped.remind(time)
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

impl Rio {
    /// Asks again and again until something has ended: for operations that are to end before their memory goes.
    fn ask_until(&mut self, ends: &mut VecDeque<End>, time: Option<Duration>) -> io::Result<()> {
        let before = ends.len();
        let deadline = time.and_then(|time| Instant::now().checked_add(time));
        while ends.len() == before && deadline.is_none_or(|deadline| Instant::now() < deadline) {
            self.overlapped.take(ends, Look::Wait(Some(A_MOMENT)))?;
            self.drain(ends)?;
        }
        Ok(())
    }
}
