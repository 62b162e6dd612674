//! What becomes of a datagram's slice: the one thing that designs do differently under a handler.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::error::SendError;
use super::shared::Shared;
use super::sockets::Place;
use crate::memory::{Buffer, BufferMut, Cut, PoolExhausted};
use crate::port::CompletionPort;

/// Where handled datagrams go. Each slice that was received into comes back once: by `give_back`, by `replace` if a
/// handler keeps it, or in replies.
pub(super) trait Outlet {
    /// The datagrams of a slice are dealt with: it serves for receiving again.
    fn give_back(&self, buffer: BufferMut);

    /// Handlers keep parts of a slice: another one must serve.
    fn replace(&self);

    /// Sends what handlers answered.
    fn reply(&self, reply: Reply);

    /// Sends a copy of the bytes.
    fn send_copy(&self, peer: SocketAddr, bytes: &[u8]) -> Result<(), SendError>;

    /// An empty slice for a datagram, beside those that are received into.
    fn take(&self) -> Result<BufferMut, PoolExhausted>;

    /// The port that the thread waits on, in the designs that have one.
    fn port(&self) -> Option<&CompletionPort> {
        None
    }

    /// Where it stands.
    fn site(&self) -> &Site;
}

/// Datagrams for one peer that follow each other in memory.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) answer: Answer,
    pub(super) cut: Cut,
    pub(super) peer: SocketAddr,
    /// The address to leave from, if not any.
    pub(super) source: Option<IpAddr>,
}

/// The memory of a reply, which also says where it goes afterwards.
#[derive(Debug)]
pub(super) enum Answer {
    /// A slice that was received into: it serves for receiving again.
    Whole(BufferMut),
    /// A share of one: with the last share the slice serves for receiving again.
    Part(Buffer),
    /// A slice taken for it.
    Copy(BufferMut),
}

impl Answer {
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Answer::Whole(buffer) | Answer::Copy(buffer) => buffer,
            Answer::Part(buffer) => buffer,
        }
    }

    /// It is not needed any more: gives the slice that serves for receiving again, if it does.
    pub(super) fn into_slice(self) -> Option<BufferMut> {
        match self {
            Answer::Whole(buffer) => Some(buffer),
            Answer::Part(buffer) => buffer.into_last(),
            Answer::Copy(_) => None,
        }
    }
}

/// A server thread's place in its server, at one of its sockets.
#[derive(Clone, Debug)]
pub(super) struct Site {
    pub(super) shared: Arc<Shared>,
    pub(super) thread: usize,
    /// The socket.
    pub(super) place: Place,
    /// The kernel hands over runs of datagrams.
    pub(super) offload: bool,
    /// What is sent leaves whole or not at all, so one of several datagrams may be too large.
    pub(super) whole: bool,
    /// The longest datagram; more is cut off.
    pub(super) longest: u32,
}

impl Site {
    /// The same thread at another socket.
    pub(super) fn at(&self, place: Place) -> Site {
        Site { place, ..self.clone() }
    }
}
