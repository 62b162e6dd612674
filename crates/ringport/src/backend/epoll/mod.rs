//! The epoll backend: readiness by epoll, datagrams by `recvmmsg` and `sendmmsg`.
//!
//! It runs on every Linux kernel and in every sandbox. Posted receives stay in user space; a call takes as
//! many datagrams as there are receives, up to 64. Sockets are watched edge-triggered: an edge says that a
//! socket may have data, and `readable` remembers it until a call finds the socket empty, so a loop under
//! load makes no epoll calls at all.
//!
//! ```text
//!   epoll ──edge──► readable ──recvmmsg──► completions
//!                     ▲  │
//!     took all it was ┘  └ took fewer than asked for: empty, wait for the next edge
//!     asked for
//! ```

mod contract;
mod descriptor;

use std::io;
use std::os::fd::AsFd;
use std::time::Duration;

use self::descriptor::OuterDescriptor;
use super::contract::{Attachment, Completion, Table};
use super::datagram::{Flushed, ReceiveBatch, SendBatch};
use super::sys::clock;
use super::sys::epoll::{self, Epoll};

/// Key of the wake-up event; those of sockets are 32 bits wide.
const WAKE: u64 = u64::MAX;
const READ: epoll::Flags = libc::EPOLLIN as epoll::Flags;
const WRITE: epoll::Flags = libc::EPOLLOUT as epoll::Flags;
const EDGE: epoll::Flags = libc::EPOLLET as epoll::Flags;
/// Rounds over sockets known to be readable before the others are asked for.
const ROUNDS: u32 = 16;
/// How many events one wait takes.
const EVENTS: usize = 64;

/// One epoll instance with the sockets on it.
#[derive(Debug)]
pub(crate) struct EpollBackend {
    epoll: Epoll,
    /// By key of the attachment.
    sockets: Vec<Option<Socket>>,
    receives: ReceiveBatch,
    sends: SendBatch,
    outer: Option<OuterDescriptor>,
    calls: u64,
    /// How many sockets are readable, and how many may take blocked sends.
    readable: usize,
    writable: usize,
    /// How many have a receive side.
    receivers: usize,
    /// How many are watched for room for their sends.
    watching: usize,
    /// Where the next round over the sockets begins, so that none is always first.
    next: usize,
    /// Rounds over sockets that were known to be readable.
    rounds: u32,
}

/// What is known of one socket.
#[derive(Clone, Copy, Debug, Default)]
struct Socket {
    receives: bool,
    readable: bool,
    writable: bool,
    watching_write: bool,
}

impl EpollBackend {
    /// Opens it.
    pub(crate) fn open() -> io::Result<EpollBackend> {
        Ok(EpollBackend {
            epoll: Epoll::new()?,
            sockets: Vec::new(),
            receives: ReceiveBatch::new(),
            sends: SendBatch::new(),
            outer: None,
            calls: 0,
            readable: 0,
            writable: 0,
            receivers: 0,
            watching: 0,
            next: 0,
            rounds: 0,
        })
    }

    fn socket_mut(&mut self, key: u32) -> Option<&mut Socket> {
        self.sockets.get_mut(key as usize)?.as_mut()
    }

