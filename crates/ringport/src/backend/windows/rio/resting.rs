//! Request queues whose sockets were detached and are still open.
//!
//! A request queue ends with its socket, not before, and a socket has one. So when a socket comes back it goes on with
//! the one that it had. Whether it is the same socket, the count of its owners tells: as long as it is remembered here,
//! no other can have its place, and once nobody owns it any more, nobody can bring it.

use std::sync::Weak;

use super::request_queue::{CompletesIn, Outstanding};
use super::sharing::Requests;
use super::socket::Socket;
use crate::backend::sys::descriptor::OwnedFd;
use crate::net::SocketHandle;

/// The least that a request queue may have.
const LEAST: Outstanding = Outstanding { receives: 1, sends: 0 };

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Resting {
    queues: Vec<(Weak<OwnedFd>, Requests)>,
}

impl Resting {
    /// Remembers the request queue of a socket without requests, with as few places as can be.
    pub(super) fn put(&mut self, socket: Socket) {
        self.queues.retain(|(owners, _)| owners.strong_count() > 0);
        let (owners, mut requests) = socket.into_requests();
        if let Some(_open) = owners.upgrade() {
            if let Requests::Whole(requests) = &mut requests {
                // SAFETY: the socket is open as long as it has an owner, and the completion queue is. Where this is
                // refused, the places stay reserved, as they do of one whose other half may be in use.
                let _ = unsafe { requests.resize(LEAST) };
            }
            self.queues.push((owners, requests));
        }
    }

    /// The request queue that this socket had, if what is `wanted` completes where it is to.
    pub(super) fn take(
        &mut self,
        handle: &SocketHandle,
        wanted: Outstanding,
        to: CompletesIn,
    ) -> Option<Requests> {
        let owners = handle.owners()?;
        let place = self.queues.iter_mut().position(|(known, requests)| {
            let in_there = requests.with(|requests| requests.completes_in());
            known.ptr_eq(&owners)
                && (wanted.receives == 0 || in_there.receives == to.receives)
                && (wanted.sends == 0 || in_there.sends == to.sends)
        })?;
        Some(self.queues.swap_remove(place).1)
    }
}
