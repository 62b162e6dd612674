//! What the parts of one server share: its sockets, the stop, the figures.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, Weak};

use super::board::{Board, PushCounts};
use super::signals::Stoppable;
use super::stop::{Stop, StopReason};
use crate::net::UdpSocket;

/// The sockets of a server. Only the server itself keeps them open: handles and senders hold weak references,
/// so that the port is free when the server has ended, whoever still holds what.
#[derive(Debug)]
pub(super) struct Sockets {
    first: UdpSocket,
    /// Those of the other shards, once they were opened.
    others: OnceLock<Vec<UdpSocket>>,
}

impl Sockets {
    pub(super) fn new(first: UdpSocket) -> Sockets {
        Sockets { first, others: OnceLock::new() }
    }

    pub(super) fn first(&self) -> &UdpSocket {
        &self.first
    }

    pub(super) fn add(&self, others: Vec<UdpSocket>) {
        // A server is launched once, because launching consumes it.
        let _ = self.others.set(others);
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &UdpSocket> {
        std::iter::once(&self.first).chain(self.others.get().into_iter().flatten())
    }

    /// The socket of a thread: its own in a sharded design, the first in any other.
    pub(super) fn of_thread(&self, thread: usize) -> &UdpSocket {
        self.all().nth(thread).unwrap_or(&self.first)
    }

    pub(super) fn drops(&self) -> u64 {
        self.all().map(|socket| u64::from(socket.drops().unwrap_or(0))).sum()
    }
}

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) local: SocketAddr,
    sockets: Weak<Sockets>,
    stop: Stop,
    /// The figures of the threads, once there are threads.
    board: OnceLock<Board>,
    pub(super) pushes: PushCounts,
    lock_told: AtomicBool,
}

impl Shared {
    pub(super) fn new(local: SocketAddr, sockets: &Arc<Sockets>) -> Shared {
        Shared {
            local,
            sockets: Arc::downgrade(sockets),
            stop: Stop::default(),
            board: OnceLock::new(),
            pushes: PushCounts::default(),
            lock_told: AtomicBool::new(false),
        }
    }

    /// The sockets, while the server lives.
    pub(super) fn sockets(&self) -> Option<Arc<Sockets>> {
        self.sockets.upgrade()
    }

    pub(super) fn stop(&self, reason: StopReason) {
        self.stop.ask(self.sockets().as_deref(), reason);
    }

    pub(super) fn stopping(&self) -> &Stop {
        &self.stop
    }

    pub(super) fn board(&self) -> Option<&Board> {
        self.board.get()
    }

    /// Sets up the figures; the first call counts.
    pub(super) fn set_board(&self, board: Board) -> &Board {
        self.board.get_or_init(|| board)
    }

    /// Datagrams the sockets dropped so far for lack of room.
    pub(super) fn drops(&self) -> u64 {
        self.stop.drops(self.sockets().as_deref())
    }

    /// Whether the caller is the first to tell that memory is not locked; once a server is enough.
    pub(super) fn first_to_tell_of_lock(&self) -> bool {
        !self.lock_told.swap(true, Ordering::Relaxed)
    }
}

impl Stoppable for Shared {
    fn is_stopping(&self) -> bool {
        self.stopping().reason().is_some()
    }

    fn stop(&self, reason: StopReason) {
        Shared::stop(self, reason);
    }
}
