//! How much of everything there may be, so that the memory is known before the first connection.
//!
//! | a connection | at most | bytes each |
//! | --- | --- | --- |
//! | slices with what it sent | [`INPUT_SLICES`] | [`LONGEST_HEAD`] |
//! | slices on their way to it | [`SENDS`] | [`BODY_SLICE`], or [`LONGEST_ANSWER`] for a head |
//!
//! An idle connection holds none of them. The pools grow by regions up to what all connections may hold together, so
//! a connection never waits for a slice that another one keeps.

use std::time::Duration;

use ringport::memory::MemoryError;
use ringport::{BufferPool, Limits};

use crate::http::answer::LONGEST_ANSWER;
use crate::http::framing::LONGEST_HEAD;

/// Receives that are posted while a connection waits for a request. With two, one is left when the other completes,
/// and the thread that receives need not be woken for each.
pub(crate) const RECEIVES: u32 = 2;
/// Slices of input that a connection may hold, receives posted included. A peer that sends more is not read from.
pub(crate) const INPUT_SLICES: usize = 3;
/// Slices on their way to a peer. One that does not read holds these and no more.
pub(crate) const SENDS: u32 = 8;
/// Bytes of a file that are read and sent at a time.
pub(crate) const BODY_SLICE: usize = 16 << 10;
/// Accepts that are posted at a time.
pub(crate) const ACCEPTS: u32 = 16;
/// The most connections that the pools have regions for.
pub(crate) const MOST_CONNECTIONS: u32 = 8000;
/// Slices by which a pool grows.
const REGION: usize = 64;

/// The limits of a connection's request queue: the half-close counts as a send.
pub(crate) const OF_A_CONNECTION: Limits =
    Limits { receives: RECEIVES, receive_buffers: 1, sends: SENDS + 1, send_buffers: 1 };

/// Places that a connection needs in a completion queue.
pub(crate) const PLACES: u32 = RECEIVES + SENDS + 1;

/// How long a peer may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    /// To send the head of a request, from its first byte on, or from the start of the connection.
    pub(crate) head: Duration,
    /// To begin the next one.
    pub(crate) idle: Duration,
    /// To take one more slice.
    pub(crate) stall: Duration,
    /// To finish when the server stops.
    pub(crate) drain: Duration,
}

/// How long a connection is read from, and what comes is dropped, after its last answer: a close with bytes unread
/// would be a reset, which can take the answer away from the peer.
pub(crate) const LINGER: Duration = Duration::from_secs(2);

/// The registered memory.
#[derive(Debug)]
pub(crate) struct Memory {
    pub(crate) input: BufferPool,
    pub(crate) heads: BufferPool,
    pub(crate) bodies: BufferPool,
}

impl Memory {
    /// Pools for so many connections.
    pub(crate) fn for_connections(connections: u32) -> Result<Memory, MemoryError> {
        let connections = connections as usize;
        Ok(Memory {
            input: pool(LONGEST_HEAD, connections * INPUT_SLICES)?,
            heads: pool(LONGEST_ANSWER, connections * SENDS as usize)?,
            bodies: pool(BODY_SLICE, connections * SENDS as usize)?,
        })
    }
}

fn pool(slice_size: usize, slices: usize) -> Result<BufferPool, MemoryError> {
    let regions = slices.div_ceil(REGION).max(1);
    BufferPool::builder()
        .slice_size(slice_size)
        .slices_per_region(REGION)
        .regions(1..=regions)
        .control(0)
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_connections_have_their_memory() {
        let memory = Memory::for_connections(MOST_CONNECTIONS).unwrap();
        assert_eq!(memory.bodies.free(), REGION, "it grows when it must");
    }

    #[test]
    fn a_slice_holds_the_longest_head() {
        let memory = Memory::for_connections(1).unwrap();
        assert!(memory.input.take().unwrap().capacity() >= LONGEST_HEAD);
    }
}
