//! The blocking design: one receive call a datagram, one send call a reply.
//!
//! The baseline that the others are measured against, so it does nothing that a plain loop would not do: one
//! slice, filled by one call, handled, answered from, filled again.

use std::cell::Cell;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use crate::backend::is_unreachable;
use crate::backend::sys::blocking::{self, Arrival};
use crate::backend::sys::descriptor::{AsFd, BorrowedFd};
use crate::memory::{BufferMut, PoolExhausted, Replenished};
use crate::net::UdpSocket;
use crate::server::board::Notes;
use crate::server::datagram::Datagram;
use crate::server::delivery::deliver;
use crate::server::design::sending::Beside;
use crate::server::design::{LEAKY_PATIENCE, MOST_FAILURES, PATIENCE, sending};
use crate::server::error::{SendError, ServerError};
use crate::server::memory::Memory;
use crate::server::outlet::{Outlet, Reply, Site};

/// How often a thread that waits for a slice looks whether it is to stop.
const GLANCE: Duration = Duration::from_millis(20);

/// A thread's socket and slice.
pub(in crate::server) struct Desk<'board> {
    socket: UdpSocket,
    memory: Memory,
    site: Site,
    notes: &'board Notes,
    /// The slice to receive into next, unless a handler kept it.
    slice: Cell<Option<BufferMut>>,
    waker: Arc<dyn Replenished>,
}

/// Wakes a thread that waits for a slice.
struct Unpark(Thread);

impl Replenished for Unpark {
    fn replenished(&self) {
        self.0.unpark();
    }
}

impl<'board> Desk<'board> {
    pub(in crate::server) fn open(
        site: Site,
        socket: &UdpSocket,
        memory: Memory,
        notes: &'board Notes,
    ) -> Desk<'board> {
        let waker: Arc<dyn Replenished> = Arc::new(Unpark(thread::current()));
        Desk { socket: socket.clone(), memory, site, notes, slice: Cell::new(None), waker }
    }

    /// Handles datagrams until the socket is shut down and empty.
    pub(in crate::server) fn serve(&self, handler: &mut dyn FnMut(Datagram<'_>)) -> Result<(), ServerError> {
        let receive = if self.site.place.asks { blocking::receive_message } else { blocking::receive };
        let mut failures = 0;
        let mut last = None;
        loop {
            // Elsewhere the socket says when it has ended.
            if !blocking::STAYS_ENDED && self.site.shared.stopping().asked() && self.has_all(&mut last) {
                return Ok(());
            }
            let Some(mut buffer) = self.slice() else { return Ok(()) };
            let arrival = receive(self.socket.as_fd(), &mut buffer);
            match arrival {
                Ok(Arrival::Datagram { truncated }) => {
                    failures = 0;
                    self.notes.batch(deliver(buffer, truncated, self, handler));
                    continue;
                }
                Ok(Arrival::End) => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.raw_os_error().is_some_and(is_unreachable) => {
                    self.notes.unreachable.add(1);
                }
                Err(source) => {
                    self.notes.failed.add(1);
                    failures += 1;
                    if failures >= MOST_FAILURES {
                        return Err(ServerError::Receive { thread: self.site.thread, source });
                    }
                }
            }
            self.give_back(buffer);
        }
    }

    /// After the stop, where datagrams may still come in: whether nothing is left, or it went on for too long. `last` is
    /// the end of that time, once it has begun.
    fn has_all(&self, last: &mut Option<Instant>) -> bool {
        let now = Instant::now();
        now >= *last.get_or_insert(now + LEAKY_PATIENCE) || blocking::is_empty(self.socket())
    }

    /// The slice to receive into: the one that went round, or one from the pool. When handlers kept all, it
    /// waits for one; `None` when none came back after the stop.
    fn slice(&self) -> Option<BufferMut> {
        if let Some(slice) = self.slice.take() {
            return Some(slice);
        }
        let mut deadline = None;
        loop {
            if let Ok(slice) = self.memory.receives.take() {
                return Some(slice);
            }
            if !self.memory.receives.announce_waiting(&self.waker) {
                continue;
            }
            if deadline.is_none() {
                self.notes.pool_waits.add(1);
            }
            let now = Instant::now();
            let until = deadline.get_or_insert(now + PATIENCE);
            if !self.site.shared.stopping().asked() {
                *until = now + PATIENCE;
            } else if now >= *until || blocking::is_empty(self.socket.as_fd()) {
                return None;
            }
            thread::park_timeout(GLANCE);
        }
    }

    fn socket(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl Outlet for Desk<'_> {
    #[inline]
    fn give_back(&self, buffer: BufferMut) {
        self.slice.set(Some(buffer));
    }

    fn replace(&self) {}

    fn reply(&self, reply: Reply) {
        let slice = sending::reply(self.socket(), reply, self.notes, |call| call());
        slice.into_iter().for_each(|buffer| self.give_back(buffer));
    }

    fn send_copy(&self, peer: SocketAddr, bytes: &[u8]) -> Result<(), SendError> {
        sending::send(self.socket(), bytes, &peer, Beside::default(), self.notes, |call| call())?;
        self.notes.copies.add(1);
        Ok(())
    }

    fn take(&self) -> Result<BufferMut, PoolExhausted> {
        self.memory.copies.take()
    }

    fn site(&self) -> &Site {
        &self.site
    }
}
