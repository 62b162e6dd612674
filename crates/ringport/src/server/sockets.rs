//! The sockets of a server, and who serves which.
//!
//! ```text
//!                  first     row 1     row 2          rows: one a thread in the sharded designs, one more
//!   bind           s0        s3        s6             for each queue that would have none, one in all others
//!   also_bind      s1        s4        s7
//!   also_bind      s2        s5        s8
//! ```
//!
//! Only the server itself keeps them open: handles and senders hold weak references, so that the ports are free when
//! the server has ended, whoever still holds what.

use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use super::design::Design;
use crate::net::UdpSocket;

/// Where a datagram comes in: one of the addresses that a server is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The number of the address, in the order of binding.
    pub(super) number: usize,
    /// What the socket is bound to.
    pub(super) local: SocketAddr,
    /// The kernel tells the local address of each datagram.
    pub(super) tells_local: bool,
    /// The kernel tells more than the peer, in control data.
    pub(super) asks: bool,
}

/// A socket at its place.
#[derive(Clone, Debug)]
pub(super) struct Bound {
    pub(super) socket: UdpSocket,
    pub(super) place: Place,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Sockets {
    first: UdpSocket,
    /// Those of the other addresses.
    others: Mutex<Vec<UdpSocket>>,
    /// All of them, row by row, once the server is launched.
    all: OnceLock<Vec<Bound>>,
}

impl Sockets {
    pub(super) fn new(first: UdpSocket) -> Sockets {
        Sockets { first, others: Mutex::new(Vec::new()), all: OnceLock::new() }
    }

    pub(super) fn first(&self) -> &UdpSocket {
        &self.first
    }

    /// Adds the socket of another address, before the launch.
    pub(super) fn add(&self, socket: UdpSocket) {
        self.others().push(socket);
    }

    fn others(&self) -> MutexGuard<'_, Vec<UdpSocket>> {
        self.others.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first row.
    pub(super) fn bound(&self) -> Vec<UdpSocket> {
        std::iter::once(self.first.clone()).chain(self.others().iter().cloned()).collect()
    }

    /// The launch: these are all, row by row.
    pub(super) fn settle(&self, all: Vec<Bound>) {
        // A server is launched once, because launching consumes it.
        let _ = self.all.set(all);
    }

    /// All of them; none before the launch.
    pub(super) fn all(&self) -> &[Bound] {
        self.all.get().map_or(&[], Vec::as_slice)
    }

    /// Visits all of them, at any time.
    pub(super) fn each(&self, mut visit: impl FnMut(&UdpSocket)) {
        match self.all.get() {
            Some(all) => all.iter().for_each(|bound| visit(&bound.socket)),
            None => self.bound().iter().for_each(visit),
        }
    }

    /// The first socket of an address that is not the first; without a lock once the server is launched.
    pub(super) fn other(&self, number: usize) -> Option<UdpSocket> {
        match self.all.get() {
            _ if number == 0 => None,
            Some(all) => all.get(number).map(|bound| bound.socket.clone()),
            None => self.others().get(number - 1).cloned(),
        }
    }

    /// The sockets that a thread serves by itself, of so many addresses; those of designs on a port are served by all.
    pub(super) fn of_thread(&self, design: Design, addresses: usize, thread: usize) -> &[Bound] {
        let (from, count) = match design {
            // A call waits on one socket.
            Design::Blocking => (thread % addresses.max(1), 1),
            Design::ShardedBlocking => (thread, 1),
            design if design.is_sharded() => (thread * addresses, addresses),
            _ => (0, addresses),
        };
        self.all().get(from..from + count).unwrap_or_default()
    }

    pub(super) fn drops(&self) -> u64 {
        let mut drops = 0;
        self.each(|socket| drops += u64::from(socket.drops().unwrap_or(0)));
        drops
    }
}
