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
//!
//! Those that are readable take turns, a few datagrams each, and after so many the others are asked for: one that
//! always has data keeps nobody waiting for longer than that, and ten thousand that have none cost nothing.

mod contract;
mod descriptor;
mod receivers;

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::time::Duration;

use self::descriptor::OuterDescriptor;
use self::receivers::Receivers;
use super::contract::{Attachment, Completion, Table};
use super::datagram::{Flushed, Received};
use super::sys::clock;
use super::sys::epoll::{self, Epoll};
use super::transfer::Transfer;
use super::turns::Turns;

/// Key of the wake-up event; those of sockets are 32 bits wide.
const WAKE: u64 = u64::MAX;
const READ: epoll::Flags = libc::EPOLLIN as epoll::Flags;
const WRITE: epoll::Flags = libc::EPOLLOUT as epoll::Flags;
const EDGE: epoll::Flags = libc::EPOLLET as epoll::Flags;
/// The peer of a stream sends no more, or the connection failed: read on to learn of it.
const ENDS: epoll::Flags = (libc::EPOLLRDHUP | libc::EPOLLHUP | libc::EPOLLERR) as epoll::Flags;
/// Rounds over sockets known to be readable before the others are asked for, and completions.
const ROUNDS: u32 = 16;
const AROUND: usize = 64;
/// Completions in one turn of a socket, while others wait for theirs.
const TURN: usize = 32;
/// How many events one wait takes.
const EVENTS: usize = 64;
/// The most receiving sockets that are all tried after gathering; with more of them, epoll is asked.
const FEW: usize = 4;

/// The bytes of connections that one look takes: as many as stay in the processor's cache until they are handled.
const WARM: usize = 64 * 1024;

/// One epoll instance with the sockets on it.
#[derive(Debug)]
pub(crate) struct EpollBackend {
    epoll: Epoll,
    /// By key of the attachment.
    sockets: Vec<Option<Socket>>,
    transfer: Transfer,
    outer: Option<OuterDescriptor>,
    calls: u64,
    /// Sockets that are readable and have receives posted.
    readable: Turns,
    /// Sockets that may take blocked sends.
    writable: Turns,
    /// Streams that have bytes, and whose pool has no slice for them.
    dry: Vec<u32>,
    /// Those that have a receive side.
    receivers: Receivers,
    /// How many are connections.
    streams: usize,
    /// How many are watched for room for their sends.
    watching: usize,
    /// Rounds over sockets that were known to be readable, and completions they brought since the others were asked
    /// for.
    rounds: u32,
    brought: usize,
    /// The last call for events brought as many as it could: there may be more.
    more: bool,
}

/// What is known of one socket.
#[derive(Clone, Copy, Debug, Default)]
struct Socket {
    receives: bool,
    /// It may have data, whether or not receives are posted for it.
    readable: bool,
    /// Its blocked sends wait for room.
    watching_write: bool,
    /// Room is watched for from the beginning: the kernel tells of it only after a send that found none.
    always_watches_write: bool,
    /// It is listed in `dry`.
    dry: bool,
    /// Its end is near: a call that takes less than it could is not the last.
    ends: bool,
}

impl EpollBackend {
    /// Opens it.
    pub(crate) fn open() -> io::Result<EpollBackend> {
        Ok(EpollBackend {
            epoll: Epoll::new()?,
            sockets: Vec::new(),
            transfer: Transfer::new(),
            outer: None,
            calls: 0,
            readable: Turns::default(),
            writable: Turns::default(),
            dry: Vec::new(),
            receivers: Receivers::default(),
            streams: 0,
            watching: 0,
            rounds: 0,
            brought: 0,
            more: false,
        })
    }

    fn socket_mut(&mut self, key: u32) -> Option<&mut Socket> {
        self.sockets.get_mut(key as usize)?.as_mut()
    }

    /// Makes room for a turn of each socket, so that no traffic allocates for one.
    fn make_room(&mut self) {
        let sockets = self.sockets.len();
        self.readable.make_room(sockets);
        self.writable.make_room(sockets);
        self.dry.reserve(sockets.saturating_sub(self.dry.len()));
    }

