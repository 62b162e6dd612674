//! A thread of a server with plain sockets on a port: a wait brings one datagram, or a batch.

use std::cell::Cell;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use super::hub::{Hub, PortSocket};
use crate::backend::is_unreachable;
use crate::backend::plain::Status;
use crate::backend::sys::descriptor::{AsFd, BorrowedFd};
use crate::memory::{BufferMut, PoolExhausted};
use crate::port::{CompletionPort, Done, Packet, Packets, PortWaitError};
use crate::server::board::Notes;
use crate::server::datagram::Datagram;
use crate::server::delivery::{Handled, deliver};
use crate::server::design::sending::Beside;
use crate::server::design::{EXIT, LEAKY_PATIENCE, MOST_FAILURES, NAP, PATIENCE, REFILL, TICK, sending};
use crate::server::error::{SendError, ServerError};
use crate::server::outlet::{Outlet, Reply, Site};
use crate::server::shared::Shared;

/// Whether a port says how many packets wait on it. That of Windows does not, so a look has to find none.
const KNOWS_ITS_PACKETS: bool = cfg!(target_os = "linux");

/// A thread's view of one socket.
struct Desk<'server> {
    hub: &'server Hub,
    socket: &'server PortSocket,
    site: Site,
    notes: &'server Notes,
    failures: Cell<u32>,
}

/// See the module.
pub(in crate::server) struct Station<'server> {
    hub: &'server Hub,
    /// By key.
    desks: Vec<Desk<'server>>,
    packets: Packets,
    shared: Arc<Shared>,
    thread: usize,
    notes: &'server Notes,
    /// Packets of the batch that are not dealt with.
    left: usize,
}

