//! Requests that were accepted and have not completed.

use std::net::SocketAddr;

use super::Payload;
use crate::memory::{BufferMut, BufferPool};
use crate::net::ControlBuffer;

/// A posted receive: 24 bytes, since a server may have many thousands of them.
#[derive(Debug)]
pub(crate) struct ReceiveRequest {
    /// Unique by type, since the kernel writes into it. `None`: see `source`.
    pub(crate) slice: Option<BufferMut>,
    pub(crate) token: u64,
    /// Peer address and control data are wanted.
    pub(crate) addresses: bool,
    pub(crate) notifies: bool,
    /// Of a stream: complete only when all of it is full.
    pub(crate) wait_all: bool,
    pub(crate) source: Source,
}

/// Where the memory of a receive comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// It was posted with it: a slice, or without one the next chain in
    /// [`ReceiveSide::chains`](super::ReceiveSide::chains).
    Posted,
    /// A slice of the side's pool, once there are bytes for it.
    Pool,
    /// It needs none: an accept.
    Nothing,
}

/// What a request of the send side does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outward {
    Data,
    /// Connects to the request's peer.
    Connect,
    /// Ends the direction.
    Finish,
}

/// A send that is not on the wire yet.
#[derive(Debug)]
pub(crate) struct SendRequest {
    pub(crate) payload: Payload,
    pub(crate) token: u64,
    pub(crate) peer: Option<SocketAddr>,
    /// Where its control data lies in [`SendSide::controls`](super::SendSide::controls).
    pub(crate) control: Option<u32>,
    /// Bytes of each datagram in it but the last; 0 when it is one datagram, whatever its length.
    pub(crate) segment: u16,
    pub(crate) notifies: bool,
    pub(crate) what: Outward,
    /// A pending error of the socket was taken for this send once already.
    pub(crate) retried: bool,
}

/// A receive that waits for a slice of its pool: accepted, charged, and posted when one comes back.
#[derive(Debug)]
pub(crate) struct PoolWait {
    pub(crate) pool: BufferPool,
    pub(crate) token: u64,
    pub(crate) addresses: bool,
    pub(crate) notifies: bool,
}

/// Control data of sends, kept beside them so that the usual send without any stays small.
#[derive(Debug, Default)]
pub(crate) struct Controls {
    entries: Vec<ControlBuffer>,
    free: Vec<u32>,
}

impl Controls {
    /// Keeps a copy; allocates only until as many were kept at once as ever will be.
    pub(crate) fn keep(&mut self, control: &ControlBuffer) -> u32 {
        if let Some(index) = self.free.pop() {
            if let Some(entry) = self.entries.get_mut(index as usize) {
                entry.clone_from(control);
            }
            return index;
        }
        self.entries.push(control.clone());
        self.free.reserve(self.entries.len());
        (self.entries.len() - 1) as u32
    }

    /// The control data kept under `index`.
    pub(crate) fn get(&self, index: u32) -> Option<&ControlBuffer> {
        self.entries.get(index as usize)
    }

    /// Gives the place back.
    pub(crate) fn release(&mut self, index: u32) {
        self.free.push(index);
    }
}
