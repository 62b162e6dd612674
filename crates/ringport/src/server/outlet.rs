//! What becomes of a datagram's slice: the one thing that designs do differently under a handler.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::error::SendError;
use super::shared::Shared;
use crate::memory::{BufferMut, Home};
use crate::port::CompletionPort;

/// Where a handled datagram goes. Each slice that was handed to a handler comes back by exactly one of
/// `reply`, `replace` and [`Home::give_back`].
pub(super) trait Outlet: Home {
    /// Sends the filled part of the slice to `peer`, from `source` if that is given; the slice then serves
    /// for receiving again.
    fn reply(&self, buffer: BufferMut, peer: SocketAddr, source: Option<IpAddr>);

    /// The handler keeps the slice: another one must serve.
    fn replace(&self);

    /// Sends a copy of the bytes.
    fn send_copy(&self, peer: SocketAddr, bytes: &[u8]) -> Result<(), SendError>;

    /// The port that the thread waits on, in the designs that have one.
    fn port(&self) -> Option<&CompletionPort> {
        None
    }

    /// Where it stands.
    fn site(&self) -> &Site;
}

/// A server thread's place in its server.
#[derive(Clone, Debug)]
pub(super) struct Site {
    pub(super) shared: Arc<Shared>,
    pub(super) thread: usize,
    /// The address its socket is bound to.
    pub(super) local: SocketAddr,
    /// The kernel tells the local address of each datagram.
    pub(super) tells_local: bool,
}
