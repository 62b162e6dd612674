//! What the parts of one server share: its addresses, the stop, the figures.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use super::board::{Board, PushCounts};
use super::signals::Stoppable;
use super::sockets::Sockets;
use super::stop::{Stop, StopReason};

#[derive(Debug)]
pub(super) struct Shared {
    /// What it is bound to: first by `bind`, and then by `also_bind`.
    pub(super) local: SocketAddr,
    more_locals: Mutex<Vec<SocketAddr>>,
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
            more_locals: Mutex::new(Vec::new()),
            sockets: Arc::downgrade(sockets),
            stop: Stop::default(),
            board: OnceLock::new(),
            pushes: PushCounts::default(),
            lock_told: AtomicBool::new(false),
        }
    }

    fn more_locals(&self) -> MutexGuard<'_, Vec<SocketAddr>> {
        self.more_locals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// It is bound to another address, too.
    pub(super) fn also_bound(&self, local: SocketAddr) {
        self.more_locals().push(local);
    }

    /// All addresses, in the order of binding.
    pub(super) fn locals(&self) -> Vec<SocketAddr> {
        std::iter::once(self.local).chain(self.more_locals().iter().copied()).collect()
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
