//! Who serves a socket: one request queue a direction, or one port for both, and never two of them.
//!
//! Two that receive from one socket would each get a part of its datagrams, which nobody wants and nobody would
//! notice. So both take what they need here first, for the socket itself, whichever copy of its descriptor they have.

use std::collections::HashMap;
use std::io;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use crate::backend::sys::descriptor::AsFd;
use crate::backend::sys::identity::{Identity, identity};

/// Which directions of a socket are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sides {
    pub(crate) receive: bool,
    pub(crate) send: bool,
}

impl Sides {
    pub(crate) const BOTH: Sides = Sides { receive: true, send: true };

    fn overlap(self, other: Sides) -> bool {
        self.receive && other.receive || self.send && other.send
    }
}

/// A socket's directions, taken until this is dropped.
#[derive(Debug)]
pub(crate) struct Claim {
    identity: Identity,
    sides: Sides,
}

fn taken() -> MutexGuard<'static, HashMap<Identity, Sides>> {
    static TAKEN: OnceLock<Mutex<HashMap<Identity, Sides>>> = OnceLock::new();
    TAKEN.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner)
}

impl Claim {
    /// Takes directions of a socket; `None` when another has one of them.
    pub(crate) fn take(socket: impl AsFd, sides: Sides) -> io::Result<Option<Claim>> {
        let identity = identity(socket.as_fd())?;
        let mut taken = taken();
        if identity.any(&taken, |there| there.overlap(sides)) {
            return Ok(None);
        }
        let there = taken.entry(identity).or_default();
        there.receive |= sides.receive;
        there.send |= sides.send;
        Ok(Some(Claim { identity, sides }))
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut taken = taken();
        if let Some(there) = taken.get_mut(&self.identity) {
            there.receive &= !self.sides.receive;
            there.send &= !self.sides.send;
            if *there == Sides::default() {
                taken.remove(&self.identity);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::UdpSocket;

    #[test]
    fn each_direction_is_taken_once_whichever_copy_is_asked_for() {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let copy = socket.try_clone().unwrap();
        let take = |socket: &UdpSocket, sides| Claim::take(socket.as_fd(), sides).unwrap();
        let (receive, send) = (Sides { receive: true, send: false }, Sides { receive: false, send: true });
        let first = take(&socket, receive).unwrap();
        assert!(take(&copy, receive).is_none() && take(&copy, Sides::BOTH).is_none());
        let second = take(&copy, send).unwrap();
        drop(first);
        assert!(take(&socket, send).is_none());
        drop(second);
        assert!(take(&socket, Sides::BOTH).is_some());
        assert!(take(&copy, Sides::BOTH).is_some());
    }
}
