//! A thread of a server with plain sockets on a port: a wait brings one datagram, or a batch.

use std::cell::Cell;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::Instant;

use super::hub::{Hub, PortSocket};
use crate::backend::is_unreachable;
use crate::backend::plain::Status;
use crate::memory::{BufferMut, Home};
use crate::port::{CompletionPort, Done, Packet, Packets, PortWaitError};
use crate::server::board::Notes;
use crate::server::datagram::Datagram;
use crate::server::design::{EXIT, LEAKY_PATIENCE, MOST_FAILURES, NAP, PATIENCE, REFILL, TICK, sending};
use crate::server::error::{SendError, ServerError};
use crate::server::outlet::{Outlet, Site};
use crate::server::shared::Shared;

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
        let desk = |socket| Desk { hub, socket, site: site.clone(), notes, failures: Cell::new(0) };
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
            let ticks = self.hub.pool.has_grown();
            match self.hub.port.wait_many(&mut self.packets, ticks.then_some(TICK)) {
                Ok(_) => self.handle(handler)?,
                Err(PortWaitError::TimedOut) => _ = self.hub.pool.trim(),
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
        let (mut datagrams, mut bytes) = (0, 0);
        self.left = self.packets.len();
        for packet in self.packets.drain() {
            match packet {
                Packet::Operation(done) => {
                    let length = done.bytes as u64;
                    if let Some(desk) = self.desks.get(done.key as usize)
                        && desk.received(done, handler)?
                    {
                        datagrams += 1;
                        bytes += length;
                    }
                }
                Packet::Posted { key: REFILL, .. } => self.hub.refill(),
                _ => {}
            }
            self.left -= 1;
        }
        if datagrams > 0 {
            self.notes.notifications.add(1);
            self.notes.batch(datagrams, bytes);
        }
        Ok(())
    }

    /// After the stop: all that the sockets hold. All threads do it together.
    fn end(&mut self, handler: &mut dyn FnMut(Datagram<'_>)) -> Result<(), ServerError> {
        let leaky = self.shared.stopping().is_leaky();
        let patience = if leaky { LEAKY_PATIENCE } else { PATIENCE };
        let mut deadline = Instant::now() + patience;
        while !self.hub.is_drained() && Instant::now() < deadline {
            match self.hub.port.wait_many(&mut self.packets, Some(NAP)) {
                Ok(_) => self.handle(handler)?,
                Err(PortWaitError::TimedOut) => continue,
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
        if let Some(desk) = self.desks.first() {
            desk.socket.miss(self.left as u32);
        }
        self.hub.refill();
        // Refused only where so many packets wait that nobody sleeps.
        let _ = self.hub.port.post(EXIT, 0);
    }
}

impl Desk<'_> {
    /// Handles one completed receive; whether it was a datagram.
    #[inline]
    fn received(&self, done: Done, handler: &mut dyn FnMut(Datagram<'_>)) -> Result<bool, ServerError> {
        let status = done.status;
        let Some(buffer) = done.into_unique() else { return Ok(false) };
        match status {
            Status::Success | Status::Truncated => {
                if self.failures.get() > 0 {
                    self.failures.set(0);
                }
                let truncated = status == Status::Truncated;
                if truncated {
                    self.notes.truncated.add(1);
                }
                handler(Datagram::new(buffer, truncated, self));
                return Ok(true);
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
            Status::Aborted | Status::End => return Ok(false),
        }
        self.give_back(buffer);
        Ok(false)
    }

    fn send(&self, bytes: &[u8], peer: &SocketAddr, source: Option<IpAddr>) -> io::Result<()> {
        let socket = self.socket.handle.socket().as_fd();
        // Another thread goes on while this one waits for room.
        sending::send(socket, bytes, peer, source, self.notes, |call| self.hub.port.blocking(call))
    }
}

impl Home for Desk<'_> {
    #[inline]
    fn give_back(&self, buffer: BufferMut) {
        self.socket.post(buffer);
    }
}

impl Outlet for Desk<'_> {
    fn reply(&self, buffer: BufferMut, peer: SocketAddr, source: Option<IpAddr>) {
        self.notes.promised.add(1);
        match self.send(&buffer, &peer, source) {
            Ok(()) => self.notes.sent.add(1),
            Err(_) => {
                self.notes.dropped.add(1);
                self.notes.failed.add(1);
            }
        }
        self.give_back(buffer);
    }

    fn replace(&self) {
        match self.hub.pool.take() {
            Ok(buffer) => self.give_back(buffer),
            Err(_) => {
                self.notes.pool_waits.add(1);
                self.socket.miss(1);
                self.hub.refill();
            }
        }
    }

    fn send_copy(&self, peer: SocketAddr, bytes: &[u8]) -> Result<(), SendError> {
        self.send(bytes, &peer, None)?;
        self.notes.copies.add(1);
        Ok(())
    }

    fn port(&self) -> Option<&CompletionPort> {
        Some(&self.hub.port)
    }

    fn site(&self) -> &Site {
        &self.site
    }
}