    /// Waits for events and notes what they say.
    fn poll(&mut self, time: Option<Duration>) -> io::Result<()> {
        let mut events = [epoll::Event::EMPTY; EVENTS];
        self.calls += 1;
        (self.rounds, self.brought, self.more) = (0, 0, false);
        let events = match self.epoll.wait(&mut events, time) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(()),
            events => events?,
        };
        self.more = events.len() == EVENTS;
        for event in events.iter().filter(|event| event.key() != WAKE) {
            let flags = event.flags();
            // An error on the socket wakes both directions: the next call takes it.
            let trouble = flags & (libc::EPOLLERR | libc::EPOLLHUP) as epoll::Flags != 0;
            let key = event.key() as u32;
            let Some(socket) = self.sockets.get_mut(key as usize).and_then(Option::as_mut) else {
                continue;
            };
            socket.ends |= flags & ENDS != 0 && socket.always_watches_write;
            if flags & (READ | ENDS) != 0 && socket.receives {
                socket.readable = true;
                self.readable.add(key);
            }
            if (flags & WRITE != 0 || trouble) && socket.watching_write {
                self.writable.add(key);
            }
        }
        Ok(())
    }

    /// Sleeps for `time`, whatever comes, and then takes a few sockets for readable: traffic is such that
    /// they are, and the next call tells. A wake-up by another thread waits with it.
    fn gather(&mut self, time: Duration) -> io::Result<()> {
        self.calls += 1;
        match clock::sleep(time) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
            _ => {}
        }
        if self.receivers.len() > FEW {
            return self.poll(Some(Duration::ZERO));
        }
        for &key in self.receivers.keys() {
            if let Some(socket) = self.sockets.get_mut(key as usize).and_then(Option::as_mut) {
                socket.readable = true;
                self.readable.add(key);
            }
        }
        Ok(())
    }

    /// The key of the one socket to receive from, if there is none to wait for otherwise: a call on it tells all.
    fn alone(&self) -> Option<u32> {
        match self.receivers.keys() {
            [key] if self.watching == 0 => Some(*key),
            _ => None,
        }
    }

    /// Whether there are sockets of which a call on one of them tells nothing.
    fn has_others(&self) -> bool {
        self.receivers.len() > 1 || self.watching > 0
    }

    /// Now and then asks for the sockets of which nothing is known, lest one that always has data keeps
    /// them from being served.
    fn look_around(&mut self) {
        if (self.brought >= AROUND || self.rounds >= ROUNDS) && self.has_others() {
            // An error of this call shows again in the next wait, which reports it.
            let _ = self.poll(Some(Duration::ZERO));
        }
    }

    /// Moves data on the sockets that are known to be ready, each in its turn, until `out` holds `limit` or nothing is
    /// known to be left.
    fn serve(&mut self, table: &mut Table, out: &mut Vec<Completion>, limit: usize) {
        if !self.writable.is_empty() {
            self.send_blocked(table, out, limit);
        }
        self.rounds += u32::from(!self.readable.is_empty());
        let mut bytes = 0;
        while out.len() < limit {
            if !self.readable.is_empty() {
                self.look_around();
            }
            let Some(key) = self.readable.next() else { return };
            let Some(attachment) = table.get_mut(key) else { continue };
            let before = out.len();
            let is_stream = attachment.socket.is_stream();
            let turn = if self.readable.is_empty() { AROUND } else { TURN };
            self.receive_from(key, attachment, out, limit.min(before + turn));
            self.brought += out.len() - before;
            if is_stream {
                let received = out.get(before..).unwrap_or_default();
                bytes += received.iter().map(Completion::bytes).sum::<usize>();
                if bytes >= WARM {
                    return;
                }
            }
        }
    }

    /// Receives from one socket as long as it brings something, or until `out` holds `limit`: then it gets its next
    /// turn after the others.
    fn receive_from(
        &mut self,
        key: u32,
        attachment: &mut Attachment,
        out: &mut Vec<Completion>,
        limit: usize,
    ) {
        // SAFETY: the attachment keeps the socket, and so the descriptor, open; it is not replaced meanwhile.
        let socket = unsafe { BorrowedFd::borrow_raw(attachment.socket.as_raw_fd()) };
        if let Some(socket) = self.socket_mut(key) {
            socket.readable = true;
        }
        while out.len() < limit {
            if attachment.receive.as_ref().is_none_or(|side| side.posted.is_empty()) {
                // The data stays in the socket, and so does the knowledge of it: the next post gives it its turn.
                return;
            }
            self.calls += 1;
            match self.transfer.receive(socket, key, attachment, limit - out.len(), out) {
                Received::More => {}
                Received::Drained if self.socket_mut(key).is_some_and(|socket| socket.ends) => {}
                Received::Drained | Received::Empty | Received::Unconnected => {
                    if let Some(socket) = self.socket_mut(key) {
                        (socket.readable, socket.ends) = (false, false);
                    }
                    return;
                }
                Received::Dry => {
                    // More bytes are more edges, while it waits for one slice.
                    if self.socket_mut(key).is_some_and(|socket| !std::mem::replace(&mut socket.dry, true)) {
                        self.dry.push(key);
                    }
                    return;
                }
            }
        }
        self.readable.add(key);
    }

    /// It waits for no slice any more.
    fn forget_dry(&mut self, key: u32) {
        if self.socket_mut(key).is_some_and(|socket| std::mem::take(&mut socket.dry)) {
            self.dry.retain(|dry| *dry != key);
        }
    }

    /// Sends what is due; when the socket is full it is watched for room.
    fn send(&mut self, key: u32, attachment: &mut Attachment, out: &mut Vec<Completion>, limit: usize) {
        if attachment.send.as_ref().is_none_or(|send| send.blocked) {
            return;
        }
        // SAFETY: as in `receive_from`.
        let socket = unsafe { BorrowedFd::borrow_raw(attachment.socket.as_raw_fd()) };
        let flushed = self.transfer.flush(socket, key, attachment, out, limit, &mut self.calls);
        let blocked = flushed == Flushed::Blocked;
        if let Some(send) = attachment.send.as_mut() {
            send.blocked = flushed != Flushed::Done;
        }
        let Some(state) = self.socket_mut(key) else { return };
        if flushed == Flushed::Limited {
            // The next round goes on with it.
            self.writable.add(key);
            return;
        }
        if state.watching_write != blocked {
            state.watching_write = blocked;
            let always = state.always_watches_write;
            self.watching = if blocked { self.watching + 1 } else { self.watching.saturating_sub(1) };
            if !always {
                let flags = if blocked { READ | WRITE | EDGE } else { READ | EDGE };
                self.calls += 1;
                // The descriptor is watched already, so changing what for cannot fail for lack of anything.
                let _ = self.epoll.modify(socket, flags, u64::from(key));
            }
        }
    }

    /// Goes on with sends that had found their socket full.
    fn send_blocked(&mut self, table: &mut Table, out: &mut Vec<Completion>, limit: usize) {
        for _ in 0..self.writable.len() {
            if out.len() >= limit {
                return;
            }
            let Some(key) = self.writable.next() else { return };
            if let Some(attachment) = table.get_mut(key) {
                if let Some(send) = attachment.send.as_mut() {
                    send.blocked = false;
                }
                self.send(key, attachment, out, limit);
            }
        }
    }
}