impl<'server> Station<'server> {
    /// `most` is how many packets a wait may bring.
    pub(in crate::server) fn new(
        hub: &'server Hub,
        most: usize,
        site: &Site,
        notes: &'server Notes,
    ) -> Station<'server> {
        let desk = |socket: &'server PortSocket| {
            let site = site.at(socket.place);
            Desk { hub, socket, site, notes, failures: Cell::new(0) }
        };
        hub.backend().into_iter().for_each(|backend| notes.runs_on(backend));
        Station {
            hub,
            desks: hub.sockets.iter().map(desk).collect(),
            packets: Packets::with_capacity(most),
            shared: Arc::clone(&site.shared),
            thread: site.thread,
            notes,
            left: 0,
        }
    }

    /// Handles datagrams until the stop, and then what is left.
    pub(in crate::server) fn serve(
        &mut self,
        handler: &mut dyn FnMut(Datagram<'_>),
    ) -> Result<(), ServerError> {
        while !self.shared.stopping().asked() {
            let ticks = self.hub.memory.has_grown();
            match self.hub.port.wait_many(&mut self.packets, ticks.then_some(TICK)) {
                Ok(_) => self.handle(handler)?,
                Err(PortWaitError::TimedOut) => self.hub.memory.trim(),
                Err(source) => return Err(self.failed(source)),
            }
        }
        self.end(handler)
    }

    fn failed(&self, source: PortWaitError) -> ServerError {
        ServerError::PortWait { thread: self.thread, source }
    }

    /// Deals with what a wait brought.
    fn handle(&mut self, handler: &mut dyn FnMut(Datagram<'_>)) -> Result<(), ServerError> {
        let mut handled = Handled::default();
        self.left = self.packets.len();
        for packet in self.packets.drain() {
            match packet {
                Packet::Operation(done) => {
                    if let Some(desk) = self.desks.get(done.key as usize) {
                        handled += desk.received(done, handler)?;
                    }
                }
                Packet::Posted { key: REFILL, .. } => self.hub.refill(),
                _ => {}
            }
            self.left -= 1;
        }
        if handled.datagrams > 0 {
            self.notes.notifications.add(1);
            self.notes.batch(handled);
        }
        Ok(())
    }

    /// After the stop: all that the sockets hold. All threads do it together.
    fn end(&mut self, handler: &mut dyn FnMut(Datagram<'_>)) -> Result<(), ServerError> {
        let leaky = self.shared.stopping().is_leaky();
        let patience = if leaky { LEAKY_PATIENCE } else { PATIENCE };
        let mut deadline = Instant::now() + patience;
        let mut found_none = KNOWS_ITS_PACKETS;
        while !(found_none && self.hub.is_drained()) && Instant::now() < deadline {
            match self.hub.port.wait_many(&mut self.packets, Some(NAP)) {
                Ok(_) => {
                    found_none = KNOWS_ITS_PACKETS;
                    self.handle(handler)?;
                }
                Err(PortWaitError::TimedOut) => {
                    found_none = true;
                    continue;
                }
                Err(source) => return Err(self.failed(source)),
            }
            if !leaky {
                deadline = Instant::now() + patience;
            }
        }
        Ok(())
    }

    /// The thread leaves, perhaps by a panic: receives that went astray are replaced, and the next thread is woken.
    pub(in crate::server) fn close(self) {
        // Of which sockets they were nobody knows any more; what a socket has too many is refused.
        self.desks.iter().for_each(|desk| desk.socket.miss(self.left as u32));
        self.hub.refill();
        // Refused only where so many packets wait that nobody sleeps.
        let _ = self.hub.port.post(EXIT, 0);
    }
}

impl Desk<'_> {
    /// Handles one completed receive.
    #[inline]
    fn received(&self, done: Done, handler: &mut dyn FnMut(Datagram<'_>)) -> Result<Handled, ServerError> {
        let status = done.status;
        let Some(buffer) = done.into_unique() else { return Ok(Handled::default()) };
        match status {
            Status::Success | Status::Truncated => {
                if self.failures.get() > 0 {
                    self.failures.set(0);
                }
                return Ok(deliver(buffer, status == Status::Truncated, self, handler));
            }
            Status::Failed(error) if is_unreachable(error) => self.notes.unreachable.add(1),
            Status::Failed(error) => {
                self.notes.failed.add(1);
                self.failures.set(self.failures.get() + 1);
                if self.failures.get() >= MOST_FAILURES {
                    let source = io::Error::from_raw_os_error(error);
                    return Err(ServerError::Receive { thread: self.site.thread, source });
                }
            }
            Status::Aborted | Status::End => return Ok(Handled::default()),
        }
        self.give_back(buffer);
        Ok(Handled::default())
    }

    fn socket(&self) -> BorrowedFd<'_> {
        self.socket.handle.socket().as_fd()
    }

    /// Another thread goes on while this one waits for room.
    fn wait(&self, call: &mut dyn FnMut() -> io::Result<()>) -> io::Result<()> {
        self.hub.port.blocking(call)
    }
}

impl Outlet for Desk<'_> {
    #[inline]
    fn give_back(&self, buffer: BufferMut) {
        self.socket.post(buffer);
    }

    fn reply(&self, reply: Reply) {
        let slice = sending::reply(self.socket(), reply, self.notes, |call| self.wait(call));
        slice.into_iter().for_each(|buffer| self.give_back(buffer));
    }

    fn replace(&self) {
        match self.hub.memory.receives.take() {
            Ok(buffer) => self.give_back(buffer),
            Err(_) => {
                self.notes.pool_waits.add(1);
                self.socket.miss(1);
                self.hub.refill();
            }
        }
    }

    fn send_copy(&self, peer: SocketAddr, bytes: &[u8]) -> Result<(), SendError> {
        sending::send(self.socket(), bytes, &peer, Beside::default(), self.notes, |call| self.wait(call))?;
        self.notes.copies.add(1);
        Ok(())
    }

    fn take(&self) -> Result<BufferMut, PoolExhausted> {
        self.hub.memory.copies.take()
    }

    fn port(&self) -> Option<&CompletionPort> {
        Some(&self.hub.port)
    }

    fn site(&self) -> &Site {
        &self.site
    }
}
