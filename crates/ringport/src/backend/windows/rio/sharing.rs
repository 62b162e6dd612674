//! Request queues whose receives complete in one completion queue, and whose sends complete in another.
//!
//! ```text
//!   attach for receives ─► RIOCreateRequestQueue(.., ours, the other) ─► left here
//!   attach for sends, in the other queue's carrier ─► found here, by the socket and that queue
//! ```
//!
//! Posts to one request queue exclude each other, and the completion queues may be of two threads. So such a one has a
//! lock. One whose sides complete together has none, and needs none.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use windows_sys::Win32::Networking::WinSock::RIO_CQ;

use super::request_queue::{Outstanding, RawRequestQueue};
use crate::backend::sys::descriptor::OwnedFd;
use crate::net::SocketHandle;

/// A request queue, or the half of one.
#[derive(Debug)]
pub(super) enum Requests {
    Whole(RawRequestQueue),
    Half(Arc<Mutex<RawRequestQueue>>),
}

impl Requests {
    /// Does something with it that nobody else does meanwhile.
    #[inline]
    pub(super) fn with<T>(&mut self, act: impl FnOnce(&mut RawRequestQueue) -> T) -> T {
        match self {
            Requests::Whole(requests) => act(requests),
            Requests::Half(requests) => act(&mut requests.lock().unwrap_or_else(PoisonError::into_inner)),
        }
    }

    /// What it has to allow so that this side of it has `wanted`; the other side keeps what it has.
    pub(super) fn beside_the_other(&mut self, wanted: Outstanding) -> Outstanding {
        let Requests::Half(_) = self else { return wanted };
        let had = self.with(|requests| requests.outstanding());
        let pick = |wanted, had| if wanted == 0 { had } else { wanted };
        Outstanding { receives: pick(wanted.receives, had.receives), sends: pick(wanted.sends, had.sends) }
    }
}

/// Made for its receives; its sends are to come.
struct Left {
    owners: Weak<OwnedFd>,
    sends_to: RIO_CQ,
    requests: Arc<Mutex<RawRequestQueue>>,
}

fn left() -> MutexGuard<'static, Vec<Left>> {
    static LEFT: Mutex<Vec<Left>> = Mutex::new(Vec::new());
    LEFT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Leaves one for its sends to be attached; the half for its receives.
pub(super) fn leave(handle: &SocketHandle, sends_to: RIO_CQ, requests: RawRequestQueue) -> Requests {
    let requests = Arc::new(Mutex::new(requests));
    let mut left = left();
    left.retain(|left| left.owners.strong_count() > 0);
    let owners = handle.owners().unwrap_or_default();
    left.push(Left { owners, sends_to, requests: Arc::clone(&requests) });
    Requests::Half(requests)
}

/// The half for the sends of a socket that complete there.
pub(super) fn find(handle: &SocketHandle, sends_to: RIO_CQ) -> Option<Requests> {
    let owners = handle.owners()?;
    let mut left = left();
    let place =
        left.iter().position(|left| left.sends_to == sends_to && Weak::ptr_eq(&left.owners, &owners))?;
    Some(Requests::Half(left.swap_remove(place).requests))
}
