//! Request queues whose sockets were detached and are still open.
//!
//! A request queue ends with its socket, not before, and a socket has one. So when a socket comes back it goes on with
//! the one that it had. Whether it is the same socket, the count of its owners tells: as long as it is remembered here,
//! no other can have its place, and once nobody owns it any more, nobody can bring it.

use std::sync::Weak;

use super::request_queue::{Outstanding, RawRequestQueue};
use super::socket::Socket;
use crate::backend::sys::descriptor::OwnedFd;
use crate::net::SocketHandle;

/// The least that a request queue may have.
const LEAST: Outstanding = Outstanding { receives: 1, sends: 0 };

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Resting {
    queues: Vec<(Weak<OwnedFd>, RawRequestQueue)>,
}

impl Resting {
    /// Remembers the request queue of a socket without requests, with as few places as can be.
    pub(super) fn put(&mut self, socket: Socket) {
        self.queues.retain(|(owners, _)| owners.strong_count() > 0);
        let (owners, mut requests) = socket.into_requests();
        if let Some(_open) = owners.upgrade() {
            // SAFETY: the socket is open as long as it has an owner, and the completion queue is. Where this is refused,
            // the places stay reserved.
            let _ = unsafe { requests.resize(LEAST) };
            self.queues.push((owners, requests));
        }
    }

    /// The request queue that this socket had.
    pub(super) fn take(&mut self, handle: &SocketHandle) -> Option<RawRequestQueue> {
        let owners = handle.owners()?;
        let place = self.queues.iter().position(|(known, _)| known.ptr_eq(&owners))?;
        Some(self.queues.swap_remove(place).1)
    }
}
