//! What a port delivers.

use super::operation::Done;
use crate::queue::Ready;

/// One completion packet.
///
/// ```
/// use ringport::{CompletionPort, Packet};
///
/// let port = CompletionPort::new(0)?;
/// port.post(7, 42)?;
/// match port.wait(None)? {
///     Packet::Posted { key, value } => assert_eq!((key, value), (7, 42)),
///     other => println!("something else: {other:?}"),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum Packet {
    /// A packet of the program's own, as it was posted (`PostQueuedCompletionStatus`).
    Posted {
        /// The key it was posted with.
        key: u64,
        /// The value it was posted with.
        value: u64,
    },
    /// A completion queue has results: the exclusive right to drain it.
    Ready(Ready),
    /// An operation on a file or a socket is done: well or not, [`Done::result`] tells.
    Operation(Done),
}

/// Where [`CompletionPort::wait_many`](super::CompletionPort::wait_many) puts packets: room for a stated number,
/// allocated once.
///
/// ```
/// use ringport::{CompletionPort, Packets};
///
/// let port = CompletionPort::new(0)?;
/// (0..5).try_for_each(|value| port.post(1, value))?;
/// let mut packets = Packets::with_capacity(3);
/// assert_eq!(port.wait_many(&mut packets, None)?, 3);
/// assert_eq!(packets.drain().count(), 3);
/// assert_eq!(port.wait_many(&mut packets, None)?, 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Packets {
    entries: Vec<Packet>,
    most: usize,
}

impl Packets {
    /// Makes room for `most` packets; at least one.
    pub fn with_capacity(most: usize) -> Packets {
        let most = most.max(1);
        Packets { entries: Vec::with_capacity(most), most }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Takes all of them out, oldest first.
    pub fn drain(&mut self) -> impl Iterator<Item = Packet> + '_ {
        self.entries.drain(..)
    }

    pub(super) fn room(&self) -> usize {
        self.most.saturating_sub(self.entries.len())
    }

    pub(super) fn push(&mut self, packet: Packet) {
        self.entries.push(packet);
    }
}