    /// Waits for events and notes what they say.
    fn poll(&mut self, time: Option<Duration>) -> io::Result<()> {
        let mut events = [epoll::Event::EMPTY; EVENTS];
        self.calls += 1;
        let events = match self.epoll.wait(&mut events, time) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(()),
            events => events?,
        };
        for event in events.iter().filter(|event| event.key() != WAKE) {
            let flags = event.flags();
            // An error on the socket wakes both directions: the next call takes it.
            let trouble = flags & (libc::EPOLLERR | libc::EPOLLHUP) as epoll::Flags != 0;
            let Some(socket) = self.sockets.get_mut(event.key() as usize).and_then(Option::as_mut) else {
                continue;
            };
            if (flags & READ != 0 || trouble) && socket.receives && !socket.readable {
                socket.readable = true;
                self.readable += 1;
            }
            if (flags & WRITE != 0 || trouble) && socket.watching_write && !socket.writable {
                socket.writable = true;
                self.writable += 1;
            }
        }
        Ok(())
    }

    /// Sleeps for `time`, whatever comes, and then takes each socket for readable: traffic is such that
    /// they are, and the next call tells. A wake-up by another thread waits with it.
    fn gather(&mut self, time: Duration) -> io::Result<()> {
        self.calls += 1;
        match clock::sleep(time) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
            _ => {}
        }
        for key in 0..self.sockets.len() as u32 {
            if self.socket_mut(key).is_some_and(|socket| socket.receives) {
                self.set_readable(key, true);
            }
        }
        Ok(())
    }

    /// There is one socket to receive from and none to wait for otherwise: a call on it tells all.
    fn alone(&self) -> bool {
        self.receivers == 1 && self.watching == 0
    }

    /// Now and then asks for the sockets of which nothing is known, lest one that always has data keeps
    /// them from being served.
    fn look_around(&mut self) {
        if self.readable > 0 && !self.alone() {
            self.rounds = self.rounds.wrapping_add(1);
            if self.rounds.is_multiple_of(ROUNDS) {
                // An error of this call shows again in the next wait, which reports it.
                let _ = self.poll(Some(Duration::ZERO));
            }
        }
    }

    /// Moves data on the sockets that are known to be ready.
    fn serve(&mut self, table: &mut Table, out: &mut Vec<Completion>, limit: usize) {
        if self.writable > 0 {
            self.send_blocked(table, out, limit);
        }
        if self.readable > 0 {
            self.receive(table, out, limit, false);
        }
    }

    /// Receives from every readable socket in turn until `out` holds `limit`. With `blindly` also from
    /// one whose state is not known.
    fn receive(&mut self, table: &mut Table, out: &mut Vec<Completion>, limit: usize, blindly: bool) {
        let count = self.sockets.len();
        let first = self.next;
        for step in 0..count {
            let index = (first + step) % count;
            let known = self.sockets.get(index).copied().flatten().unwrap_or_default();
            let key = index as u32;
            let Some(attachment) = table.get_mut(key).filter(|_| known.readable || blindly && known.receives)
            else {
                continue;
            };
            self.receive_from(key, attachment, out, limit);
            if out.len() >= limit {
                self.next = index + usize::from(count > 1);
                return;
            }
        }
    }

    fn receive_from(
        &mut self,
        key: u32,
        attachment: &mut Attachment,
        out: &mut Vec<Completion>,
        limit: usize,
    ) {
        let socket = attachment.socket.clone();
        while out.len() < limit {
            if attachment.receive.as_ref().is_none_or(|side| side.posted.is_empty()) {
                // The data stays in the socket, and so does the knowledge of it.
                return;
            }
            self.calls += 1;
            let received = self.receives.receive(socket.as_fd(), key, attachment, limit - out.len(), out);
            self.set_readable(key, !received.drained);
            if received.drained {
                return;
            }
        }
    }

    fn set_readable(&mut self, key: u32, readable: bool) {
        let Some(socket) = self.socket_mut(key) else { return };
        let before = std::mem::replace(&mut socket.readable, readable);
        match (before, readable) {
            (false, true) => self.readable += 1,
            (true, false) => self.readable = self.readable.saturating_sub(1),
            _ => {}
        }
    }

    /// Sends what is due; when the socket is full it is watched for room.
    fn send(&mut self, key: u32, attachment: &mut Attachment, out: &mut Vec<Completion>, limit: usize) {
        if attachment.send.as_ref().is_none_or(|send| send.blocked) {
            return;
        }
        let socket = attachment.socket.clone();
        let flushed = self.sends.flush(socket.as_fd(), key, attachment, out, limit, &mut self.calls);
        let blocked = flushed == Flushed::Blocked;
        if let Some(send) = attachment.send.as_mut() {
            send.blocked = flushed != Flushed::Done;
        }
        let Some(state) = self.socket_mut(key) else { return };
        if flushed == Flushed::Limited {
            // Still watched, so still counted: the next round goes on with it.
            state.writable = true;
            self.writable += 1;
            return;
        }
        if state.watching_write != blocked {
            state.watching_write = blocked;
            self.watching = if blocked { self.watching + 1 } else { self.watching.saturating_sub(1) };
            let flags = if blocked { READ | WRITE | EDGE } else { READ | EDGE };
            self.calls += 1;
            // The descriptor is watched already, so changing what for cannot fail for lack of anything.
            let _ = self.epoll.modify(socket.as_fd(), flags, u64::from(key));
        }
    }

    /// Goes on with sends that had found their socket full.
    fn send_blocked(&mut self, table: &mut Table, out: &mut Vec<Completion>, limit: usize) {
        for key in 0..self.sockets.len() as u32 {
            if out.len() >= limit {
                return;
            }
            let Some(socket) = self.socket_mut(key).filter(|socket| socket.writable) else { continue };
            socket.writable = false;
            self.writable = self.writable.saturating_sub(1);
            if let Some(attachment) = table.get_mut(key) {
                if let Some(send) = attachment.send.as_mut() {
                    send.blocked = false;
                }
                self.send(key, attachment, out, limit);
            }
        }
    }
}
